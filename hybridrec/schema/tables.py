"""The canonical tables: one of tracks, one of interactions, as Polars types."""

import polars as pl

from hybridrec.schema.names import AUDIO_FEATURES

TRACKS = pl.Schema(
    {
        "track_id": pl.String(),
        "title": pl.String(),
        "artist": pl.String(),
        "album": pl.String(),
        "year": pl.Int32(),
        "genres": pl.List(pl.String()),
        "moods": pl.List(pl.String()),
        "tags": pl.List(pl.String()),
        "duration_ms": pl.Float32(),
        "popularity": pl.Float32(),
        **dict.fromkeys(AUDIO_FEATURES, pl.Float32()),
        "loudness": pl.Float32(),
        "key": pl.Float32(),
        "mode": pl.Float32(),
        "aoty_score": pl.Float32(),
        "aoty_num_ratings": pl.Float32(),
        "critic_score": pl.Float32(),
        "user_rating_avg": pl.Float32(),
    }
)
"""One row a track. Null is unknown; lists are empty if unknown, never null.

``duration_ms`` in milliseconds, ``popularity`` 0 to 100, audio 0 to 1 but ``tempo`` (beats a
minute) and ``loudness`` (dB), ``key`` 0 to 11, ``mode`` 1 major or 0 minor, ``aoty_score`` and
``critic_score`` 0 to 100, ``user_rating_avg`` 0 to 5.
"""

TRACKS_REQUIRED = ("track_id", "title", "artist")
"""Columns that a table of tracks must bring; the others are null where it does not."""

INTERACTIONS = pl.Schema(
    {
        "user_id": pl.String(),
        "track_id": pl.String(),
        "plays": pl.Float32(),
        "timestamp": pl.Datetime("ms", "UTC"),
        "event": pl.String(),
        "ms_played": pl.Float32(),
    }
)
"""One row an interaction, or the plays of one user and track together.

``plays`` above 0, or 0 beside an event other than ``play``; ``timestamp``, ``event`` (one of
``EVENTS``) and ``ms_played`` are null where the log does not tell. A row that tells no plays counts
as one play, but as none if it has an event other than ``play``.
"""

INTERACTIONS_REQUIRED = ("user_id", "track_id")

EVENTS = ("play", "skip", "like", "dislike", "save")
