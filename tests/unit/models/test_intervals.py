import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybridrec.models.calibration import MAX_LOGIT, sigmoid
from hybridrec.models.groups import N_GROUPS
from hybridrec.models.interval import N_INTERVAL_GROUPS, IntervalCalibrator, interval_groups


def by_group(edges: list[float], off: list[list[float]]) -> IntervalCalibrator:
    """Ends as far off on both sides; those of the last row for all groups that have none."""
    rows = off + off[-1:] * (N_INTERVAL_GROUPS - len(off))
    return IntervalCalibrator(np.array(edges), -np.array(rows), np.array(rows), 1.0)


def test_the_ends_are_those_of_the_group_and_of_the_bin() -> None:
    interval = by_group([0.0], [[1.0, 2.0], [3.0, 4.0]])
    logits = np.array([-1.0, 0.5, -1.0, 0.0], np.float32)

    low, high = interval(logits, np.array([0, 0, 1, 1], np.int32))

    assert low == pytest.approx(sigmoid(np.array([-2.0, -1.5, -4.0, -4.0])))
    assert high == pytest.approx(sigmoid(np.array([0.0, 2.5, 2.0, 4.0])))


def test_an_unknown_score_has_no_interval() -> None:
    low, high = by_group([0.0], [[1.0, 1.0]])(
        np.array([np.nan, 0.0], np.float32), np.zeros(2, np.int32)
    )

    assert np.isnan(low).tolist() == np.isnan(high).tolist() == [True, False]


@given(
    logit=st.floats(-MAX_LOGIT, MAX_LOGIT, width=32),
    below=st.floats(0, 4),
    above=st.floats(0, 4),
)
def test_an_interval_contains_any_score(logit: float, below: float, above: float) -> None:
    ends = np.full((N_INTERVAL_GROUPS, 1), below), np.full((N_INTERVAL_GROUPS, 1), above)
    interval = IntervalCalibrator(np.zeros(0), -ends[0], ends[1], 1.0)
    logits = np.array([logit], np.float32)

    low, high = interval(logits, np.zeros(1, np.int32))

    assert 0 <= low[0] <= sigmoid(logits)[0] <= high[0] <= 1


def test_candidates_of_which_one_source_says_nothing_are_groups_of_their_own() -> None:
    groups = interval_groups(np.array([0, 3, 3], np.int32), np.array([True, True, False]))

    assert groups.tolist() == [0, 3, 3 + N_GROUPS]
