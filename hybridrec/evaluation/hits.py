"""Measures of hits: NDCG, recall, reciprocal rank and hit rate, one value a user.

Relevance is binary. ``hits`` of shape (B, K) says which places of B lists, best first, show a
relevant item, and ``n_relevant`` of shape (B,) how many there are to be found; K may be below k.

Source of NDCG: Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", ACM
Transactions on Information Systems 20 (2002), with the discount 1 / log2(1 + rank).
"""

import numpy as np
import numpy.typing as npt

from hybridrec.schema.names import Mask, Rows

PerUser = npt.NDArray[np.float64]


def find_hits(ranked_rows: Rows, relevant_rows: Rows, relevant_offsets: Rows) -> Mask:
    """Whether each place of each list shows a relevant item, shape (B, K).

    Raises:
        ValueError: a list, or the relevant rows of a user, hold a row twice.
    """
    n_rows = 1 + max(ranked_rows.max(initial=-1), relevant_rows.max(initial=-1))
    users = np.arange(len(ranked_rows), dtype=np.int64)
    shown = users[:, None] * n_rows + ranked_rows  # (B, K), one number for a user and a row
    relevant = users.repeat(np.diff(relevant_offsets)) * n_rows + relevant_rows  # (R,)
    relevant = np.sort(relevant[relevant_rows >= 0])
    in_order = np.sort(ranked_rows, axis=1)
    if ((in_order[:, 1:] == in_order[:, :-1]) & (in_order[:, 1:] >= 0)).any():
        raise ValueError("a list holds a row twice")
    if (relevant[1:] == relevant[:-1]).any():
        raise ValueError("a user's relevant rows hold a row twice")
    places = np.searchsorted(relevant, shown)  # (B, K); np.isin would sort all that is shown
    is_relevant: Mask = np.append(relevant, -1)[places] == shown
    return is_relevant & (ranked_rows >= 0)


def ndcg(hits: Mask, n_relevant: Rows, k: int) -> PerUser:
    """Normalised discounted cumulated gain of the first k places.

    DCG@k = sum over the hits among ranks r = 1..k of 1 / log2(1 + r), divided by that of an ideal
    list, whose first min(k, n_relevant) places are hits.

    Args:
        hits: shape (B, K).
        n_relevant: shape (B,).
        k: at least 1.

    Returns:
        shape (B,), in [0, 1], NaN where nothing is relevant.
    """
    discounts = 1 / np.log2(np.arange(2, k + 2))  # (k,)
    gains = np.zeros((len(hits), k))
    gains[:, : hits.shape[1]] = hits[:, :k] * discounts[: hits.shape[1]]
    # both sums run from the first place on, so that a perfect list is 1 to the last bit
    ideal = discounts.cumsum()[np.clip(n_relevant, 1, k) - 1]
    return _where_relevant(gains.cumsum(axis=1)[:, -1] / ideal, n_relevant)


def recall(hits: Mask, n_relevant: Rows, k: int) -> PerUser:
    """Share of the relevant items that the first k places show: hits@k / n_relevant.

    Returns:
        shape (B,), in [0, 1], NaN where nothing is relevant.
    """
    return _where_relevant(hits[:, :k].sum(axis=1) / np.maximum(n_relevant, 1), n_relevant)


def reciprocal_rank(hits: Mask, n_relevant: Rows) -> PerUser:
    """1 / rank of the first hit in the whole list, 0 if there is none; its mean is the MRR.

    Returns:
        shape (B,), in [0, 1], NaN where nothing is relevant.
    """
    n_places = hits.shape[1]
    gains = np.concatenate([1 / np.arange(1, n_places + 1), [0.0]])  # (K + 1,)
    first = np.where(hits.any(axis=1), hits.argmax(axis=1) if n_places else 0, n_places)
    return _where_relevant(gains[first], n_relevant)


def hit_rate(hits: Mask, n_relevant: Rows, k: int) -> PerUser:
    """1 if any of the first k places is a hit, else 0; its mean is the hit rate.

    Returns:
        shape (B,), NaN where nothing is relevant.
    """
    return _where_relevant(hits[:, :k].any(axis=1), n_relevant)


def _where_relevant(values: npt.ArrayLike, n_relevant: Rows) -> PerUser:
    return np.where(n_relevant > 0, values, np.nan)
