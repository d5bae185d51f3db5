"""Means over users with their intervals, and those of what two models differ by."""

import numpy as np

from hybridrec.evaluation.bootstrap import paired_bootstrap
from hybridrec.evaluation.card import Figure
from hybridrec.evaluation.hits import PerUser


def mean_figure(values: PerUser, rng: np.random.Generator) -> Figure | None:
    """The mean over users and its 95 % interval; None where nothing can be said of any.

    Args:
        values: shape (B,), NaN for users who are left out.
        rng: draws the users.
    """
    return difference_figure(values, np.zeros_like(values), rng)


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
