"""The benchmark of quality: one run on a tiny world, looked at from all sides."""

import json
from dataclasses import replace
from io import StringIO

import numpy as np
import polars as pl
import pytest
from rich.console import Console

from benchmarks.baselines.ease import EASE
from benchmarks.baselines.popularity import Popularity
from benchmarks.baselines.tf_idf import TfIdf
from benchmarks.quality.exam import Exam
from benchmarks.quality.figures import QualityReport
from benchmarks.quality.oracle import ORACLE, oracle_of
from benchmarks.quality.resources import measured
from benchmarks.quality.run import Plan, run
from benchmarks.quality.tables import tables_of
from benchmarks.quality.tuning import tune, validation_exam
from hybridrec.datasets.synthetic import World, WorldConfig, make_world
from hybridrec.datasets.table import Dataset
from hybridrec.evaluation.protocol import ProtocolConfig, draw_protocol
from hybridrec.schema.tables import INTERACTIONS
from hybridrec.training.config import (
    AudioConfig,
    FusionConfig,
    NMFConfig,
    TrainConfig,
    TwoTowerConfig,
)
from hybridrec.vocabulary import Vocabulary
from tests.unit.evaluation.test_splits import generator, pairs_of

SHELF = {
    "popularity": (Popularity(),),
    "ease": (EASE(regularization=5), EASE(regularization=50)),
    "tf_idf": (TfIdf(),),
}
QUICK = TrainConfig(
    nmf=NMFConfig(n_factors=8, n_sweeps=2),
    two_tower=TwoTowerConfig(embedding_size=8, hidden_size=8, n_epochs=1),
    audio=AudioConfig(n_name_rows=64, hidden_size=8, max_epochs=1),
    fusion=FusionConfig(hidden_size=4, n_epochs=1, n_reference_items=16),
)
PLAN = Plan(seed=1, threads=1, training=QUICK, shelf=SHELF)


@pytest.fixture(scope="module")
def made_up() -> World:
    return make_world(WorldConfig(n_users=150, n_tracks=200), generator())


@pytest.fixture(scope="module")
def world(made_up: World) -> Dataset:
    return made_up.dataset


@pytest.fixture(scope="module")
def undated(world: Dataset) -> Dataset:
    nothing = pl.lit(None, INTERACTIONS["timestamp"]).alias("timestamp")
    return replace(world, interactions=world.interactions.with_columns(nothing))


@pytest.fixture(scope="module")
def report(world: Dataset, made_up: World) -> QualityReport:
    """Of a dated world: two protocols, and a training for each."""
    return run("a tiny world", world, PLAN, lambda _what: None, made_up.truth)


@pytest.fixture(scope="module")
def exam(world: Dataset) -> Exam:
    protocol = draw_protocol(world.tracks, world.interactions, ProtocolConfig(), generator())
    return Exam.of(protocol)


def test_later_plays_are_asked_for_where_anything_is_dated(
    world: Dataset, undated: Dataset
) -> None:
    names = [[one.name for one in part.slices] for part in PLAN.protocols(world)]

    assert names == [["warm", "new_user", "new_track"], ["temporal"]]
    assert len(PLAN.protocols(undated)) == 1
    at_once = pl.lit(world.interactions["timestamp"].min()).alias("timestamp")
    one_moment = replace(world, interactions=world.interactions.with_columns(at_once))
    assert len(PLAN.protocols(one_moment)) == 1


def test_options_are_chosen_on_plays_that_stand_in_no_part_of_the_exam(exam: Exam) -> None:
    validation = validation_exam(exam, 0)

    assert pairs_of(validation.protocol.train) < pairs_of(exam.protocol.train)
    for one in validation.protocol.slices:
        assert set(one.test.iter_rows()) <= pairs_of(exam.protocol.train)
    unseen = set(exam.protocol["new_track"].candidates or ())
    assert not unseen & set(validation.protocol.tracks["track_id"])


