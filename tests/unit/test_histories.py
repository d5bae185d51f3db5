from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybridrec.histories import Histories, interaction_weight, newest
from hybridrec.schema.names import MAX_HISTORY

HISTORIES = Histories(
    rows=np.array([4, 5, 6], np.int32),
    weights=np.array([1, 2, 3], np.float32),
    offsets=np.array([0, 2, 2, 3], np.int32),
)


def test_each_user_has_the_own_part() -> None:
    parts = [HISTORIES.of(user_row) for user_row in range(len(HISTORIES))]

    assert [rows.tolist() for rows, _ in parts] == [[4, 5], [], [6]]
    assert [weights.tolist() for _, weights in parts] == [[1, 2], [], [3]]


def test_a_user_that_training_never_saw_has_no_part() -> None:
    rows, weights = HISTORIES.of(-1)

    assert len(rows) == len(weights) == 0


def test_less_than_one_play_weighs_as_one() -> None:
    weights = interaction_weight(np.array([0.0, 0.5, 1.0], np.float32))

    assert weights.tolist() == [1, 1, 1]


@given(plays=st.lists(st.floats(1, 1e6, width=32), min_size=2, max_size=9))
def test_weights_grow_with_the_plays_but_slower(plays: list[float]) -> None:
    ordered = np.sort(np.array(plays, np.float32))

    weights = interaction_weight(ordered)

    assert (np.diff(weights) >= 0).all()
    assert (weights >= 1).all()
    assert (weights <= ordered * (1 + 1e-6)).all()  # 1 + log n is at most n; float32


def test_a_track_played_again_counts_all_its_plays_at_its_last_place() -> None:
    plays = interaction_weight(np.array([50, 4, 1], np.float32))

    rows, weights = newest(np.array([7, 8, 7], np.int32), plays)

    assert rows.tolist() == [8, 7]
    expected = interaction_weight(np.array([4, 51], np.float32))
    assert weights == pytest.approx(expected, abs=1e-6)  # float32


def test_a_long_history_keeps_its_end() -> None:
    plays = np.arange(1, 251, dtype=np.float32)

    rows, weights = newest(np.arange(250, dtype=np.int32), interaction_weight(plays))

    assert rows.tolist() == list(range(50, 250))
    assert weights == pytest.approx(interaction_weight(plays)[50:], abs=1e-6)  # float32


@given(played=st.lists(st.integers(0, 300), max_size=400))
def test_the_newest_are_the_tail_of_each_tracks_last_play(played: Sequence[int]) -> None:
    weights = np.ones(len(played), np.float32)

    rows, kept = newest(np.array(played, np.int32), weights)

    last = {row: place for place, row in enumerate(played)}
    expected = sorted(last, key=lambda row: last[row])[-MAX_HISTORY:]
    assert rows.tolist() == expected
    n_plays = np.array([played.count(row) for row in expected], np.float32)
    assert kept == pytest.approx(interaction_weight(n_plays), abs=1e-6)  # float32
