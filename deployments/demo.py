"""``hybridrec demo``: from nothing to one answer, on the embedded data."""

import json
import shutil
from pathlib import Path

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from deployments import ports
from deployments.local import LocalGraph
from deployments.train import train_bundle
from deployments.up import Wanted, serve
from hybridrec.datasets.synthetic import WorldConfig, make_world
from hybridrec.errors import ArtifactError, StageUnavailable
from hybridrec.hybrid import HybridModel
from hybridrec.persistence.bundle import open_bundle
from hybridrec.persistence.knowledge import load_knowledge
from hybridrec.schema.answers import RecommendedItem, RecommendResponse
from hybridrec.schema.names import SOURCES

HOST = "127.0.0.1"
SEED = 0
K = 5
ROUTE = "/v1/recommendations"


def run(folder: Path, port: int, console: Console, *, is_verbose: bool = False) -> None:
    """Trains unless that was done before, serves, shows one answer and stays.

    Args:
        folder: where data and bundle are kept.
        port: where to listen.
        console: where to show.
        is_verbose: whether to show the logs of the replicas.
    """
    ports.claim(HOST, port)  # before the training: nobody likes to wait for a refusal
    bundle = folder / "bundle"
    if is_valid(bundle):
        console.print(f"Serving {bundle}, trained before.", highlight=False)
    else:
        train(folder, console)
    users = load_knowledge(open_bundle(bundle)).users.ids
    body = json.dumps({"user_id": users[0], "k": K})
    wanted = Wanted(None, bundle, HOST, port, is_verbose=is_verbose)
    serve(wanted, console, lambda graph: show(graph, body, console))


def is_valid(bundle: Path) -> bool:
    """Whether a bundle is there that this release can serve."""
    try:
        HybridModel.load(bundle)
    except ArtifactError:
        return False
    return True


def train(folder: Path, console: Console) -> None:
    """Makes data and bundle, after removing what an interrupted attempt left."""
    for remains in (folder / "data", folder / "bundle", *folder.glob(".bundle-*")):
        shutil.rmtree(remains, ignore_errors=True)
    config = WorldConfig()
    console.print(f"Making {config.n_users} users listen to {config.n_tracks} tracks …")
    make_world(config, np.random.default_rng(SEED)).save(folder / "data")
    train_bundle(folder / "data", folder / "bundle", SEED)


def show(graph: LocalGraph, body: str, console: Console) -> None:
    """One real request with its answer, and how to repeat it.

    Raises:
        StageUnavailable: the answer is an error.
    """
    reply = graph.client.post(ROUTE, body.encode())
    if not reply.is_ok:
        raise StageUnavailable("graph", f"answered {reply.status}: {reply.detail}")
    answer = RecommendResponse.model_validate_json(reply.body)
    console.print(table_of(answer))
    console.print("Ask again:")
    console.print(
        f"  curl -s {graph.url}{ROUTE} -H 'content-type: application/json' -d '{body}'",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    console.print(f"Serving at {graph.url}; Ctrl-C ends it.", highlight=False)


def table_of(answer: RecommendResponse) -> Table:
    """The answer for people: numbers first, so that long reasons have room on a narrow screen."""
    degraded = f", without {', '.join(answer.degraded)}" if answer.degraded else ""
    table = Table(
        title=f"For {answer.metadata.user_id}, by bundle {answer.bundle_version}{degraded}",
        title_justify="left",
        box=SIMPLE_HEAD,
        pad_edge=False,
    )
    for name in ("#", "score", "confidence", *SOURCES):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("title, artist and reason")
    for item in answer.items:
        table.add_row(*_row(item))
    return table


def _row(item: RecommendedItem) -> list[Text | str]:
    shares = [item.sources[name].weight if name in item.sources else None for name in SOURCES]
    track = Text(" · ".join(name for name in (item.title, item.artist) if name), style="bold")
    if item.explanation:
        track.append(f"\n{item.explanation}", style="not bold")
    return [
        str(item.rank),
        "" if item.score is None else f"{item.score:.3f}",
        f"{item.confidence:.2f}",
        *("" if share is None else f"{share:.0%}" for share in shares),
        track,
    ]