def test_the_best_options_are_chosen_and_all_that_was_tried_is_kept(exam: Exam) -> None:
    chosen, trials = tune((EASE(regularization=1e9), EASE(regularization=20)), exam, 1, 0)

    assert [trial.options["regularization"] for trial in trials] == [1e9, 20.0]
    assert chosen.model_dump() == max(trials, key=lambda trial: trial.mean).options
    assert trials[0].ndcg_at_10.keys() == {"warm", "new_user"}


def test_work_is_measured_in_seconds_and_memory() -> None:
    result, cost = measured(lambda: np.ones(30_000_000).sum())

    assert result == 30_000_000
    assert cost.seconds > 0
    assert cost.memory_mib >= 0


@pytest.mark.slow
def test_every_slice_judges_whoever_can_answer(report: QualityReport) -> None:
    rows = {name: set(result.rows) for name, result in report.slices.items()}

    assert set(rows) == {"warm", "new_user", "new_track", "temporal"}
    always = {"hybrid", "cf", "content", "weighted_sum", "without_nmf_scorer", "tf_idf"}
    assert all(always <= found for found in rows.values())
    assert {"popularity", "ease", "without_session", "oracle"} <= (
        rows["warm"] & rows["new_user"] & rows["temporal"]
    )
    assert not {"popularity", "ease"} & rows["new_track"]
    assert {"hybrid_described", "without_audio_predictor"} <= rows["new_track"] - rows["warm"]


@pytest.mark.slow
def test_figures_lie_in_their_intervals_and_differences_are_those_of_the_means(
    report: QualityReport,
) -> None:
    for result in report.slices.values():
        for row in result.rows.values():
            ours = row.measures["ndcg_at_10"]
            theirs = result.rows[row.reference].measures["ndcg_at_10"]
            assert ours is not None
            assert theirs is not None
            assert 0 <= ours.low <= ours.mean <= ours.high <= 1
            apart = row.differences.get("ndcg_at_10")
            if row is result.rows["hybrid"]:
                assert apart is None
            else:
                assert apart is not None
                assert apart.mean == pytest.approx(theirs.mean - ours.mean)


def test_the_oracle_ranks_by_the_chance_to_play_and_shows_nothing_that_was_played(
    made_up: World, exam: Exam
) -> None:
    lists = oracle_of(exam, made_up.truth).lists["warm"]

    users = Vocabulary(made_up.truth.user_ids).rows(exam.asked["warm"].user_ids)
    chances = np.take_along_axis(made_up.truth.play_probability(users), lists, axis=1)
    assert (np.diff(chances[:, :50], axis=1) <= 0).all()
    for shown, known in zip(lists, exam.histories["warm"], strict=True):
        assert not np.isin(shown, known.indices).any()


@pytest.mark.slow
def test_nobody_is_above_the_oracle(report: QualityReport) -> None:
    for result in report.slices.values():
        best, figure = next(iter(result.rows.items()))
        assert (best, figure.kind) == (ORACLE, "oracle")


@pytest.mark.slow
def test_what_is_lost_is_held_against_the_same_questions(report: QualityReport) -> None:
    rows = report.slices["new_track"].rows

    assert rows["without_audio_predictor"].reference == "hybrid_described"
    assert rows["hybrid_described"].reference == "hybrid"
    assert rows["content"].reference == "hybrid"


@pytest.mark.slow
def test_options_trials_and_costs_are_told(report: QualityReport) -> None:
    assert len(report.tuning["ease"].trials) == 2
    assert report.tuning["ease"].chosen in [trial.options for trial in report.tuning["ease"].trials]
    assert set(report.costs) == {"hybrid", *SHELF}
    assert report.costs["hybrid"].seconds > 0
    assert {one.listeners for one in report.calibration} >= {"all", "known", "new"}


@pytest.mark.slow
def test_the_document_is_json_and_the_tables_show_every_entrant(report: QualityReport) -> None:
    out = StringIO()
    console = Console(width=300, file=out)

    assert QualityReport.model_validate_json(json.dumps(report.model_dump())) == report
    for table in tables_of(report):
        console.print(table)
    text = out.getvalue()
    for name in report.slices["warm"].rows:
        assert (name.upper() if name in SHELF else name) in text
