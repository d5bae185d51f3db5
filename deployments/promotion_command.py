"""``hybridrec promote``: judges whether a bundle may take the place of another, and no more."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import numpy as np
import polars as pl
import typer
from pydantic import ValidationError

from deployments.lists import rank
from deployments.model_commands import Fusion
from deployments.outputs import check_file, replacing
from deployments.paths import file_option, folder_argument, folder_option
from deployments.probe import check_survivable
from deployments.promotions import show, tell_left_out, tell_misses, tell_refusals
from hybridrec.assessment.comparison import LIST_LENGTH, Rivals
from hybridrec.assessment.lists import rows_of_table
from hybridrec.assessment.pairing import Pairing, pair
from hybridrec.assessment.promotion import Bounds, Promotion, decide
from hybridrec.config import first_problem
from hybridrec.datasets.table import (
    INTERACTIONS_FILE,
    check_times,
    read_interactions,
    source_of,
)
from hybridrec.errors import ArtifactError, InvalidConfig, InvalidData
from hybridrec.hybrid import HybridModel
from hybridrec.schema.names import META_LEARNING

SEED = 0
"""Of halves of undated plays and of intervals: the same plays give the same verdict."""
_REFUSED = 1
_DEFAULTS = Bounds()

app = typer.Typer()


@app.command()
def promote(  # noqa: PLR0913  options of a command
    candidate: Annotated[Path, folder_argument("Folder of the bundle to be promoted.")],
    *,
    over: Annotated[Path, folder_option("Folder of the bundle that serves now.")],
    data: Annotated[
        Path,
        folder_option(f"Folder with {INTERACTIONS_FILE}: plays that both were trained without."),
    ],
    json_: Annotated[Path | None, file_option("File for all figures.", "--json")] = None,
    margin: Annotated[
        float, typer.Option(help="NDCG@10 that may be lost, overall and in each slice.")
    ] = _DEFAULTS.margin,
    must_prove: Annotated[
        bool,
        typer.Option(
            "--must-prove", help="Refuse also what is not shown to lose less than the margin."
        ),
    ] = _DEFAULTS.must_prove,
    min_users: Annotated[
        int, typer.Option(help="Slices of fewer listeners are told, but refuse nobody.")
    ] = _DEFAULTS.min_users,
    max_lift_rise: Annotated[
        float, typer.Option(help="By how much the popularity lift may rise.")
    ] = _DEFAULTS.max_lift_rise,
    max_gini_rise: Annotated[
        float, typer.Option(help="By how much the Gini coefficient of artists may rise.")
    ] = _DEFAULTS.max_gini_rise,
    fusion: Fusion = META_LEARNING,
) -> None:
    """Judge whether a bundle may take the place of another: not worse overall, nor in any slice.

    Exit code 0 if it may, 1 if not, 2 if nothing can be said. Nothing is copied or served.

    A slice refuses where the 95 % interval of the paired differences of NDCG@10 lies wholly
    beyond the margin. Slices are kinds of listener and track, as the current bundle knows them.
    """
    bounds = _bounds(
        margin=margin,
        must_prove=must_prove,
        min_users=min_users,
        max_lift_rise=max_lift_rise,
        max_gini_rise=max_gini_rise,
    )
    if json_ is not None:
        check_file("--json", json_)
    plays = _read(data / INTERACTIONS_FILE)
    current, rival = (replace(_load(path), fusion=fusion) for path in (over, candidate))
    rng = np.random.default_rng(SEED)
    source = str(data / INTERACTIONS_FILE)
    pairing = pair(current.knowledge, rival.knowledge, plays, source, rng)
    tell_left_out(pairing)
    tell_misses(pairing, current.knowledge.catalog.tracks, rival.knowledge.catalog.tracks)
    _refuse_few(pairing, bounds, source)
    found = decide(_asked(pairing, current, rival), bounds, rng)
    versions = {"candidate": rival.knowledge.version, "current": current.knowledge.version}
    if json_ is not None:
        _write(json_, found, pairing, {**versions, "fusion": fusion, "bounds": bounds.model_dump()})
    show(found)
    tell_refusals(found)
    if not found.is_promoted:
        raise typer.Exit(_REFUSED)
    typer.echo("promoted: bundle {candidate} may take the place of {current}".format(**versions))


def _bounds(**options: float) -> Bounds:
    try:
        return Bounds.model_validate(options)
    except ValidationError as error:
        name, _, problem = first_problem(error).partition(" ")
        raise InvalidConfig(f"--{name.replace('_', '-')}", problem) from error


def _read(path: Path) -> pl.DataFrame:
    check_survivable(path)
    plays = read_interactions(path)
    check_times(plays, source_of(path), datetime.now(UTC))
    return plays


def _load(path: Path) -> HybridModel:
    try:
        return HybridModel.load(path)
    except ArtifactError as error:  # which of both bundles it is
        raise ArtifactError(str(path / error.file), error.reason) from error


def _refuse_few(pairing: Pairing, bounds: Bounds, source: str) -> None:
    n_users = len(pairing.asked.user_ids)
    if n_users < bounds.min_users:
        raise InvalidData(
            source,
            f"{n_users:,} listeners have anything to be found, and fewer than {bounds.min_users:,}"
            " say nothing; bring more later plays, or lower --min-users",
        )


def _asked(pairing: Pairing, current: HybridModel, candidate: HybridModel) -> Rivals:
    user_ids, tracks = pairing.asked.user_ids, pairing.catalog.tracks
    lists = [
        rows_of_table(rank(model, user_ids, LIST_LENGTH, told, None), user_ids, tracks)
        for model, told in (
            (current, pairing.told_current),
            (candidate, pairing.told_candidate),
        )
    ]
    return Rivals(pairing, (lists[0], lists[1]), current.knowledge.users)


def _write(path: Path, found: Promotion, pairing: Pairing, options: dict[str, object]) -> None:
    figures = {
        "is_promoted": found.is_promoted,
        **options,
        "n_users": len(pairing.asked.user_ids),
        "n_pairs": len(pairing.asked.relevant_rows),
        "n_replays": pairing.n_replays,
        "n_in_neither": pairing.n_in_neither,
        **found.model_dump(),
    }
    with replacing("--json", path) as partial:
        partial.write_text(json.dumps(figures, indent=2) + "\n")
