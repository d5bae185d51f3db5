"""Raw confidences by rule; calibrators then give them their meaning.

The steps are the service's contract: what a user's and an item's interactions, the nearest users,
and an item's audio and metadata each add.
"""

import numpy as np

from hybridrec.schema.names import Floats, Rows
from hybridrec.schema.records import AudioFeatures, QueryBatch
from hybridrec.vocabulary import PADDING

USER_STEPS = ((10, 0.1), (20, 0.2), (50, 0.3), (100, 0.4))
"""From how many interactions on, and what they add."""
ITEM_STEPS = ((10, 1000, 0.3), (5, 2000, 0.2), (1, np.inf, 0.1))
"""From and to how many interactions, and what they add; the first that fits counts."""
NEIGHBOUR_PART = 0.3
MEASURED, PREDICTED, NO_AUDIO = 0.9, 0.6, 0.3
"""Base of content confidence; with no audio at all half of what a prediction gives."""
RECENT_DAYS, OLD_DAYS = 30.0, 365.0
"""Days without a play up to which a listener's taste is current, and from which half is gone."""
ENOUGH_PLAYS = 10
"""Plays from which on a listener is known well enough: the first of the user's steps."""
MIN_CONFIDENCE = 1e-3
"""Confidence of a score that is known but no better than a coin's toss; 0 means unknown."""


def user_part(n_interactions: Rows) -> Floats:
    """What the user's interactions add, in [0, 0.4].

    Args:
        n_interactions: shape (B,).
    """
    limits = [limit for limit, _ in USER_STEPS]
    parts = np.array([0.0] + [part for _, part in USER_STEPS], np.float32)
    return parts[np.searchsorted(limits, n_interactions, side="right")]


def item_part(n_interactions: Rows) -> Floats:
    """What the item's interactions add: most for neither too niche nor too mainstream.

    Args:
        n_interactions: shape (N,).

    Returns:
        shape (N,), 0, 0.1, 0.2 or 0.3.
    """
    inside = [(n_interactions >= low) & (n_interactions <= high) for low, high, _ in ITEM_STEPS]
    return np.select(inside, [part for _, _, part in ITEM_STEPS], 0.0).astype(np.float32)


def neighbour_part(similarity: Floats) -> Floats:
    """What the similarity of the nearest other users adds, in [0, 0.3].

    Args:
        similarity: shape (B,), in [0, 1].
    """
    return similarity * np.float32(NEIGHBOUR_PART)


def collaborative_part(queries: QueryBatch, interactions: Rows, similarity: Floats) -> Floats:
    """Raw confidence of collaborative scores: by the user's history, the item's, the nearest users.

    Of a listener of fewer than ten plays, or of long ago, all of it counts in part.

    Args:
        queries: with candidates.
        interactions: shape (n_items,), users who played each track in training.
        similarity: shape (B,), of the nearest users, in [0, 1].

    Returns:
        shape (N,), in [0, 1].
    """
    of_user = user_part(np.diff(queries.history_offsets)) + neighbour_part(similarity)
    rows = queries.candidate_rows
    inside = rows < len(interactions)
    of_item = item_part(np.where(inside, interactions[np.where(inside, rows, 0)], 0))
    query = queries.query_of_candidate
    raw: Floats = np.minimum(of_user[query] + of_item, np.float32(1))
    share = listener_share(queries) * recency_share(queries.idle_days)
    return raw * share[query]


def listener_share(queries: QueryBatch) -> Floats:
    """The share of a raw confidence that is left for what is known of each listener.

    Training knows its users by many plays; the fewer a listener has, the further off is what was
    learnt from those. Without a play, each stated preference counts for a part of one.

    Returns:
        shape (B,), in (0, 1], 1 from ``ENOUGH_PLAYS`` on.
    """
    n_plays = np.diff(queries.history_offsets)
    stated = np.concatenate([queries.genre_rows, queries.mood_rows], axis=1) > PADDING
    known = np.where(n_plays > 0, np.minimum(n_plays, ENOUGH_PLAYS), stated.mean(axis=1))
    return ((1 + known) / (1 + ENOUGH_PLAYS)).astype(np.float32)


def recency_share(idle_days: Floats) -> Floats:
    """The share of a raw confidence that is left for how long ago each listener was last heard of.

    Tastes move on: all of it within a month, half of it after a year, in between by the logarithm
    of the days. What is not dated is not discounted.

    Args:
        idle_days: shape (B,), NaN if unknown.

    Returns:
        shape (B,), in [1/2, 1].
    """
    past = np.log(np.maximum(idle_days, RECENT_DAYS) / RECENT_DAYS) / np.log(OLD_DAYS / RECENT_DAYS)
    shares: Floats = 1.0 - np.minimum(np.nan_to_num(past, nan=0.0), 1.0) / 2.0
    return shares.astype(np.float32)


def content_part(audio: AudioFeatures, completeness: Floats) -> Floats:
    """Raw confidence of content scores by what is known of the items, of the listener apart.

    Args:
        audio: of M tracks.
        completeness: shape (M,), share of the metadata that is there.

    Returns:
        shape (M,), in [0, 0.9].
    """
    known = (audio.confidence > 0).any(axis=1)
    base = np.select([audio.predicted, known], [PREDICTED, MEASURED], NO_AUDIO)
    return (base * completeness).astype(np.float32)
