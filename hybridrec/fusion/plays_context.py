"""What the meta-learner knows of a track's and a listener's plays, whatever the sources say."""

from dataclasses import dataclass, field

import numpy as np

from hybridrec.schema.names import Floats, Rows
from hybridrec.schema.records import QueryBatch
from hybridrec.vocabulary import N_RESERVED

PLAYS_CONTEXT = (
    "is_played",
    "popularity",
    "above_history",
    "history_popularity",
    "history_size",
    "artist_concentration",
)
"""Whether anybody played the track in training; the logarithm of how many did, also beside the mean
of the listener's history; that mean; the logarithm of the history's length; the chance that two of
its tracks are of one artist. 0 where unknown."""
OF_TRACK = 3
"""How many of these, the first, are of the track: a new one has none of them."""
SCALE = np.float32(0.2)
"""Brings logarithms of counts to about 1."""


@dataclass(frozen=True, slots=True, eq=False)
class PlaysContext:
    """Plays in training, and who made the tracks.

    Attributes:
        interactions: shape (n_items,), users who played each track in training.
        artist_rows: shape (n_items,), rows of the vocabulary; reserved ones are of no one artist.
    """

    interactions: Rows
    artist_rows: Rows
    _popularity: Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        popularity = np.log1p(self.interactions).astype(np.float32) * SCALE
        object.__setattr__(self, "_popularity", popularity)

    def of(self, queries: QueryBatch) -> Floats:
        """The context of each candidate.

        Returns:
            shape (N, 6), by the columns of ``PLAYS_CONTEXT``.
        """
        rows, n_items = queries.candidate_rows, len(self.interactions)
        is_cold = rows >= n_items
        popularity = self._popularity[np.where(is_cold, 0, rows)]
        popularity[is_cold] = 0.0
        known = (popularity > 0).astype(np.float32)
        listeners = np.stack([self._listener(queries, query) for query in range(len(queries))])
        of_listener = listeners[queries.query_of_candidate]  # (N, 3)
        above = (popularity - of_listener[:, 0]) * known
        return np.column_stack([known, popularity, above, of_listener])

    def _listener(self, queries: QueryBatch, query: int) -> Floats:
        """Mean popularity of the history, its size, its concentration; shape (3,)."""
        history, _ = queries.history(query)
        n = len(history)
        if not n:
            return np.zeros(3, np.float32)
        artists = self.artist_rows[history]
        counts = np.bincount(artists[artists >= N_RESERVED]).astype(np.float64)
        pairs = (counts * (counts - 1)).sum() / max(n * (n - 1), 1)
        mean = self._popularity[history].mean(dtype=np.float64)
        return np.array([mean, np.log1p(n) * SCALE, pairs], np.float32)
