"""Means over users with their intervals, and those of what two models differ by."""

import numpy as np

from hybridrec.evaluation.bootstrap import paired_bootstrap
from hybridrec.evaluation.card import Figure
from hybridrec.evaluation.hits import PerUser

N_DRAWS = 1_000
TINY = 1e-12
"""Keeps a draw without an error from being divided by."""


def mean_figure(values: PerUser, rng: np.random.Generator) -> Figure | None:
    """The mean over users and its 95 % interval; None where nothing can be said of any.

    Args:
        values: shape (B,), NaN for users who are left out.
        rng: draws the users.
    """
    return difference_figure(values, np.zeros_like(values), rng)


def skill_figure(errors: PerUser, of_rate: PerUser, rng: np.random.Generator) -> Figure | None:
    """The share of the base rate's Brier score that scores save, and its 95 % interval.

    Args:
        errors: shape (B,), summed squared errors of each query's scores.
        of_rate: shape (B,), the same of the base rate; None comes where it makes no error.
        rng: draws the queries.
    """
    if not of_rate.any():
        return None
    n, skills = len(errors), []
    for _ in range(N_DRAWS):
        drawn = rng.integers(n, size=n)
        skills.append(1.0 - errors[drawn].sum() / max(of_rate[drawn].sum(), TINY))
    low, high = np.quantile(skills, [0.025, 0.975])
    return Figure(mean=1.0 - errors.sum() / of_rate.sum(), low=float(low), high=float(high))


def difference_figure(first: PerUser, second: PerUser, rng: np.random.Generator) -> Figure | None:
    """The mean of first - second over the users that both have a value of, and its interval.

    Args:
        first: shape (B,), NaN for users who are left out.
        second: shape (B,), of the same users.
        rng: draws the users, each with both values.
    """
    both = ~np.isnan(first) & ~np.isnan(second)
    if not both.any():
        return None
    found = paired_bootstrap(first[both], second[both], rng)
    return Figure(mean=found.mean, low=found.low, high=found.high)
