"""Rows of the catalogue as inputs of the item tower."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from hybridrec.features.audio import tower_audio
from hybridrec.features.names import name_rows
from hybridrec.features.text import token_rows
from hybridrec.schema.names import (
    AUDIO_FEATURES,
    MAX_GENRES,
    MAX_MOODS,
    MAX_TAGS,
    RATING_FEATURES,
    Floats,
    Rows,
)
from hybridrec.schema.records import AudioFeatures, ItemFeatures
from hybridrec.vocabulary import TermVocabulary

RATINGS_FULL = 10_000.0
"""Count of ratings that scales to 1, on a log scale."""

COMPLETENESS = ("album", "year", "genres", "moods", "tags", "duration_ms")
"""Optional metadata whose presence counts towards completeness, beside title and artist."""


@dataclass(frozen=True, slots=True, eq=False)
class ItemEncoder:
    """Turns tracks of the canonical table into rows of the bundle's vocabularies.

    Attributes:
        artists: terms with an embedding of their own; an artist outside is unknown.
        genres, moods, tags: likewise.
    """

    artists: TermVocabulary
    genres: TermVocabulary
    moods: TermVocabulary
    tags: TermVocabulary

    def encode(self, tracks: pl.DataFrame) -> ItemFeatures:
        """Features of the tracks of a canonical table, in its order."""
        column = {name: tracks[name].to_list() for name in ("title", "artist", "album")}
        texts = (column["title"], column["artist"], column["album"])
        return ItemFeatures(
            tokens=token_rows(*texts),
            names=name_rows(*texts),
            artist_rows=np.array([self.artists.row(name or "") for name in column["artist"]], "i4"),
            genre_rows=self.genres.padded(tracks["genres"].to_list(), MAX_GENRES),
            mood_rows=self.moods.padded(tracks["moods"].to_list(), MAX_MOODS),
            tag_rows=self.tags.padded(tracks["tags"].to_list(), MAX_TAGS),
            year=_floats(tracks, ["year"])[:, 0],
            duration_ms=_floats(tracks, ["duration_ms"])[:, 0],
            audio=_floats(tracks, list(AUDIO_FEATURES)),
            ratings=scaled_ratings(_floats(tracks, list(RATING_FEATURES))),
            completeness=completeness(tracks),
        )


def scaled_ratings(ratings: Floats) -> Floats:
    """Rating features scaled to about [0, 1], NaN if unknown; shape (C, 5)."""
    aoty_score, popularity, n_ratings, user_average, critic_score = ratings.T
    count = np.log1p(n_ratings) / np.log1p(RATINGS_FULL)
    columns = [aoty_score / 100, popularity / 100, count, user_average / 5, critic_score / 100]
    return np.stack(columns, axis=1).astype(np.float32)


def completeness(tracks: pl.DataFrame) -> Floats:
    """Share of the metadata that is there; shape (n,), in [0, 1]."""
    present = [
        pl.col(name).list.len() > 0
        if tracks.schema[name] == pl.List(pl.String())
        else pl.col(name).is_not_null()
        for name in COMPLETENESS
    ]
    known = tracks.select(pl.sum_horizontal(present).alias("known"))["known"].to_numpy()
    return ((known + 2) / (len(COMPLETENESS) + 2)).astype(np.float32)


def tower_inputs(items: ItemFeatures, audio: AudioFeatures) -> dict[str, Rows | Floats]:
    """Inputs of the item tower, by name, for C tracks."""
    values, confidence = tower_audio(audio)
    ratings_known = ~np.isnan(items.ratings)
    return {
        "tokens": items.tokens,
        "artist_rows": items.artist_rows,
        "genre_rows": items.genre_rows,
        "mood_rows": items.mood_rows,
        "tag_rows": items.tag_rows,
        "audio": values,
        "audio_confidence": confidence,
        "ratings": np.where(ratings_known, items.ratings, 0.0).astype(np.float32),
        "ratings_known": ratings_known.astype(np.float32),
    }


def _floats(tracks: pl.DataFrame, names: list[str]) -> Floats:
    columns = [tracks[name].cast(pl.Float32).fill_null(float("nan")).to_numpy() for name in names]
    return np.stack(columns, axis=1).astype(np.float32)
