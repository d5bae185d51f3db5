"""How sure a difference of two models is: the paired bootstrap.

Source: Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), the percentile interval.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Difference:
    """The mean of first - second over users, and its interval.

    Attributes:
        mean: of the users as they are.
        low: lower end of the interval.
        high: its upper end.
        n_pairs: users that both models have a value for.
    """

    mean: float
    low: float
    high: float
    n_pairs: int

    @property
    def is_sure(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.low > 0 or self.high < 0


def paired_bootstrap(
    first: npt.NDArray[np.float64],
    second: npt.NDArray[np.float64],
    rng: np.random.Generator,
    n_draws: int = 1_000,
    level: float = 0.95,
) -> Difference:
    """Draws users with replacement, each with both of its values.

    Args:
        first: shape (B,), one value a user; NaN where nothing can be said, as in ``second``.
        second: shape (B,), the other model's value for the same users.
        rng: draws the users.
        n_draws: at least 1.
        level: probability that the interval covers, in (0, 1).

    Raises:
        ValueError: the arrays differ in length or in the place of NaN, or hold nothing else.
    """
    if first.shape != second.shape or (np.isnan(first) != np.isnan(second)).any():
        raise ValueError("the values are not paired: they must be of the same users")
    differences = (first - second)[~np.isnan(first)]
    n_pairs = len(differences)
    if not n_pairs:
        raise ValueError("there is no pair to compare")
    # one draw at a time: all at once would take n_draws * n_pairs numbers
    means = [differences[rng.integers(n_pairs, size=n_pairs)].mean() for _ in range(n_draws)]
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Difference(float(differences.mean()), float(low), float(high), n_pairs)
