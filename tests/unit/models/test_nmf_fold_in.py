"""How the collaborative scorer takes in a listener from the plays of a query."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from hybridrec.hybrid import HybridModel
from hybridrec.models.calibration import ConfidenceCalibrator, MonotoneMap, ScoreCalibrator
from hybridrec.models.genres import GenreCentroids
from hybridrec.models.nmf import NMFScorer
from hybridrec.schema.names import Floats
from hybridrec.testing import nameless, one_query, query_batch
from tests.contracts.scoring import queries_of


def scorer_of(factors: Floats, *, weight_gain: float = 3.0) -> NMFScorer:
    """Nobody played the last item; affinity is the logit."""
    n_items, no_genres = len(factors), np.zeros((8, factors.shape[1]), np.float32)
    return NMFScorer(
        item_factors=factors,
        by_genre=np.zeros(n_items, np.bool_),
        genres=GenreCentroids(no_genres, no_genres),
        item_targets=np.ones(n_items, np.float32),
        item_scale=np.array([1, 2] + [1] * (n_items - 2), np.float32),
        interactions=np.array([3000] + [1] * (n_items - 2) + [0], np.int32),
        reference_users=np.zeros((0, factors.shape[1]), np.float32),
        reference_rows=np.zeros(0, np.int32),
        weight_gain=weight_gain,
        regularization=0.5,
        calibrator=ScoreCalibrator(MonotoneMap(np.array([-1.0, 1.0]), np.array([-1.0, 1.0]))),
        confidence_calibrator=ConfidenceCalibrator.alike(
            np.array([0.0, 1.0]), np.array([0.0, 1.0])
        ),
    )


TASTES = scorer_of(np.array([[1, 0], [1, 0], [0, 1], [0.5, 0.5], [0, 0]], np.float32))


def test_the_score_is_that_of_the_non_negative_solution() -> None:
    said = TASTES.score(one_query([0, 1, 2, 3], history_rows=[0]))

    # gram = H'H + .5 I + 3 h h' = [[5.75, .25], [.25, 1.75]], pull = (1 + 3) h = [4, 0]:
    # unconstrained the second factor would be below 0; held at 0 the first is 4 / 5.75
    taste = 4 / 5.75
    affinity = np.array([taste, 2 * taste, 0.0, 0.5 * taste])
    np.testing.assert_allclose(said.user_state, [[taste, 0]], rtol=1e-6)  # float32 from here on
    np.testing.assert_allclose(said.scores, 1 / (1 + np.exp(-affinity)), rtol=1e-6)


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


def test_retrieval_ranks_by_scaled_affinity_and_leaves_out_what_nobody_played() -> None:
    found = TASTES.retrieve(one_query(history_rows=[0]))

    assert found.of(0).tolist() == [1, 0, 3, 2]  # 2, 1, .5 and 0 times the taste


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
    scorer = scorer_of(factors)

    said = scorer.score(one_query(range(6), history_rows=history, cold_items=nameless(1)))

    user = said.user_state[0]
    known = ~np.isnan(said.scores)
    assert (user >= 0).all()
    assert known.tolist() == ([True] * 4 if user.any() else [False] * 4) + [False, False]
    # an item of all zeros has affinity 0, and nothing has less
    assert (said.scores[known] >= 0.5).all()
    assert ((said.confidence > 0) == known).all()
