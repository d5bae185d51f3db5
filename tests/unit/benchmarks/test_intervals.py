"""The benchmark of intervals, on answers and truths made by hand."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from benchmarks.intervals import (
    MIN_FOR_TRUTH,
    MIN_LISTENERS,
    Answers,
    a_part,
    answers,
    by_listener,
    chances,
    everything,
    figures,
    standard_errors,
    within,
)
from hybridrec.answers.batch import batch_asks, plays_by_user
from hybridrec.assessment.lists import described_tracks
from hybridrec.datasets.synthetic import WorldConfig, make_world
from hybridrec.datasets.table import Dataset
from hybridrec.evaluation.splits import hold_out_tracks, liked_pairs
from hybridrec.hybrid import HybridModel
from hybridrec.models.groups import LISTENERS, TRACKS
from hybridrec.schema.names import Floats
from hybridrec.schema.tables import INTERACTIONS
from hybridrec.training.strangers import STRANGERS

N_USERS, N_EACH, SCORE = 2 * MIN_FOR_TRUTH, 50, 0.2


@pytest.fixture
def said(rng: np.random.Generator) -> Answers:
    """Two kinds of listener, one score, and plays that are as frequent as it says."""
    n = N_USERS * N_EACH
    users = np.repeat(np.arange(N_USERS, dtype=np.int32), N_EACH)
    scores = np.full(n, SCORE, np.float32)
    return Answers(
        users=users,
        rows=np.tile(np.arange(N_EACH, dtype=np.int32), N_USERS),
        groups=np.where(users < N_USERS // 2, 0, np.int32(len(TRACKS))).astype(np.int32),
        scores=scores,
        low=scores - np.float32(0.05),
        high=scores + np.float32(0.05),
        played=rng.random(n) < SCORE,
    )


EDGES = np.array([0.0])


def test_a_cell_is_held_where_the_mean_of_its_truth_lies_within(said: Answers) -> None:
    wide = np.where(np.arange(len(said.rows)) % 2, 0.0, 2 * SCORE).astype(np.float32)
    off = np.where(said.users < N_USERS // 2, wide, wide + np.float32(0.1))

    right, half = (figures(said, true, EDGES) for true in (wide, off))

    assert (right["cells"], right["true_mean_within"]) == (2, 1.0)
    assert half["true_mean_within"] == 0.5
    assert half["true_mean_within_by_listener"] == {LISTENERS[0]: 1.0, LISTENERS[1]: 0.0}
    assert right["single_candidates_within"] == 0.0


def test_plays_may_lie_outside_by_the_chance_of_the_draw(said: Answers) -> None:
    narrow = replace(said, low=said.scores, high=said.scores)
    none = replace(narrow, played=np.zeros(len(said.rows), bool))

    assert figures(narrow, None, EDGES)["played_within_interval_and_chance"] == 1.0
    assert figures(none, None, EDGES)["played_within_interval_and_chance"] == 0.0


def test_a_cell_of_few_listeners_is_no_group(said: Answers) -> None:
    few = said.users < MIN_LISTENERS - 1

    thin = replace(said, groups=np.where(few, 0, np.int32(len(TRACKS))).astype(np.int32))

    assert figures(thin, None, EDGES)["cells"] == 1


def test_the_truth_of_a_cell_is_told_by_many_listeners_alone(said: Answers) -> None:
    few = said.users < MIN_FOR_TRUTH - 1
    off = np.where(few, 2 * SCORE, SCORE).astype(np.float32)

    thin = replace(said, groups=np.where(few, 0, np.int32(len(TRACKS))).astype(np.int32))
    told = figures(thin, off, EDGES)

    assert (told["cells"], told["cells_for_truth"]) == (2, 1)
    assert told["true_mean_within"] == 1.0


def test_the_chance_of_who_is_asked_is_that_of_the_mean_over_listeners(
    said: Answers, rng: np.random.Generator
) -> None:
    one_cell = np.zeros(len(said.rows), np.int64)

    def drawn() -> Floats:
        levels = rng.gamma(4.0, 0.25, N_USERS)
        return (SCORE * levels[said.users]).astype(np.float32)

    means = [drawn().mean() for _ in range(2000)]

    (error,) = standard_errors(one_cell, said, drawn())

    assert error == pytest.approx(np.std(means), rel=0.3)


def test_what_is_played_is_told_by_kind_of_listener(said: Answers) -> None:
    played = said.users < N_USERS // 2

    assert by_listener(said, played) == {LISTENERS[0]: 1 / SCORE, LISTENERS[1]: 0.0}


def test_a_bound_is_within() -> None:
    ends = np.array([0.0, 0.5, 1.0])

    assert within(ends, np.full(3, 0.5), np.full(3, 1.0)) == pytest.approx(2 / 3, abs=1e-3)


def test_a_chance_is_that_of_a_track_not_kept_to_be_among_those_held_out(
    rng: np.random.Generator,
) -> None:
    world = make_world(WorldConfig(n_users=300, n_tracks=150), np.random.default_rng(3))
    split = hold_out_tracks(world.dataset.interactions, 0.2, 5, None, rng)
    users, tracks = (
        part.unique().sort().to_list()
        for part in (split.test["user_id"], world.dataset.tracks["track_id"])
    )
    is_kept = np.zeros((len(users), len(tracks)), bool)
    kept = liked_pairs(split.train).filter(pl.col("user_id").is_in(users))
    for user_id, track_id in kept.select("user_id", "track_id").iter_rows():
        is_kept[users.index(user_id), tracks.index(track_id)] = True
    asked, rows = np.nonzero(~is_kept)
    nothing = np.zeros(len(rows), np.float32)
    nobody = np.zeros(len(rows), np.int32)
    answers = Answers(
        users=asked.astype(np.int32),
        rows=rows.astype(np.int32),
        groups=nobody,
        scores=nothing,
        low=nothing,
        high=nothing,
        played=nobody > 0,
    )

    true = chances(world.truth, tracks, users, split, answers)

    n_held = len(liked_pairs(split.test))
    assert true.sum() == pytest.approx(n_held, rel=4 / np.sqrt(n_held))
    assert ((true >= 0) & (true <= 1)).all()


@pytest.mark.slow
def test_strangers_tell_a_part_in_turn_and_known_listeners_are_as_they_are(
    tiny_model: HybridModel, tiny_data: Path, rng: np.random.Generator
) -> None:
    rows, knowledge = Dataset.load(tiny_data).interactions, tiny_model.knowledge
    known = list(knowledge.users.ids[:2])
    as_strangers = rows.with_columns(user_id=pl.lit("new-") + pl.col("user_id"))
    strangers = as_strangers["user_id"].unique().sort().to_list()[: 2 * (1 + len(STRANGERS))]
    asked, history = [*known, *strangers], plays_by_user(as_strangers)

    whole, part = (
        list(of(batch_asks(asked, history, None, 10, knowledge), knowledge, rng))
        for of in (everything, a_part)
    )

    turns = [None] * len(known) + [None, *STRANGERS] * 2
    for asked_in_part, of_all, kind in zip(part, whole, turns, strict=True):
        told, everything_told = asked_in_part.asker, of_all.asker
        assert asked_in_part.exclude.tolist() == of_all.exclude.tolist()
        if kind is None:
            assert told.history.tolist() == everything_told.history.tolist()
        else:
            fewest = min(kind.fewest, len(everything_told.history))
            assert fewest <= len(told.history) <= max(kind.most, 1)


@pytest.mark.slow
def test_answers_leave_out_what_was_played_of_new_tracks_and_tell_what_is_played(
    tiny_model: HybridModel,
) -> None:
    knowledge = tiny_model.knowledge
    users, tracks = list(knowledge.users.ids[:3]), knowledge.catalog.tracks.ids

    def asked(test: pl.DataFrame, surplus: pl.DataFrame) -> Answers:
        asks = batch_asks(users, {}, None, 10, knowledge)
        (found,) = answers(tiny_model, asks, (), test, surplus)
        return found

    nothing = plays([])
    before = asked(nothing, nothing)
    of_first = before.rows[before.users == 0]
    chosen, passed = (tracks[row] for row in of_first[:2].tolist())
    found = asked(plays([(users[0], chosen)]), plays([(users[0], passed)]))

    assert not before.played.any()
    assert found.rows[found.played].tolist() == [of_first[0]]
    assert found.users[found.played].tolist() == [0]
    assert found.rows[found.users == 0].tolist() == [of_first[0], *of_first[2:]]
    assert (found.users > 0).sum() == (before.users > 0).sum()
    assert ((found.low <= found.scores) & (found.scores <= found.high)).all()


@pytest.mark.slow
def test_everyone_is_asked_of_tracks_that_no_bundle_holds(tiny_model: HybridModel) -> None:
    knowledge = tiny_model.knowledge
    users, n_held = list(knowledge.users.ids[:3]), len(knowledge.catalog)
    described = tuple(
        track.model_copy(update={"track_id": f"later-{place}"})
        for place, track in enumerate(
            described_tracks(knowledge.catalog, np.arange(4, dtype=np.int32))
        )
    )

    _, found = answers(
        tiny_model,
        batch_asks(users, {}, None, 10, knowledge),
        described,
        plays([(users[1], "later-2")]),
        plays([(users[2], "later-3")]),
    )

    asked = sorted(zip(found.users.tolist(), (found.rows - n_held).tolist(), strict=True))
    everything = [(user, place) for user in range(3) for place in range(4)]
    assert asked == [pair for pair in everything if pair != (2, 3)]
    assert {TRACKS[group] for group in (found.groups % len(TRACKS)).tolist()} == {"new"}
    assert (found.users[found.played].tolist(), found.rows[found.played].tolist()) == (
        [1],
        [n_held + 2],
    )


def plays(pairs: list[tuple[str, str]]) -> pl.DataFrame:
    """A canonical table of one play each."""
    return pl.DataFrame(
        {name: [row[place] for row in pairs] for place, name in enumerate(("user_id", "track_id"))}
        | {"plays": [1.0] * len(pairs)},
        schema=dict.fromkeys(("user_id", "track_id"), pl.String) | {"plays": pl.Float64},
    ).select(
        pl.col(name) if name in ("user_id", "track_id", "plays") else pl.lit(None, kind).alias(name)
        for name, kind in INTERACTIONS.items()
    )
