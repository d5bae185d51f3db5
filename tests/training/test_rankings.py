from dataclasses import replace

import numpy as np
import pytest

from hybridrec.catalog import Catalog
from hybridrec.evaluation.card import Quality
from hybridrec.evaluation.judgement import Judge
from hybridrec.schema.names import Floats
from hybridrec.testing import FakeScorer, one_query, query_batch, tiny_tracks
from hybridrec.training.examples import StackBatch
from hybridrec.training.rankings import Rankings
from hybridrec.training.shown import lists_shown

SECOND = 1 / np.log2(3)
"""NDCG of one relevant track at the second place."""


@pytest.fixture
def batch() -> StackBatch:
    """A known, a new and a thin asker that calibrate, and one that trains; three tracks each."""
    queries = query_batch([one_query([0, 1, 2]) for _ in range(4)])
    said = FakeScorer("cf", {0: 0.3, 1: 0.2, 2: 0.1}).score(queries)
    flags = np.eye(4, dtype=bool)
    return StackBatch(
        queries=queries,
        cf=said,
        content=said,
        played=np.zeros(12, bool),
        random=np.zeros(12, bool),
        pooled=np.ones(12, bool),
        surplus=np.zeros(12, bool),
        groups=np.zeros(12, np.int32),
        users=np.array([5, 6, 6, 7], np.int32),
        is_new=flags[1] | flags[2],
        asks_again=flags[2],
        calibrates=~flags[3],
    )


def rows(*tracks: int) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    return np.array(tracks, np.int32)


def of(*scores: float) -> Floats:
    return np.tile(np.array(scores, np.float32), 4)


LABELS = [rows(0), rows(1), rows(2), rows(0)]


def ndcg(found: tuple[Quality, ...]) -> dict[tuple[str, str], float]:
    return {(row.ranked_by, row.listeners): row.ndcg_at_10.mean for row in found}


def test_each_kind_of_listener_is_judged_by_itself(
    batch: StackBatch, rng: np.random.Generator
) -> None:
    rankings = Rankings()
    rankings.add(batch, LABELS, {"hybrid": of(0.3, 0.2, 0.1)})

    found = rankings.quality(["hybrid"], rng)

    assert ndcg(found) == {
        ("hybrid", "all"): pytest.approx((1 + SECOND) / 2),  # known and new, not the thin one
        ("hybrid", "known"): 1.0,
        ("hybrid", "new"): pytest.approx(SECOND),
        ("hybrid", "few_plays"): pytest.approx(0.5),  # the third place: 1 / log2(4)
    }
    assert [row.n_queries for row in found] == [2, 1, 1, 1]
    assert [row.recall_at_20.mean for row in found] == [1, 1, 1, 1]
    (of_all,) = (row.ndcg_at_10 for row in found if row.listeners == "all")
    # of two listeners every draw is one of three means
    assert [of_all.low, of_all.high] == pytest.approx([SECOND, 1])


def test_a_stranger_of_many_plays_was_counted_as_a_listener_already(
    batch: StackBatch, rng: np.random.Generator
) -> None:
    many = query_batch([one_query([0, 1, 2], history_rows=range(3, 9)) for _ in range(4)])
    rankings = Rankings()
    rankings.add(replace(batch, queries=many), LABELS, {"hybrid": of(0.3, 0.2, 0.1)})

    found = {row.listeners: row.n_queries for row in rankings.quality(["hybrid"], rng)}

    assert found == {"all": 2, "known": 1, "new": 1}


def test_a_loss_is_what_the_rest_does_less_what_the_whole_does(
    batch: StackBatch, rng: np.random.Generator
) -> None:
    rankings = Rankings()
    ways = {"hybrid": of(0.3, 0.2, 0.1), "nmf_scorer": of(0.2, 0.3, 0.1)}
    rankings.add(batch, LABELS, ways)

    found = rankings.losses(["nmf_scorer"], rng)

    changes = {row.listeners: row.ndcg_at_10.mean for row in found}
    assert changes["known"] == pytest.approx(SECOND - 1)
    assert changes["new"] == pytest.approx(1 - SECOND)
    assert changes["few_plays"] == 0


def test_a_label_that_no_pool_holds_is_a_miss(batch: StackBatch, rng: np.random.Generator) -> None:
    first = batch.queries.candidate_rows == 0
    rankings = Rankings()
    rankings.add(replace(batch, pooled=~first), LABELS, {"hybrid": of(0.3, 0.2, 0.1)})

    found = rankings.quality(["hybrid"], rng)

    assert ndcg(found)["hybrid", "known"] == 0


def test_of_listeners_that_played_nothing_more_nothing_is_said(
    batch: StackBatch, rng: np.random.Generator
) -> None:
    rankings = Rankings()
    rankings.add(batch, [rows(), rows(1), rows(), rows()], {"hybrid": of(0.3, 0.2, 0.1)})

    kinds = {row.listeners for row in rankings.quality(["hybrid"], rng)}

    assert kinds == {"all", "new"}


def test_a_gain_is_what_the_hybrid_has_over_another_query_by_query(
    batch: StackBatch, rng: np.random.Generator
) -> None:
    rankings = Rankings()
    ways = {"hybrid": of(0.3, 0.2, 0.1), "cf": of(0.2, 0.3, 0.1)}
    rankings.add(batch, LABELS, ways)

    found = rankings.gains(["cf"], rng)

    means = {one.listeners: one.ndcg_at_10.mean for one in found}
    assert means == {
        "all": pytest.approx(0),  # the known one gains what the new one loses
        "known": pytest.approx(1 - SECOND),
        "new": pytest.approx(SECOND - 1),
        "few_plays": 0,
    }
    assert {one.over for one in found} == {"cf"}
    assert [one.n_queries for one in found] == [2, 1, 1, 1]


def test_lists_of_all_with_a_history_are_told_beside_their_hits(
    batch: StackBatch, rng: np.random.Generator
) -> None:
    played = query_batch([one_query([0, 1, 2], exclude_rows=[3]) for _ in range(4)])
    rankings = Rankings()
    rankings.add(replace(batch, queries=played), LABELS, {"hybrid": of(0.3, 0.2, 0.1)})
    judge = Judge.of(Catalog.of(tiny_tracks(), np.array([8, 4, 3, 5], np.int32)), 8)

    (found,) = lists_shown(rankings, ["hybrid"], judge, rng)

    assert found.n_queries == 2
    assert found.coverage == 3 / 4
    assert found.popularity_lift is not None
    assert found.popularity_lift.mean == pytest.approx((5 - 5) / 5)
    assert found.novelty is not None
    assert found.novelty.mean == pytest.approx(-np.log2([1, 1 / 2, 3 / 8]).mean())
    # two known artists: four places of one, two of the other
    assert found.artist_gini == pytest.approx(1 / 6)


def test_lists_of_nobody_are_not_told(batch: StackBatch, rng: np.random.Generator) -> None:
    rankings = Rankings()
    nothing = [rows()] * 4
    rankings.add(batch, nothing, {"hybrid": of(0.3, 0.2, 0.1)})
    judge = Judge.of(Catalog.of(tiny_tracks(), np.ones(4, np.int32)), 8)

    assert lists_shown(rankings, ["hybrid"], judge, rng) == ()
