"""Whether probabilities mean what they say, and whether scores order rightly.

``scores`` of shape (N,) lie in [0, 1] where they are taken as probabilities; ``labels`` of shape
(N,) say what happened. NaN is refused: what is not known can be neither right nor wrong, so the
caller says how much of it there is, and leaves it out.

Sources: Naeini, Cooper and Hauskrecht, "Obtaining well calibrated probabilities using Bayesian
binning", AAAI 2015 (calibration error); Brier, "Verification of forecasts expressed in terms of
probability", Monthly Weather Review 78 (1950).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hybridrec.schema.names import Floats, Mask, Rows

_Doubles = npt.NDArray[np.float64]
_Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class ReliabilityBins:
    """Scores in bins of about the same count, from low to high, and what was found in each.

    Attributes:
        mean_scores: shape (n,).
        frequencies: shape (n,), share of positive labels, or mean of shares.
        counts: shape (n,), above 0.
    """

    mean_scores: _Doubles
    frequencies: _Doubles
    counts: _Counts

    def at_least(self, n: int) -> "ReliabilityBins":
        """The same, with bins joined until each holds n; all in one if there are fewer.

        Equal scores share a bin, and may leave next to nothing to its neighbours.
        """
        starts = [0]
        for place in range(1, len(self.counts)):
            if self.counts[starts[-1] : place].sum() >= n:
                starts.append(place)
        if len(starts) > 1 and self.counts[starts[-1] :].sum() < n:
            starts.pop()
        counts = np.add.reduceat(self.counts, starts)
        means = [
            np.add.reduceat(values * self.counts, starts) / counts
            for values in (self.mean_scores, self.frequencies)
        ]
        return ReliabilityBins(means[0], means[1], counts)

    def calibration_error(self) -> float:
        """Mean distance of score and frequency over the bins, weighted by count; in [0, 1]."""
        distances = np.abs(self.mean_scores - self.frequencies)
        return float(np.average(distances, weights=self.counts))


def reliability_bins(scores: Floats, labels: Mask | _Doubles, n_bins: int = 15) -> ReliabilityBins:
    """Bins of equal mass; equal scores share a bin, so there may be fewer bins than asked for.

    Args:
        scores: shape (N,), N above 0.
        labels: shape (N,), what happened, or a share of it in [0, 1].
        n_bins: at least 1.

    Raises:
        ValueError: there is no score, or one is not in [0, 1].
    """
    _refuse_non_probabilities(scores)
    _, group, group_counts = np.unique(scores, return_inverse=True, return_counts=True)
    middles = group_counts.cumsum() - group_counts / 2  # middle place of each distinct score
    bins = (middles * n_bins / len(scores)).astype(np.int64)[group]  # (N,), below n_bins
    counts = np.bincount(bins)
    used = counts > 0
    return ReliabilityBins(
        mean_scores=np.bincount(bins, weights=scores)[used] / counts[used],
        frequencies=np.bincount(bins, weights=labels)[used] / counts[used],
        counts=counts[used],
    )


def expected_calibration_error(scores: Floats, labels: Mask, n_bins: int = 15) -> float:
    """How far scores are from frequencies on average, in [0, 1]; 0 is perfectly calibrated.

    Raises:
        ValueError: there is no score, or one is not in [0, 1].
    """
    return reliability_bins(scores, labels, n_bins).calibration_error()


def brier_score(scores: Floats, labels: Mask) -> float:
    """Mean squared distance of score and label, in [0, 1]; 0 is perfect.

    Raises:
        ValueError: there is no score, or one is not in [0, 1].
    """
    _refuse_non_probabilities(scores)
    return float(np.mean((scores.astype(np.float64) - labels) ** 2))


def brier_skill(scores: Floats, labels: Mask) -> float:
    """Share of the base rate's Brier score that the scores save: 1 - BS / (p (1 - p)).

    Returns:
        1 is perfect, 0 no better than always saying the base rate p of these labels, below 0
        worse; NaN if all labels are the same.

    Raises:
        ValueError: there is no score, or one is not in [0, 1].
    """
    score = brier_score(scores, labels)
    base_rate = float(np.mean(labels))
    reference = base_rate * (1 - base_rate)
    return 1 - score / reference if reference else float("nan")


def ordering_probability(scores: Floats, labels: Mask, groups: Rows) -> float:
    """P(a positive scores above a negative of the same group), over all such pairs.

    A tie counts half. With one group this is the area under the ROC curve.

    Args:
        scores: shape (N,), of any range.
        labels: shape (N,).
        groups: shape (N,), at least 0, such as the query of each candidate.

    Returns:
        in [0, 1]; NaN if no group has both a positive and a negative.

    Raises:
        ValueError: a score is NaN.
    """
    n_right, n_pairs = ordered_pairs(scores, labels, groups)
    return float(n_right.sum() / n_pairs.sum()) if n_pairs.any() else float("nan")


def ordered_pairs(scores: Floats, labels: Mask, groups: Rows) -> tuple[_Doubles, _Counts]:
    """Per group, how many pairs of a positive and a negative are rightly ordered, and of how many.

    From the mean ranks r of the positives (Mann and Whitney 1947): n_right = sum of r -
    n_positive (n_positive + 1) / 2. A tie counts half.

    Args:
        scores: shape (N,), of any range.
        labels: shape (N,).
        groups: shape (N,), at least 0.

    Returns:
        both of shape (max(groups) + 1,).

    Raises:
        ValueError: a score is NaN.
    """
    if np.isnan(scores).any():
        raise ValueError("a score is NaN")
    n_all = np.bincount(groups)
    n_positive = np.bincount(groups, weights=labels).astype(np.int64)
    ranks = _ranks_in_groups(scores, groups)
    rank_sums = np.bincount(groups, weights=ranks * labels)
    return rank_sums - n_positive * (n_positive + 1) / 2, n_positive * (n_all - n_positive)


def _ranks_in_groups(scores: Floats, groups: Rows) -> _Doubles:
    """Rank of each score in its group, from 1; equal ones share the mean of their ranks."""
    order = np.lexsort((scores, groups))
    sorted_scores, sorted_groups = scores[order], groups[order]
    is_new_group = np.diff(sorted_groups, prepend=-1) != 0
    is_new_run = is_new_group.copy()
    is_new_run[1:] |= sorted_scores[1:] != sorted_scores[:-1]
    starts = np.flatnonzero(is_new_run)
    lengths = np.diff(starts, append=len(order))
    first_of_group = np.flatnonzero(is_new_group)[is_new_group.cumsum() - 1]  # (N,)
    middles = (starts + (lengths - 1) / 2).repeat(lengths)  # (N,)
    ranks = np.empty(len(order))
    ranks[order] = middles - first_of_group + 1
    return ranks


def _refuse_non_probabilities(scores: Floats) -> None:
    if not len(scores):
        raise ValueError("there is no score")
    if not ((scores >= 0) & (scores <= 1)).all():
        raise ValueError("a score is not in [0, 1]")
