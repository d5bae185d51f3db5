import numpy as np
import pytest

from hybridrec.models.nearest_users import N_NEIGHBOURS, nearest_users
from hybridrec.schema.names import Rows


def rows(*users: int) -> Rows:
    return np.array(users, np.int32)


def told(*nearest: int) -> list[int]:
    """The row of a listener who has these nearest users."""
    return [*nearest, *[-1] * (N_NEIGHBOURS - len(nearest))]


def test_users_are_near_by_the_cosine_of_their_factors_and_an_unknown_one_to_nobody() -> None:
    users = np.array([[2, 0], [0, 0], [3, 4]], np.float32)

    found = nearest_users(users, rows(-1, -1, 2), np.array([[1, 0]], np.float32), rows(5))

    assert found.similarity == pytest.approx([1.0, 0.0, 0.6])
    assert found.rows.tolist() == [told(5), told(), told(5)]


def test_nobody_is_near_to_oneself() -> None:
    users = np.array([[1, 0], [1, 0], [1, 0]], np.float32)
    others = np.array([[1, 0], [0.6, 0.8]], np.float32)

    found = nearest_users(users, rows(3, 4, -1), others, rows(3, 7))
    alone = nearest_users(users[:1], rows(3), others[:1], rows(3))

    assert found.similarity == pytest.approx([0.6, 0.8, 0.8])
    assert found.rows.tolist() == [told(7), told(3, 7), told(3, 7)]
    assert (alone.similarity.tolist(), alone.rows.tolist()) == ([0.0], [told()])


def test_of_those_as_near_the_first_count() -> None:
    others = np.tile(np.array([[1, 0]], np.float32), (15, 1))

    found = nearest_users(np.array([[1, 0]], np.float32), rows(-1), others, rows(*range(15)))

    assert found.rows.tolist() == [list(range(N_NEIGHBOURS))]


def test_the_nearest_ten_count_nearest_first() -> None:
    angles = np.linspace(0, np.pi / 2, 20)
    others = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)

    found = nearest_users(np.array([[1, 0]], np.float32), rows(-1), others[::-1], rows(*range(20)))

    assert found.rows.tolist() == [[19, 18, 17, 16, 15, 14, 13, 12, 11, 10]]
    assert found.similarity == pytest.approx([np.cos(angles[:10]).mean()])
