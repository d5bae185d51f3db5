"""Problems on which block exchanges of the non-negative solver run in circles or nearly so."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybridrec.models.nnls import Matrix, solve_nonnegative


def assert_optimal(gram: Matrix, target: Matrix) -> None:
    """The conditions of Karush, Kuhn and Tucker, which only the solution meets."""
    x, free = solve_nonnegative(gram, target)
    gradient = gram @ x - target
    slack = 1e-6 * max(1.0, float(np.abs(target).max()))  # the condition of gram costs digits
    assert (x >= 0).all()
    assert (x[~free] == 0).all()
    assert (np.abs(gradient[free]) <= slack).all()
    assert (gradient[~free] >= -slack).all()


@given(seed=st.integers(0, 2**32 - 1), size=st.integers(2, 16), spread=st.floats(0.01, 1))
def test_nearly_parallel_factors_are_solved(seed: int, size: int, spread: float) -> None:
    rng = np.random.default_rng(seed)
    factors = 1 + spread * rng.normal(size=(size + 2, size))

    assert_optimal(factors.T @ factors + 1e-3 * np.eye(size), rng.normal(size=size))


# found by search among 20,000: each of these seeds outlasts the full exchanges at least once
@pytest.mark.parametrize("seed", [6813, 9431, 10050, 12445])
def test_fewer_plays_than_factors_end_where_full_exchanges_alone_do_not_help(seed: int) -> None:
    rng = np.random.default_rng(seed)
    factors = 1 + rng.normal(size=(6, 10))

    assert_optimal(factors.T @ factors + 1e-3 * np.eye(10), rng.normal(size=10))


def test_independent_factors_are_solved_one_by_one() -> None:
    x, free = solve_nonnegative(np.diag([1.0, 2.0, 4.0]), np.array([3.0, -1.0, 2.0]))

    assert x.tolist() == [3.0, 0.0, 0.5]
    assert free.tolist() == [True, False, True]
