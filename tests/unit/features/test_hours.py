from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybridrec.features.hours import HOUR_S, MIN_DATED_PLAYS, all_primary_hours, primary_hours
from hybridrec.features.session import DAY_S, Listening
from hybridrec.schema.names import HOURS


def listening_at(hours: list[int]) -> Listening:
    """One play a day, each at an hour of its own."""
    times = np.array([day * DAY_S + hour * HOUR_S + 59 for day, hour in enumerate(hours)], float)
    n = len(hours)
    return Listening(
        times, np.zeros(n, np.int32), np.full(n, np.nan, np.float32), np.zeros(n, bool)
    )


def hours_of(listening: Listening) -> list[int]:
    return np.flatnonzero(primary_hours(listening)).tolist()


@pytest.mark.parametrize(
    ("hours", "primary"),
    [
        pytest.param([8] * 10 + [20] * 10, [8], id="half is enough, the earlier of two alike"),
        pytest.param([8] * 9 + [20] * 11, [20], id="the fuller hour"),
        pytest.param([23] * 8 + [0] * 8 + [12] * 8, [0, 12], id="two of three alike"),
        pytest.param([7] * 12 + list(range(8, 20)), [7], id="one habit among many hours"),
    ],
)
def test_the_fewest_hours_that_hold_half_of_the_plays_are_primary(
    hours: list[int], primary: list[int]
) -> None:
    assert hours_of(listening_at(hours)) == primary


def test_a_listener_of_few_dated_plays_has_no_habit() -> None:
    assert hours_of(listening_at([8] * (MIN_DATED_PLAYS - 1))) == []
    assert hours_of(listening_at([8] * MIN_DATED_PLAYS)) == [8]


def test_a_skip_is_no_play() -> None:
    heard = listening_at([8] * 20 + [20] * 40)

    assert hours_of(replace(heard, skipped=heard.times > 20 * DAY_S)) == [8]


def test_each_user_has_a_row_and_no_users_have_none() -> None:
    users = [listening_at([8] * 20), listening_at([]), listening_at([9] * 20)]

    assert [np.flatnonzero(row).tolist() for row in all_primary_hours(users)] == [[8], [], [9]]
    assert all_primary_hours([]).shape == (0, HOURS)


@given(st.lists(st.integers(0, 23), min_size=MIN_DATED_PLAYS, max_size=60))
def test_primary_hours_hold_half_of_any_plays_and_none_of_them_is_idle(hours: list[int]) -> None:
    counts = np.bincount(hours, minlength=HOURS)

    primary = primary_hours(listening_at(hours))

    held = counts[primary].sum()
    assert 2 * held >= len(hours)
    assert 2 * (held - counts[primary].min()) < len(hours)
    assert counts[primary].min() >= counts[~primary].max()
