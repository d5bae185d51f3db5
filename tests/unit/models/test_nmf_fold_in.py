"""How the collaborative scorer takes in a listener from the plays of a query."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from hybridrec.hybrid import HybridModel
from hybridrec.models.nmf import NMFScorer
from hybridrec.schema.names import Floats
from hybridrec.testing import nameless, one_query, query_batch
from tests.contracts.scoring import queries_of
from tests.unit.models.plays import affinities, factors_of, scorer_of


def tastes_of(items: Floats) -> NMFScorer:
    """Nobody played the last item; the compressed affinity is the logit."""
    n_items = len(items)
    interactions = np.array([3000] + [1] * (n_items - 2) + [0], np.int32)
    return scorer_of(factors_of(items), interactions=interactions)


TASTES = tastes_of(np.array([[1, 0], [1, 0], [0, 1], [0.5, 0.5], [0, 0]], np.float32))


def test_the_score_is_that_of_the_non_negative_solution() -> None:
    said = TASTES.score(one_query([0, 1, 2, 3], history_rows=[0]))

    # gram = H'H + .5 I = [[2.75, .25], [.25, 1.75]], pull = h = [1, 0]:
    # unconstrained the second factor would be below 0; held at 0 the first is 1 / 2.75
    taste = 1 / 2.75
    np.testing.assert_allclose(said.user_state, [[taste, 0]], rtol=1e-6)  # float32 from here on
    expected = [taste, taste, 0.0, 0.5 * taste]
    np.testing.assert_allclose(affinities(said.scores), expected, rtol=1e-5, atol=1e-7)


def test_a_play_pulls_towards_what_is_listened_to_with_it() -> None:
    pulls = TASTES.factors.pulls.copy()
    pulls[0] = [0.1, 1]
    smoothed = replace(TASTES, factors=replace(TASTES.factors, pulls=pulls))

    said = smoothed.score(one_query([0, 2], history_rows=[0]))

    # the first factor would be below 0: .1 * 1.75 < .25 * 1
    np.testing.assert_allclose(said.user_state, [[0, 1 / 1.75]], rtol=1e-6)  # float32


def test_without_a_play_nothing_is_known_and_the_first_play_already_counts() -> None:
    before = TASTES.score(one_query([1]))
    after = TASTES.score(one_query([1], history_rows=[0]))

    assert before.is_absent
    assert after.scores[0] > 0.5


def test_more_plays_of_a_track_raise_the_scores_of_its_kind() -> None:
    once = one_query([1], history_rows=[0, 2])
    often = replace(once, history_weights=np.array([3, 1], np.float32))

    assert TASTES.score(often).scores[0] > TASTES.score(once).scores[0]


def test_who_trained_and_who_did_not_score_alike_by_the_same_history() -> None:
    known = TASTES.score(one_query([1, 3], user_row=0, history_rows=[0]))
    new = TASTES.score(one_query([1, 3], user_row=-1, history_rows=[0]))

    assert known.scores.tolist() == new.scores.tolist()


def test_a_play_stands_for_as_many_as_its_weight_and_the_gain_say() -> None:
    assert TASTES.amounts(np.array([1, 2, 3], np.float32)).tolist() == [1, 1.5, 2]


def test_retrieval_ranks_by_affinity_and_leaves_out_what_nobody_played() -> None:
    found = TASTES.retrieve(one_query(history_rows=[0]))

    assert found.of(0).tolist() == [0, 1, 3, 2]  # 1, 1, .5 and 0 times the taste


def test_the_longer_ago_a_listener_was_heard_of_the_less_sure_is_every_score() -> None:
    query = one_query([1], history_rows=[0])

    new, undated, old = (
        float(TASTES.score(replace(query, idle_days=np.array([days], np.float32))).confidence[0])
        for days in (0, np.nan, 400)
    )

    assert new == undated
    assert old == pytest.approx(new / 2)


def test_a_stranger_takes_no_other_query_down(tiny_model: HybridModel) -> None:
    (query,) = queries_of(tiny_model, 1)
    stranger = one_query(user_row=-1, cold_items=tiny_model.knowledge.no_items)

    said = tiny_model.cf.score(query_batch([stranger, query, stranger]))

    assert np.isnan(said.scores[:3]).all()
    assert np.isnan(said.scores[-3:]).all()
    np.testing.assert_array_equal(said.scores[3:-3], tiny_model.cf.score(query).scores)


@given(
    factors=arrays.arrays(np.float32, (5, 3), elements=st.floats(0, 2, width=32)),
    history=st.lists(st.integers(0, 4), max_size=5),
)
def test_whatever_was_played_factors_are_not_negative_and_scores_grow_with_affinity(
    factors: Floats, history: list[int]
) -> None:
    scorer = tastes_of(factors)

    said = scorer.score(one_query(range(6), history_rows=history, cold_items=nameless(1)))

    user = said.user_state[0]
    known = ~np.isnan(said.scores)
    assert (user >= 0).all()
    assert known.tolist() == ([True] * 4 if user.any() else [False] * 4) + [False, False]
    # an item of all zeros has affinity 0, and nothing has less
    assert (said.scores[known] >= 0.5).all()
    assert ((said.confidence > 0) == known).all()
