import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybridrec.models.uncertainty import uncertainty

NAN = float("nan")


@pytest.mark.parametrize(
    ("low", "high", "widest", "share"),
    [
        (0.2, 0.8, 4 * math.log(4), 0.5),  # odds of 1 to 4 and of 4 to 1
        (0.02, 0.08, 4 * math.log(4), 0.261),  # low scores: nearly the ratio alone counts
        (0.3, 0.3, 0.4, 0.0),
        (0.1, 0.6, 0.4, 1.0),
        (0.0, 1.0, 40.0, 0.806),  # float32 tells them no longer from 0 and 1
        (NAN, NAN, 0.4, NAN),
        (0.1, 0.2, NAN, NAN),
        (0.1, 0.1, 0.0, NAN),
    ],
)
def test_uncertainty_is_a_share_of_the_widest_interval(
    low: float, high: float, widest: float, share: float
) -> None:
    assert uncertainty(low, high, widest) == pytest.approx(share, nan_ok=True, abs=1e-3)


@given(ends=st.tuples(st.floats(0, 1), st.floats(0, 1)), widest=st.floats(1e-6, 50))
def test_uncertainty_stays_within_0_and_1(ends: tuple[float, float], widest: float) -> None:
    assert 0 <= uncertainty(min(ends), max(ends), widest) <= 1
