"""Order and range that calibrators keep, whatever they were fitted to."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybridrec.models.calibration import (
    MAX_LOGIT,
    ConfidenceCalibrator,
    MonotoneMap,
    ScoreCalibrator,
)

STEPS = st.lists(st.tuples(st.floats(0.125, 4), st.floats(0.125, 4)), min_size=2, max_size=8)


def rising(steps: list[tuple[float, float]]) -> MonotoneMap:
    x, y = np.cumsum(steps, axis=0).T
    return MonotoneMap(x, y)


@given(steps=STEPS, start=st.floats(-40, 40))
def test_a_map_is_strictly_increasing_between_and_beyond_its_knots(
    steps: list[tuple[float, float]], start: float
) -> None:
    mapped = rising(steps)(np.linspace(start, start + 40, 60, dtype=np.float32))

    # steps of 40 / 59 at a slope of at least 1 / 32: a hundredth, which float32 tells apart
    assert (np.diff(mapped) > 0.01).all()


@given(steps=STEPS)
def test_a_map_goes_through_its_knots(steps: list[tuple[float, float]]) -> None:
    fitted = rising(steps)

    mapped = fitted(fitted.x.astype(np.float32)).astype(np.float64)

    # 1e-4: a knot within 32 is rounded to 2e-6, and slopes are at most 32
    np.testing.assert_allclose(mapped, fitted.y, atol=1e-4)


def test_a_map_goes_on_with_the_slopes_of_its_ends() -> None:
    fitted = MonotoneMap(np.array([0.0, 1.0, 2.0]), np.array([0.0, 2.0, 2.5]))

    mapped = fitted(np.array([-100.0, 102.0], np.float32))

    np.testing.assert_allclose(mapped, [-200.0, 52.5], rtol=1e-6)  # float32


def test_a_map_without_knots_is_refused() -> None:
    with pytest.raises(ValueError, match="increase"):
        MonotoneMap(np.zeros(0), np.zeros(0))


@given(raw=st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=20))
def test_a_probability_of_any_raw_output_stays_inside_0_and_1(raw: list[float]) -> None:
    calibrator = ScoreCalibrator(MonotoneMap(np.array([0.0, 1.0]), np.array([-3.0, 3.0])))

    scores = calibrator.scores(np.array(raw, np.float32))

    assert ((scores > 0) & (scores < 1)).all()
    assert (np.abs(calibrator.logits(np.array(raw, np.float32))) <= MAX_LOGIT).all()


@given(raw=st.lists(st.floats(0, 1, width=32), min_size=1, max_size=20))
def test_confidence_keeps_the_order_and_stays_within_0_and_1(raw: list[float]) -> None:
    calibrator = ConfidenceCalibrator.alike(np.array([0.2, 0.5, 0.9]), np.array([0.0, 0.5, 1.0]))

    confidence = calibrator.known(
        np.sort(np.array(raw, np.float32)), np.zeros(len(raw), np.int32), np.ones(len(raw), bool)
    )

    assert (np.diff(confidence) >= 0).all()
    assert ((confidence > 0) & (confidence <= 1)).all()
