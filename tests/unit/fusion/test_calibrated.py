"""What calibrators make of a merged score: by hand, without a network."""

from dataclasses import replace

import numpy as np
import pytest

from hybridrec.fusion.calibrated import Fusion
from hybridrec.fusion.weighted import WeightedSum
from hybridrec.models.calibration import (
    ConfidenceCalibrator,
    IntervalCalibrator,
    MonotoneMap,
    ScoreCalibrator,
    sigmoid,
)
from hybridrec.models.groups import LISTENERS, N_GROUPS, TRACKS
from hybridrec.schema.records import AudioFeatures
from hybridrec.testing import FakeScorer, one_query, query_batch, uncalibrated

NO_AUDIO = AudioFeatures.measured(np.zeros((0, 8), np.float32))
EVEN = FakeScorer("cf", {0: 0.5, 1: 0.5}), FakeScorer("content", {0: 0.5, 1: 0.5})
"""Both sources say a half, so that the merged logit is 0."""


@pytest.fixture
def fusion() -> Fusion[WeightedSum]:
    return uncalibrated(WeightedSum(cf_weight=0.5, prior=0.5))


def test_each_group_of_listener_and_track_has_its_own_confidence(
    fusion: Fusion[WeightedSum],
) -> None:
    own = (1 + np.arange(N_GROUPS)) / (2 * N_GROUPS)
    by_group = replace(
        fusion,
        confidence_calibrator=ConfidenceCalibrator(np.array([0.0, 1.0]), np.tile(own[:, None], 2)),
        interactions=np.array([5, 50], np.int32),
    )
    few, many = (one_query([0, 1], history_rows=[0] * n) for n in (3, 30))
    queries = query_batch([few, many])
    cf, content = (scorer.score(queries) for scorer in EVEN)

    confidence = by_group.score_all(queries, cf, content, NO_AUDIO).confidence

    groups = [
        LISTENERS.index(listener) * len(TRACKS) + TRACKS.index(track)
        for listener in ("trained_some", "trained_many")
        for track in ("niche", "known")
    ]
    assert confidence == pytest.approx(own[groups])


def test_a_score_is_calibrated_and_its_interval_is_that_of_the_merged_logit(
    fusion: Fusion[WeightedSum],
) -> None:
    ends = np.array([-1.0, 1.0])
    three_lower = replace(
        fusion,
        calibrator=ScoreCalibrator(MonotoneMap(ends, ends - 3.0)),
        interval=IntervalCalibrator(ends, np.zeros(2), np.array([0.2, 0.8])),
    )
    query = one_query([0])
    cf, content = (scorer.score(query) for scorer in EVEN)

    fused = three_lower.score_all(query, cf, content, NO_AUDIO)

    assert fused.scores == pytest.approx(sigmoid(np.array([-3.0])))
    assert fused.raw_logits == pytest.approx([0.0], abs=1e-6)  # float32
    assert fused.terms.calibration == pytest.approx([-3.0])
    # the merged logit, 0, lies in the middle between the ends
    assert fused.high == pytest.approx([0.5])
