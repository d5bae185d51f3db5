"""Non-negative least squares by block principal pivoting.

Source: Kim and Park, "Fast nonnegative matrix factorization: an active-set-like method and
comparisons", SIAM Journal on Scientific Computing 33 (2011), algorithm 1.
"""

import numpy as np
import numpy.typing as npt

from hybridrec.schema.names import Mask

Matrix = npt.NDArray[np.float64]

TOLERANCE = 1e-10
"""How far below 0, as a part of the largest, rounding may put what is 0."""
SWEEPS, DAMPING = 4, 0.5
"""Damped gradient steps that guess which entries are free; a bad guess costs time alone."""
FULL_EXCHANGES = 3
"""Full exchanges that may fail to help before the backup rule, which always ends, takes over."""


def solve_nonnegative(gram: Matrix, target: Matrix) -> tuple[Matrix, Mask]:
    """The x of at least 0 that minimises x'Gx / 2 - t'x.

    Args:
        gram: shape (k, k), positive definite.
        target: shape (k,).

    Returns:
        x of shape (k,), and the mask of its free entries: there Gx = t holds exactly.
    """
    free = _likely_free(gram, target)
    fewest, credit = len(target) + 1, FULL_EXCHANGES
    while True:
        x = np.zeros_like(target)
        x[free] = np.linalg.solve(gram[np.ix_(free, free)], target[free])
        gradient = gram @ x - target
        below = np.where(free, x / _largest(x), gradient / _largest(target))
        wrong = below < -TOLERANCE
        n_wrong = int(wrong.sum())
        if n_wrong == 0:
            return np.maximum(x, 0.0), free
        if n_wrong < fewest:
            fewest, credit = n_wrong, FULL_EXCHANGES
        elif credit > 0:
            credit -= 1
        else:
            wrong[: np.flatnonzero(wrong)[-1]] = False
        free = free ^ wrong


def _likely_free(gram: Matrix, target: Matrix) -> Mask:
    """Entries above 0 after some projected gradient steps from 0."""
    step = DAMPING / np.diag(gram)
    x = np.maximum(target * step, 0.0)
    for _ in range(SWEEPS):
        x = np.maximum(x - (gram @ x - target) * step, 0.0)
    likely: Mask = x > 0
    return likely


def _largest(values: Matrix) -> float:
    """The largest absolute value, 1 where all are 0."""
    return float(np.abs(values).max()) or 1.0
