import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybridrec.models.co_listening import CoListening
from tests.unit.models.plays import co_listening_of

WEIGHTS = co_listening_of(4, {0: {1: 0.5, 3: 0.25}, 2: {1: 0.125, 0: 0.75}})
ONE_EACH = np.ones(2, np.float32)
PLAYED = np.array([0, 2], np.int32)


def test_the_affinity_is_the_sum_of_what_the_plays_say() -> None:
    assert WEIGHTS.affinity(PLAYED, ONE_EACH).tolist() == [0.75, 0.625, 0.0, 0.25]


def test_a_play_that_stands_for_two_says_twice_as_much() -> None:
    affinity = WEIGHTS.affinity(PLAYED, np.array([2, 1], np.float32))

    assert affinity.tolist() == [0.75, 1.125, 0.0, 0.5]


def test_the_strongest_play_says_what_it_says_alone() -> None:
    played, amounts = np.array([2, 0, 2], np.int32), np.array([1, 2, 3], np.float32)

    assert WEIGHTS.strongest(played, amounts).tolist() == [2.25, 1.0, 0.0, 0.5]


def test_no_play_says_nothing() -> None:
    nobody = np.zeros(0, np.int32), np.zeros(0, np.float32)

    assert WEIGHTS.affinity(*nobody).tolist() == [0, 0, 0, 0]
    assert WEIGHTS.strongest(*nobody).tolist() == [0, 0, 0, 0]
    assert WEIGHTS.of_plays(*nobody, np.arange(4, dtype=np.int32)).shape == (4, 0)
    assert CoListening.nothing(4).affinity(PLAYED, ONE_EACH).tolist() == [0, 0, 0, 0]


def test_what_each_play_says_is_told_in_the_order_of_the_candidates() -> None:
    candidates = np.array([1, 7, 0, 1], np.int32)  # 7 is a track that only the request knows

    said = WEIGHTS.of_plays(PLAYED, ONE_EACH, candidates)

    assert said.tolist() == [[0.5, 0.125], [0, 0], [0, 0.75], [0.5, 0.125]]


def test_a_track_that_says_nothing_has_no_part() -> None:
    played = np.array([1, 3], np.int32)

    assert not WEIGHTS.of_plays(played, ONE_EACH, np.arange(4, dtype=np.int32)).any()


@given(
    history=st.lists(st.integers(0, 9), max_size=12),
    seed=st.integers(0, 5),
    gain=st.floats(0.25, 3, width=32),
)
def test_the_parts_of_all_plays_are_the_affinity(
    history: list[int], seed: int, gain: float
) -> None:
    rng = np.random.default_rng(seed)
    dense = rng.random((10, 10)) * (rng.random((10, 10)) < 0.4)
    weights = co_listening_of(
        10, {i: {j: w for j, w in enumerate(row) if w} for i, row in enumerate(dense.tolist())}
    )
    rows, amounts = np.array(history, np.int32), np.full(len(history), gain, np.float32)

    parts = weights.of_plays(rows, amounts, np.arange(10, dtype=np.int32))

    affinity = weights.affinity(rows, amounts)
    assert affinity.dtype == np.float32
    assert affinity == pytest.approx(parts.sum(axis=1), rel=1e-5)  # sums of float32
    assert affinity == pytest.approx(gain * dense[history].sum(axis=0), rel=1e-5)
