"""Non-negative least squares by block principal pivoting.

Source: Kim and Park, "Fast nonnegative matrix factorization: an active-set-like method and
comparisons", SIAM Journal on Scientific Computing 33 (2011), algorithm 1.
"""

import numpy as np
import numpy.typing as npt

from hybridrec.schema.names import Mask

Matrix = npt.NDArray[np.float64]

TOLERANCE = 1e-10
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
    free = target > 0
    fewest, credit = len(target) + 1, FULL_EXCHANGES
    while True:
        x = np.zeros_like(target)
        x[free] = np.linalg.solve(gram[np.ix_(free, free)], target[free])
        gradient = gram @ x - target
        wrong = np.where(free, x < -TOLERANCE, gradient < -TOLERANCE)
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
