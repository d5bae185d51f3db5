"""Kinds of listener and of track that figures are told apart by."""

from collections.abc import Iterator, Mapping

import numpy as np

from hybridrec.evaluation.judgement import Questions
from hybridrec.models.groups import TRACK_LIMITS
from hybridrec.schema.names import TRACK_KINDS, Mask, Rows
from hybridrec.vocabulary import Vocabulary

PLAYED_LIMITS = (1, 5, 10, 50)
LISTENERS: Mapping[str, str] = {
    "known": "of the training",
    "new": "new, with a history",
    "unknown": "new, nothing is known",
    "plays_0": "no track known",
    "plays_1": "1 to 4 tracks known",
    "plays_5": "5 to 9",
    "plays_10": "10 to 49",
    "plays_50": "50 and more",
}
"""Kinds of listener: by who knows them, then again by how many of their tracks are known."""
TRACKS: Mapping[str, str] = {"cold": "no listener in training", **TRACK_KINDS}
"""Kinds of track to be found, by users who played them in training; the cold ones are new too."""


def kinds_of_listeners(asked: Questions, users: Vocabulary) -> Iterator[tuple[str, Mask]]:
    """Each kind, and which askers are of it, shape (B,).

    Args:
        asked: the questions.
        users: of the training.
    """
    is_known = users.rows(asked.user_ids) >= 0
    n_played = np.diff(asked.history_offsets)
    yield "known", is_known
    yield "new", ~is_known & (n_played > 0)
    yield "unknown", ~is_known & (n_played == 0)
    band = np.searchsorted(PLAYED_LIMITS, n_played, side="right")
    for number, least in enumerate((0, *PLAYED_LIMITS)):
        yield f"plays_{least}", band == number


def kinds_of_tracks(interactions: Rows) -> Iterator[tuple[str, Mask]]:
    """Each kind, and which tracks are of it, shape (n_items,).

    Args:
        interactions: shape (n_items,), users who played each track in training.
    """
    yield "cold", interactions == 0
    band = np.searchsorted(TRACK_LIMITS, interactions, side="right")
    for number, kind in enumerate(TRACK_KINDS):
        yield kind, band == number
