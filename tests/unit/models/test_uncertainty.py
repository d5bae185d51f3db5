import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybridrec.models.calibration import IntervalCalibrator
from hybridrec.models.uncertainty import uncertainty, widest_interval

NAN = float("nan")


def test_the_widest_interval_is_that_of_the_calibration_split() -> None:
    knots = IntervalCalibrator(
        x=np.array([-1.0, 0.0, 1.0]), low=np.array([0.0, 0.1, 0.2]), high=np.array([0.1, 0.5, 0.3])
    )

    assert widest_interval(knots) == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("low", "high", "widest", "share"),
    [
        (0.1, 0.2, 0.4, 0.25),
        (0.3, 0.3, 0.4, 0.0),
        (0.1, 0.6, 0.4, 1.0),
        (NAN, NAN, 0.4, NAN),
        (0.1, 0.2, NAN, NAN),
        (0.1, 0.1, 0.0, NAN),
    ],
)
def test_uncertainty_is_a_share_of_the_widest_interval(
    low: float, high: float, widest: float, share: float
) -> None:
    assert uncertainty(low, high, widest) == pytest.approx(share, nan_ok=True)


@given(low=st.floats(0, 1), width=st.floats(0, 1), widest=st.floats(1e-6, 1))
def test_uncertainty_stays_within_0_and_1(low: float, width: float, widest: float) -> None:
    assert 0 <= uncertainty(low, low + width, widest) <= 1
