"""Track metadata by column, and what is looked up of it while a query is answered."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from hybridrec.schema.names import Floats, Rows
from hybridrec.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True, eq=False)
class Catalog:
    """The tracks of a bundle.

    Attributes:
        table: the canonical table of tracks, row by row.
        tracks: their ids.
        interactions: shape (n_items,), users who played each track in training.
        artist_rows: shape (n_items,), the same number for the same artist, 0 if unknown.
        titles: by row, empty if unknown.
        artists: likewise.
    """

    table: pl.DataFrame
    tracks: Vocabulary
    interactions: Rows
    artist_rows: Rows
    titles: tuple[str, ...]
    artists: tuple[str, ...]
    genres: tuple[tuple[str, ...], ...]
    moods: tuple[tuple[str, ...], ...]
    acclaim: Floats
    """Shape (n_items, 2): critics' score (0 to 100) and number of ratings, NaN if unknown."""

    @classmethod
    def of(cls, table: pl.DataFrame, interactions: Rows) -> "Catalog":
        """A catalogue of a canonical table and the training's counts by row."""
        acclaim = table.select(
            pl.col("aoty_score", "aoty_num_ratings").fill_null(float("nan"))
        ).to_numpy()
        return cls(
            table=table,
            tracks=Vocabulary(tuple(table["track_id"].to_list())),
            interactions=interactions,
            artist_rows=_codes(table["artist"]),
            titles=tuple(table["title"].fill_null("").to_list()),
            artists=tuple(table["artist"].fill_null("").to_list()),
            genres=tuple(tuple(names) for names in table["genres"].to_list()),
            moods=tuple(tuple(names) for names in table["moods"].to_list()),
            acclaim=acclaim.astype(np.float32),
        )

    def __len__(self) -> int:
        return len(self.tracks)

    def popular(self) -> Rows:
        """All rows, most interactions first, ties by row."""
        return self.by_popularity(np.arange(len(self), dtype=np.int32))

    def by_popularity(self, rows: Rows) -> Rows:
        """Some rows, most interactions first, ties by row."""
        return rows[np.lexsort((rows, -self.interactions[rows]))]


def _codes(names: pl.Series) -> Rows:
    """A number from 1 on for each name, 0 for no name."""
    known = names.replace("", None)
    return known.rank("dense").fill_null(0).to_numpy().astype(np.int32)
