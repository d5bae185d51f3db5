"""``hybridrec evaluate``: judges a bundle by later plays, or all of training by the protocol."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import numpy as np
import polars as pl
import typer

from deployments.asides import tell
from deployments.assessments import assessed, show, show_slices, tell_misses, tell_strangers
from deployments.lists import rank, read_candidates, read_history
from deployments.model_commands import CandidatesPath, Fusion, HistoryPath
from deployments.outputs import check_file, replacing
from deployments.paths import file_option, folder_option
from deployments.probe import check_survivable
from deployments.train import trained, training_options, training_tables
from hybridrec.assessment.assessment import questions_of
from hybridrec.assessment.by_protocol import ByPopularity, OfSlice, assess_ways, protocols_of
from hybridrec.assessment.lists import LIST_LENGTH
from hybridrec.assessment.ways import HYBRID, Alone, AsServed
from hybridrec.config import MAX_SEED
from hybridrec.datasets.table import Dataset, check_times, read_interactions, source_of
from hybridrec.errors import InvalidConfig, InvalidData
from hybridrec.evaluation.protocol import ProtocolConfig, SliceName
from hybridrec.evaluation.ranking import evaluate_table
from hybridrec.hybrid import HybridModel
from hybridrec.persistence.bundle import open_bundle
from hybridrec.schema.names import META_LEARNING, FusionName

app = typer.Typer()
_DRAWS = 3
"""Parts the draws of the intervals from those of the questions."""


@app.command()
def evaluate(  # noqa: PLR0913  options of a command
    *,
    json_: Annotated[Path, file_option("File for the figures.", "--json")],
    bundle: Annotated[Path | None, folder_option("Folder of the bundle.")] = None,
    test: Annotated[
        Path | None, file_option("What users went on to play (user_id, track_id).")
    ] = None,
    history: HistoryPath = None,
    candidates: CandidatesPath = None,
    data: Annotated[
        Path | None,
        folder_option("Tables to draw questions from and train on; with no bundle and no test."),
    ] = None,
    config: Annotated[
        Path | None, file_option("With --data: TOML file of hyperparameters.")
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(min=0, max=MAX_SEED, help="With --data: of questions and training; else 0."),
    ] = None,
    fusion: Fusion = META_LEARNING,
) -> None:
    """Judge a bundle by held-out plays: NDCG@10, Recall@20, MRR of the full ranking, and more.

    Figures are of all users of the test, of each kind of listener and of each kind of track, with
    95 % intervals; the JSON has every measure.

    Only plays count: a skip is nothing that a recommender should have found. Lists leave out what
    was played before, so bring new tracks alone: replays count as misses.

    With --data in place of --bundle and --test it judges what training comes to: plays of warm
    users, of new users, of new tracks and, where dated, of later are held out, a model is trained
    on the rest, and the hybrid, its two scorers and popularity are asked the same questions.
    """
    check_file("--json", json_)
    if data is not None:
        told = {"bundle": bundle, "test": test, "history": history, "candidates": candidates}
        for name, path in told.items():
            if path is not None:
                raise InvalidConfig(f"--{name}", "does not go with --data, which trains by itself")
        figures = _by_protocol(data, config, seed or 0, fusion)
    else:
        if bundle is None or test is None:
            raise InvalidConfig("evaluate", "needs --bundle and --test, or --data in their place")
        for name, option in {"config": config, "seed": seed}.items():
            if option is not None:
                raise InvalidConfig(f"--{name}", "goes with --data: a bundle is trained already")
        figures = _of_bundle(bundle, test, history, candidates, fusion)
    with replacing("--json", json_) as partial:
        partial.write_text(json.dumps(figures, indent=2) + "\n")


def _of_bundle(
    bundle: Path, test: Path, history: Path | None, candidates: Path | None, fusion: FusionName
) -> dict[str, object]:
    """Figures of a bundle, as they stand in JSON; they are shown too."""
    check_survivable(test, history, candidates)
    tested = read_interactions(test)
    check_times(tested, source_of(test), datetime.now(UTC))
    held_out = tested.filter(pl.col("plays") > 0)
    if held_out.is_empty():
        raise InvalidData(str(test), "column 'plays': nothing was played; bring later plays")
    model = replace(HybridModel.load(bundle), fusion=fusion)
    plays, rows = read_history(history, model), read_candidates(candidates, model)
    asked = questions_of(model.knowledge, plays, held_out, rows)
    tell_strangers(asked, model)
    tell_misses(asked)
    ranked = rank(model, asked.user_ids, LIST_LENGTH, plays, rows)
    found = assessed(ranked, asked, model)
    figures: dict[str, float | str] = {
        "bundle_version": open_bundle(bundle).version,
        "fusion": fusion,
        "list_length": LIST_LENGTH,
        **evaluate_table(ranked, held_out).mean().as_dict(),
    }
    show(figures, found)
    return figures | found.model_dump()


def _by_protocol(
    data: Path, config: Path | None, seed: int, fusion: FusionName
) -> dict[str, object]:
    """Figures of trainings on a part of the tables, as they stand in JSON; they are shown too."""
    options, protocol, dataset = training_options(config), ProtocolConfig(), training_tables(data)
    alone = Alone("cf", "cf"), Alone("content", "content"), ByPopularity()
    rng = np.random.default_rng([seed, _DRAWS])
    slices: dict[SliceName, OfSlice] = {}
    for part in protocols_of(dataset, protocol, seed, tell):
        model = trained(Dataset(part.tracks, part.train), options, seed)
        slices |= assess_ways(model, part, (AsServed(HYBRID, fusion), *alone), rng)
    show_slices(slices)
    return {
        "seed": seed,
        "fusion": fusion,
        "list_length": LIST_LENGTH,
        "protocol": protocol.model_dump(),
        "slices": {name: one.model_dump() for name, one in slices.items()},
    }
