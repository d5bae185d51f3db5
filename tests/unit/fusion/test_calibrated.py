"""What calibrators make of a merged score: by hand, without a network."""

from dataclasses import replace

import numpy as np
import pytest

from hybridrec.fusion.calibrated import Fusion
from hybridrec.fusion.weighted import WeightedSum
from hybridrec.models.calibration import (
    ConfidenceCalibrator,
    MonotoneMap,
    ScoreCalibrator,
    logit,
    sigmoid,
)
from hybridrec.models.groups import LISTENERS, N_GROUPS, TRACKS
from hybridrec.models.interval import N_INTERVAL_GROUPS, IntervalCalibrator
from hybridrec.schema.names import Floats
from hybridrec.schema.records import AudioFeatures
from hybridrec.schema.scores import ScoreBatch
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


def by_group(off: Floats) -> IntervalCalibrator:
    """Intervals of one bin that reach as far up as down, group by group; shape (80,)."""
    ends = off[:, None].astype(np.float64)
    return IntervalCalibrator(np.zeros(0), -ends, ends, 100.0)


def test_a_score_is_calibrated_and_its_interval_lies_around_it(
    fusion: Fusion[WeightedSum],
) -> None:
    ends = np.array([-1.0, 1.0])
    three_lower = replace(
        fusion,
        calibrator=ScoreCalibrator(MonotoneMap(ends, ends - 3.0)),
        interval=by_group(np.full(N_INTERVAL_GROUPS, 0.5, np.float32)),
    )
    query = one_query([0])
    cf, content = (scorer.score(query) for scorer in EVEN)

    fused = three_lower.score_all(query, cf, content, NO_AUDIO)

    assert fused.scores == pytest.approx(sigmoid(np.array([-3.0])))
    assert fused.raw_logits == pytest.approx([0.0], abs=1e-6)  # float32
    assert fused.terms.calibration == pytest.approx([-3.0])
    assert fused.low == pytest.approx(sigmoid(np.array([-3.5])))
    assert fused.high == pytest.approx(sigmoid(np.array([-2.5])))


def test_the_interval_is_that_of_the_group_and_of_how_many_sources_know_the_track(
    fusion: Fusion[WeightedSum],
) -> None:
    own = np.linspace(1, 2, N_INTERVAL_GROUPS).astype(np.float32)
    by_group_too = replace(fusion, interval=by_group(own), interactions=np.array([5], np.int32))
    query = one_query([0], history_rows=[0] * 3)
    cf, content = (scorer.score(query) for scorer in EVEN)
    group = LISTENERS.index("trained_some") * len(TRACKS) + TRACKS.index("niche")

    of_both = by_group_too.score_all(query, cf, content, NO_AUDIO)
    alone = [
        by_group_too.score_all(query, *known, NO_AUDIO)
        for known in (
            (cf, ScoreBatch.absent("content", query)),
            (ScoreBatch.absent("cf", query), content),
        )
    ]

    assert of_both.high == pytest.approx(sigmoid(own[[group]]))
    for fused in alone:
        assert fused.high == pytest.approx(sigmoid(own[[group + N_GROUPS]]))


def test_each_kind_of_listener_has_scores_of_its_own_in_the_same_order(
    fusion: Fusion[WeightedSum],
) -> None:
    offsets = np.linspace(-0.7, 0.7, len(LISTENERS))
    by_kind = replace(fusion, by_listener=offsets)
    few, many = (one_query([0, 1], history_rows=[0] * n) for n in (3, 30))
    queries = query_batch([few, many])
    cf, content = (
        FakeScorer(source, {0: 0.2, 1: 0.6}).score(queries) for source in ("cf", "content")
    )

    before, after = (one.score_all(queries, cf, content, NO_AUDIO) for one in (fusion, by_kind))

    moved = offsets[[LISTENERS.index(kind) for kind in ("trained_some", "trained_many")]]
    found = logit(after.scores) - logit(before.scores)
    assert found == pytest.approx(np.repeat(moved, 2), abs=1e-5)
    terms = after.terms
    assert terms.bias + terms.cf + terms.content + terms.context + terms.calibration == (
        pytest.approx(logit(after.scores), abs=1e-5)
    )
