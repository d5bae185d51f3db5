import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import nnls

from hybridrec.models.nnls import solve_nonnegative


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), size=st.integers(1, 24))
def test_the_solution_is_that_of_lawson_and_hanson(seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    factors = rng.normal(size=(size + 3, size))
    gram, target = factors.T @ factors + 0.1 * np.eye(size), rng.normal(size=size)

    x, free = solve_nonnegative(gram, target)

    root = np.linalg.cholesky(gram).T
    expected, _ = nnls(root, np.linalg.solve(root.T, target))
    # both solve to about 1e-10; the problem's condition costs some digits
    assert x == pytest.approx(expected, abs=1e-7)
    assert (gram @ x - target)[free] == pytest.approx(0, abs=1e-7)
    assert ((gram @ x - target)[~free] >= -1e-7).all()


def test_nothing_pulls_and_nothing_moves() -> None:
    x, free = solve_nonnegative(np.eye(3), -np.ones(3))

    assert x.tolist() == [0, 0, 0]
    assert not free.any()


@pytest.mark.parametrize("unit", [1e-9, 1e9])
def test_the_unit_of_a_problem_changes_nothing(unit: float) -> None:
    rng = np.random.default_rng(1)
    factors = rng.normal(size=(12, 8))
    gram, target = factors.T @ factors + 0.1 * np.eye(8), rng.normal(size=8)

    x, free = solve_nonnegative(gram, target)
    scaled, scaled_free = solve_nonnegative(gram * unit, target * unit)

    # 1e-9: the same system, solved in other units
    assert scaled == pytest.approx(x, rel=1e-9)
    assert scaled_free.tolist() == free.tolist()
