"""How popular what is shown is: novelty, the long tail, and lift over what was played before.

Popularity is the number of users who played a track in training.
"""

import numpy as np

from hybridrec.evaluation.hits import PerUser
from hybridrec.schema.names import Mask, Rows
from hybridrec.schema.ragged import places_of

TAIL_SHARE = 0.2
"""Of all plays, those of the long tail: the rule of 80 to 20."""


def novelty(ranked_rows: Rows, popularity: Rows, n_users: int, k: int) -> PerUser:
    """Mean of -log2 of the share of users who played each track, in bits.

    Source: Vargas and Castells, "Rank and relevance in novelty and diversity metrics for
    recommender systems", RecSys (2011), self-information without a discount.

    Args:
        ranked_rows: shape (B, K), best first, -1 where nothing is shown.
        popularity: shape (n_items,); a track that nobody played counts as played by one user, the
            most novel there can be.
        n_users: users of the training.
        k: places that are looked at.

    Returns:
        shape (B,), at least 0, NaN for an empty list.
    """
    information = -np.log2(np.maximum(popularity, 1) / max(n_users, 1))
    return _mean_shown(information, ranked_rows, k)


def long_tail(popularity: Rows) -> Mask:
    """Whether each track is of the long tail: the least played, with ``TAIL_SHARE`` of all plays.

    Tracks of the same popularity are all in or all out; in all the tail has at most that share.

    Source: Yin, Cui, Li, Yao and Chen, "Challenging the long tail recommendation", VLDB (2012).

    Returns:
        shape (n_items,).
    """
    of_count = np.bincount(popularity) * np.arange(popularity.max(initial=0) + 1)
    tail_of_count = of_count.cumsum() <= TAIL_SHARE * of_count.sum()
    is_tail: Mask = tail_of_count[popularity]
    return is_tail


def long_tail_share(ranked_rows: Rows, popularity: Rows, k: int) -> PerUser:
    """Share of the long tail among what is shown.

    Source: Abdollahpouri, Burke and Mobasher, "Managing popularity bias in recommender systems with
    personalized re-ranking", FLAIRS (2019), there called APLT.

    Returns:
        shape (B,), in [0, 1], NaN for an empty list.
    """
    return _mean_shown(long_tail(popularity).astype(np.float64), ranked_rows, k)


def popularity_lift(
    ranked_rows: Rows, popularity: Rows, history_rows: Rows, history_offsets: Rows, k: int
) -> PerUser:
    """How much more popular lists are than what their users had played; the mean is the lift.

    The lift of a group is (mean of its lists - mean of its histories) / mean of its histories,
    each the mean of the users' means; a user's part is its own difference by the group's mean.

    Source: Abdollahpouri, Mansoury, Burke and Mobasher, "The connection between popularity bias,
    calibration, and fairness in recommendation", RecSys (2020).

    Args:
        ranked_rows: shape (B, K), best first, -1 where nothing is shown.
        popularity: shape (n_items,).
        history_rows: shape (H,), what each user had played.
        history_offsets: shape (B + 1,).
        k: places that are looked at.

    Returns:
        shape (B,), at least -1 in the mean; NaN where a list or a history is empty.
    """
    counts = popularity.astype(np.float64)
    sizes = np.diff(history_offsets)
    users = np.arange(len(sizes), dtype=np.int32)
    played = history_rows[places_of(history_offsets, users)]
    sums = np.bincount(users.repeat(sizes), counts[played], len(sizes))
    before = np.divide(sums, sizes, out=np.full(len(sizes), np.nan), where=sizes > 0)
    lists = _mean_shown(counts, ranked_rows, k)
    both = ~np.isnan(before) & ~np.isnan(lists)
    usual = before[both].mean() if both.any() else np.nan
    return np.where(both, (lists - before) / usual, np.nan)


def _mean_shown(values: PerUser, ranked_rows: Rows, k: int) -> PerUser:
    """Mean of the tracks' values over the first k places of each list that show something."""
    shown = ranked_rows[:, :k]
    is_shown = shown >= 0
    n_shown = is_shown.sum(axis=1)
    sums = np.where(is_shown, values[shown], 0.0).sum(axis=1)
    means: PerUser = np.divide(sums, n_shown, out=np.full(len(sums), np.nan), where=n_shown > 0)
    return means
