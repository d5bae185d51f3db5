from dataclasses import replace

import numpy as np
import pytest

from hybridrec.hybrid import HybridModel
from hybridrec.models.calibration import ConfidenceCalibrator, MonotoneMap, ScoreCalibrator
from hybridrec.models.genres import GenreCentroids
from hybridrec.models.nmf import NMFScorer
from hybridrec.testing import nameless, one_query
from tests.contracts.scoring import Retrieve, Score, ScorerContract

NO_GENRES = GenreCentroids(np.zeros((8, 2), np.float32), np.zeros((8, 2), np.float32))


IDENTITY = ScoreCalibrator(MonotoneMap(np.array([-1.0, 1.0]), np.array([-1.0, 1.0])))
SURE = ConfidenceCalibrator.alike(np.array([0.0, 1.0]), np.array([0.0, 1.0]))


@pytest.fixture
def nmf() -> NMFScorer:
    """Two tastes: tracks 0 and 1 are of one, track 2 of the other, track 3 was never played."""
    return NMFScorer(
        item_factors=np.array([[1, 0], [0.5, 0], [0, 1], [0, 0]], np.float32),
        by_genre=np.zeros(4, np.bool_),
        genres=NO_GENRES,
        item_targets=np.ones(4, np.float32),
        item_scale=np.ones(4, np.float32),
        interactions=np.array([10, 3, 5, 0], np.int32),
        reference_users=np.eye(2, dtype=np.float32),
        reference_rows=np.array([8, 9], np.int32),
        weight_gain=0.0,
        regularization=0.75,
        calibrator=IDENTITY,
        confidence_calibrator=SURE,
    )


class TestNMFScorer(ScorerContract):
    @pytest.fixture
    def score(self, tiny_model: HybridModel) -> Score:
        return tiny_model.cf.score

    @pytest.fixture
    def retrieve(self, tiny_model: HybridModel) -> Retrieve:
        return tiny_model.cf.retrieve


def test_the_first_play_counts(nmf: NMFScorer) -> None:
    said = nmf.score(one_query([0, 1, 2], user_row=-1, history_rows=[0]))

    # x = 1 / (1 + .25 + .75) along the first taste; affinities .5, .25 and 0
    assert said.user_state[0].tolist() == [0.5, 0.0]
    assert said.scores == pytest.approx(1 / (1 + np.exp([-0.5, -0.25, 0.0])), abs=1e-6)


def test_a_track_that_nobody_played_is_unknown(nmf: NMFScorer) -> None:
    said = nmf.score(one_query([2, 3, 4], history_rows=[0], cold_items=nameless(1)))

    assert np.isnan(said.scores).tolist() == [False, True, True]


def test_evidence_names_the_plays_that_made_the_score(nmf: NMFScorer) -> None:
    said = nmf.score(one_query([1, 2], history_rows=[0, 2], want_evidence=True))

    assert said.evidence is not None
    assert said.evidence.rows[:, 0].tolist() == [0, 2]
    assert said.evidence.rows[:, 1].tolist() == [-1, -1]
    assert said.evidence.shares.sum(axis=1) == pytest.approx([1, 1], abs=1e-6)


def test_a_score_falls_when_its_strongest_evidence_is_taken_away(tiny_model: HybridModel) -> None:
    history = tiny_model.knowledge.histories.of(2)[0].tolist()[:15]
    query = one_query(
        [row for row in range(60) if row not in history],
        history_rows=history,
        want_evidence=True,
        cold_items=tiny_model.knowledge.no_items,
    )
    said = tiny_model.cf.score(query)
    assert said.evidence is not None
    place = int(np.nanargmax(said.scores))
    strongest = int(said.evidence.rows[place, 0])

    without = [row for row in history if row != strongest]
    after = tiny_model.cf.score(
        replace(
            query,
            history_rows=np.array(without, np.int32),
            history_weights=np.ones(len(without), np.float32),
            history_offsets=np.array([0, len(without)], np.int32),
        )
    )

    assert after.scores[place] < said.scores[place]


def test_confidence_grows_with_history_and_popularity(nmf: NMFScorer) -> None:
    few = nmf.score(one_query([0, 1], history_rows=[0]))
    many = nmf.score(one_query([0, 1], history_rows=[0] * 10))

    # the item adds .3 or .1, the mean of two orthogonal neighbours .15, ten plays .1
    # and of a listener of one play two elevenths are left
    assert few.confidence == pytest.approx([0.45 * 2 / 11, 0.25 * 2 / 11], abs=1e-6)
    assert many.confidence == pytest.approx([0.55, 0.35], abs=1e-6)
