"""Profile and history as inputs of the user tower, and whether there are any."""

import numpy as np

from hybridrec.histories import Histories
from hybridrec.schema.names import Floats, Mask, Rows
from hybridrec.schema.records import QueryBatch
from hybridrec.vocabulary import N_RESERVED, PADDING


def derived_preferences(history: Rows, weights: Floats, term_rows: Rows, width: int) -> Rows:
    """The genres (or moods) that a history is full of, for a listener who stated none.

    Args:
        history: shape (h,), tracks.
        weights: shape (h,), interaction weights.
        term_rows: shape (n_items, w), the terms of each track.
        width: how many to return at most.

    Returns:
        shape (width,), heaviest first, ties by row, padded with 0.
    """
    offsets = np.array([0, len(history)], np.int32)
    preferred: Rows = preferences_of_each(Histories(history, weights, offsets), term_rows, width)[0]
    return preferred


def preferences_of_each(histories: Histories, term_rows: Rows, width: int) -> Rows:
    """The same of many listeners at once; shape (n_users, width)."""
    terms = term_rows[histories.rows].astype(np.int64)  # (H, w)
    owners = np.arange(len(histories)).repeat(np.diff(histories.offsets))
    weights = np.broadcast_to(histories.weights[:, None], terms.shape)
    counts = (terms >= N_RESERVED) & (weights > 0)
    n_terms = int(term_rows.max(initial=0)) + 1
    # each term of each listener, once
    pairs, place = np.unique((owners[:, None] * n_terms + terms)[counts], return_inverse=True)
    mass = np.bincount(place, weights[counts], len(pairs))
    owner, term = np.divmod(pairs, n_terms)
    order = np.lexsort((term, -mass, owner))
    rank = np.arange(len(order)) - np.searchsorted(owner, owner)  # owner[order] is owner
    best = rank < width
    preferred = np.zeros((len(histories), width), np.int32)
    preferred[owner[best], rank[best]] = term[order][best]
    return preferred


def history_pool(embeddings: Floats, history: Rows, weights: Floats) -> Floats:
    """Mean of the history's item embeddings by weight, zeros for no history.

    Args:
        embeddings: shape (n_items, d).
        history: shape (h,).
        weights: shape (h,).

    Returns:
        shape (d,).
    """
    if not len(history):
        return np.zeros(embeddings.shape[1], np.float32)
    pooled: Floats = np.einsum("h,hd->d", weights / weights.sum(), embeddings[history])
    return pooled


def is_known(queries: QueryBatch) -> Mask:
    """Whether anything at all is known of each listener; shape (B,)."""
    known: Mask = (
        (queries.user_rows >= 0)
        | (np.diff(queries.history_offsets) > 0)
        | (queries.genre_rows > PADDING).any(axis=1)
        | (queries.mood_rows > PADDING).any(axis=1)
    )
    return known
