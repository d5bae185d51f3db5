"""What the genres alone say of a listener or a track that hardly anybody has met."""

from dataclasses import dataclass

import numpy as np

from hybridrec.schema.names import Floats, Mask, Rows
from hybridrec.schema.records import QueryBatch
from hybridrec.vocabulary import N_RESERVED

NEW_LISTENER_PLAYS = 5
"""Fewer plays than these make a new listener, whose stated genres count as plays."""
NEW_TRACK_LISTENERS = 3
"""Fewer listeners than these make a new track, which its genres speak for."""
NEW_LISTENER_CEILING, NEW_TRACK_CEILING = 0.3, 0.2
"""Confidence that a score by genres reaches at most (the service's contract)."""


@dataclass(frozen=True, slots=True, eq=False)
class GenreCentroids:
    """Centroids of the genres, by row of the genre vocabulary; zeros where nothing is known.

    A genre that a listener states stands for its mean play, a track's genre for its mean track:
    popular tracks make most plays, but a new track is rather like the many.

    Attributes:
        of_plays: shape (V, k), at least 0, what a play pulls a listener by, averaged over the plays
            of each genre.
        of_tracks: shape (V, k), at least 0, factors averaged over its tracks with enough listeners.
    """

    of_plays: Floats
    of_tracks: Floats

    @classmethod
    def of(
        cls, factors: Floats, pulls: Floats, interactions: Rows, genre_rows: Rows, n_genres: int
    ) -> "GenreCentroids":
        """Centroids of a factorization.

        Args:
            factors: shape (n_items, k).
            pulls: shape (n_items, k), by which a play of each track pulls at a listener.
            interactions: shape (n_items,), users who played each track.
            genre_rows: shape (n_items, w), 0 is padding.
            n_genres: size of the vocabulary, reserved rows included.
        """
        enough = (interactions >= NEW_TRACK_LISTENERS).astype(np.float32)
        return cls(
            _means(pulls, interactions * enough, genre_rows, n_genres),
            _means(factors, enough, genre_rows, n_genres),
        )

    def tracks(self, genre_rows: Rows) -> Floats:
        """Factors of M tracks by their genres alone, zeros where none says anything; (M, k)."""
        centroids = self.of_tracks[genre_rows]  # (M, w, k)
        speaks = centroids.max(axis=2, initial=0) > 0  # (M, w)
        n_speaking = np.maximum(speaks.sum(axis=1), 1).astype(np.float32)
        factors: Floats = np.einsum("mwk->mk", centroids) / n_speaking[:, None]
        return factors

    def plays(self, genre_rows: Rows) -> Floats:
        """The mean pulls of those of a listener's genres that say anything; shape (g, k)."""
        centroids = self.of_plays[genre_rows[genre_rows >= N_RESERVED]]
        speaking: Floats = centroids[centroids.max(axis=1, initial=0) > 0]
        return speaking


def is_new_listener(queries: QueryBatch) -> Mask:
    """Whether the stated genres of each listener count as plays; shape (B,)."""
    return queries.genres_stated & (np.diff(queries.history_offsets) < NEW_LISTENER_PLAYS)


def _means(factors: Floats, weights: Floats, genre_rows: Rows, n_genres: int) -> Floats:
    """Weighted means of the factors of each genre's tracks; shape (V, k)."""
    sums = np.zeros((n_genres, factors.shape[1]), np.float64)
    total = np.zeros(n_genres)
    for column in genre_rows.T:
        np.add.at(sums, column, factors * weights[:, None])
        np.add.at(total, column, weights)
    sums[:N_RESERVED] = 0.0
    means: Floats = (sums / np.maximum(total, 1e-12)[:, None]).astype(np.float32)
    return means
