import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybridrec.models.calibration import (
    ConfidenceCalibrator,
    MonotoneMap,
    ScoreCalibrator,
    logit,
    sigmoid,
)

KNOTS = MonotoneMap(np.array([0.0, 1.0, 3.0]), np.array([-2.0, 0.0, 1.0]))


@given(values=st.lists(st.floats(-50, 50, width=32), min_size=2, max_size=20, unique=True))
def test_a_map_keeps_the_order(values: list[float]) -> None:
    ranked = np.sort(np.array(values, np.float32))

    assert (np.diff(KNOTS(ranked)) >= 0).all()


def test_a_map_is_linear_between_and_beyond_its_knots() -> None:
    mapped = KNOTS(np.array([-1.0, 0.5, 2.0, 5.0, np.nan], np.float32))

    assert mapped == pytest.approx([-4.0, -1.0, 0.5, 2.0, np.nan], abs=1e-5, nan_ok=True)


@pytest.mark.parametrize(
    ("x", "y"),
    [([], []), ([0.0], [0.0]), ([0.0, 0.0], [0.0, 1.0]), ([0.0, 1.0], [1.0, 1.0])],
    ids=["no_knot", "one_knot", "same_x", "flat"],
)
def test_a_map_that_does_not_rise_is_refused(x: list[float], y: list[float]) -> None:
    with pytest.raises(ValueError, match="increase"):
        MonotoneMap(np.array(x), np.array(y))


def test_scores_stay_inside_0_and_1() -> None:
    scores = ScoreCalibrator(KNOTS).scores(np.array([-1e4, 1e4, np.nan], np.float32))

    assert 0 < scores[0] < scores[1] < 1
    assert np.isnan(scores[2])


@given(probability=st.floats(1e-4, 1 - 1e-4))
def test_logit_and_sigmoid_undo_each_other(probability: float) -> None:
    there_and_back = sigmoid(logit(np.array([probability], np.float32)))

    assert there_and_back[0] == pytest.approx(probability, abs=1e-6)  # float32


def test_a_known_score_never_has_confidence_0() -> None:
    calibrator = ConfidenceCalibrator.alike(np.array([0.0, 1.0]), np.array([0.0, 0.8]))

    confidence = calibrator.known(
        np.array([0.0, 1.0, 0.5], np.float32), np.zeros(3, np.int32), np.array([1, 1, 0], bool)
    )

    assert confidence == pytest.approx([0.001, 0.8, 0.0])
