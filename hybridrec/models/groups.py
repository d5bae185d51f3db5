"""Groups of candidates whose confidence is told apart: by listener, and by track.

A raw confidence cannot mean the same for a stranger's only play and for a regular's hundredth, nor
for a track that nobody plays and for one that everybody does: each group has a map of its own.
"""

import numpy as np

from hybridrec.models.genres import (
    NEW_LISTENER_CEILING,
    NEW_LISTENER_PLAYS,
    NEW_TRACK_CEILING,
    NEW_TRACK_LISTENERS,
    is_new_listener,
)
from hybridrec.schema.names import LISTENER_KINDS, TRACK_KINDS, Floats, Rows
from hybridrec.schema.records import QueryBatch

LISTENERS = tuple(LISTENER_KINDS)
MANY_PLAYS = 10
TRACK_LIMITS = (NEW_TRACK_LISTENERS, 10, 100, 1000)
TRACKS = tuple(TRACK_KINDS)
N_GROUPS = len(LISTENERS) * len(TRACKS)
IS_STRANGER = np.array([not kind.startswith("trained") for kind in LISTENERS])
"""Shape (8,), kinds of listener that training did not see."""


def cf_ceilings() -> Floats:
    """The confidence that a collaborative score reaches at most, by group; shape (N_GROUPS,).

    Of listeners known by their genres, and of tracks that hardly anybody played. Where a ceiling is
    no float32, the next one below it stands for it.
    """
    by_genres = np.isin(LISTENERS, ["genres_alone", "no_plays", "few_plays_and_genres"])
    of_listener = np.where(by_genres, NEW_LISTENER_CEILING, 1.0)
    of_track = np.where(np.array(TRACKS) == "new", NEW_TRACK_CEILING, 1.0)
    exact = np.minimum.outer(of_listener, of_track).ravel()
    nearest = exact.astype(np.float32)
    return np.where(nearest > exact, np.nextafter(nearest, np.float32(0)), nearest)


def confidence_groups(queries: QueryBatch, interactions: Rows) -> Rows:
    """The group of each candidate: that of its listener times 5, plus that of its track.

    Args:
        queries: with candidates.
        interactions: shape (n_items,), users who played each track in training.

    Returns:
        shape (N,), from 0 to ``N_GROUPS`` - 1.
    """
    n_plays, states_genres = np.diff(queries.history_offsets), is_new_listener(queries)
    is_stranger = queries.user_rows < 0
    of_listener = np.select(
        [
            (n_plays == 0) & states_genres,
            n_plays == 0,
            states_genres,
            is_stranger & (n_plays < NEW_LISTENER_PLAYS),
            is_stranger & (n_plays < MANY_PLAYS),
            is_stranger,
            n_plays < MANY_PLAYS,
        ],
        range(len(LISTENERS) - 1),
        len(LISTENERS) - 1,
    )
    rows = queries.candidate_rows
    inside = rows < len(interactions)
    n_listeners = np.where(inside, interactions[np.where(inside, rows, 0)], 0)
    of_track = np.searchsorted(TRACK_LIMITS, n_listeners, side="right")
    groups = of_listener[queries.query_of_candidate] * len(TRACKS) + of_track
    return groups.astype(np.int32)
