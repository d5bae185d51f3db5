"""Profile and history as inputs of the user tower, and whether there are any."""

import numpy as np

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
    terms = term_rows[history]  # (h, w)
    mass = np.bincount(terms.ravel(), weights.repeat(terms.shape[1]))
    mass[:N_RESERVED] = 0
    best = np.argsort(-mass, kind="stable")[:width]
    preferred = np.zeros(width, np.int32)
    found = best[mass[best] > 0]
    preferred[: len(found)] = found
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
