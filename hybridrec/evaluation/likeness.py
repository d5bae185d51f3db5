"""How unlike the tracks of a list are, by what is known of their content.

Source of intra-list similarity: Ziegler, McNee, Konstan and Lausen, "Improving recommendation lists
through topic diversification", WWW (2005).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from hybridrec.evaluation.hits import PerUser
from hybridrec.schema.names import Mask, Rows
from hybridrec.schema.ragged import places_of

WORDS = ("genres", "moods", "tags")
"""What a track must have one of, or nothing can be said of its likeness to others."""


@dataclass(frozen=True, slots=True, eq=False)
class TrackTerms:
    """Every track as a vector of unit length: tf-idf of genres, moods, tags and the artist.

    Attributes:
        terms: shape (T,), numbers of the terms, track by track.
        weights: shape (T,), of the terms, above 0.
        offsets: shape (n_items + 1,).
        is_known: shape (n_items,), whether a track has any genre, mood or tag.
    """

    terms: Rows
    weights: npt.NDArray[np.float64]
    offsets: Rows
    is_known: Mask

    @classmethod
    def of(cls, tracks: pl.DataFrame) -> "TrackTerms":
        """The terms of a canonical table of tracks, row by row."""
        n_items = len(tracks)
        found = pl.concat(_terms_of(tracks)).unique().sort("row", "kind", "term")
        numbers = pl.struct("kind", "term").rank("dense") - 1
        numbered = found.with_columns(number=numbers, df=pl.len().over("kind", "term"))
        # each term stands once in a track; smoothed, so that no weight is 0
        idf = 1 + np.log((1 + n_items) / (1 + numbered["df"].to_numpy()))
        rows = numbered["row"].to_numpy()
        length = np.sqrt(np.bincount(rows, idf**2, n_items))
        is_known = tracks.select(pl.any_horizontal(pl.col(WORDS).list.len() > 0))
        return cls(
            terms=numbered["number"].to_numpy().astype(np.int32),
            weights=idf / length[rows],
            offsets=np.searchsorted(rows, np.arange(n_items + 1)).astype(np.int32),
            is_known=is_known.to_series().to_numpy(),
        )

    def diversity(self, ranked_rows: Rows, k: int) -> PerUser:
        """Mean over the pairs of a list of 1 - the cosine of both tracks.

        A track without genre, mood or tag is left out with all its pairs: nobody knows them.

        Args:
            ranked_rows: shape (B, K), best first, -1 where nothing is shown.
            k: places that are looked at.

        Returns:
            shape (B,), in [0, 1]; NaN where a list has no pair of known tracks.
        """
        shown = ranked_rows[:, :k]
        lists, places = np.nonzero((shown >= 0) & self.is_known[shown])
        rows = shown[lists, places]
        n_known = np.bincount(lists, minlength=len(shown)).astype(np.float64)
        entries = places_of(self.offsets, rows)
        n_terms = int(self.terms.max(initial=0)) + 1
        of_list = lists.repeat(np.diff(self.offsets)[rows])
        keys, inverse = np.unique(of_list * n_terms + self.terms[entries], return_inverse=True)
        sums = np.bincount(inverse, self.weights[entries], len(keys))
        # the squared length of a sum of unit vectors is their number and all cosines, twice
        squared = np.bincount(keys // n_terms, sums**2, len(shown))
        pairs = n_known * (n_known - 1)
        unknown = np.full(len(shown), np.nan)
        cosine = np.divide(squared - n_known, pairs, out=unknown, where=pairs > 0)
        unlike: PerUser = np.clip(1 - cosine, 0, 1)
        return unlike


def _terms_of(tracks: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """By kind, the rows of the tracks and what each of them has."""
    numbered = tracks.with_row_index("row")
    for kind in (*WORDS, "artist"):
        found = numbered.select("row", pl.lit(kind).alias("kind"), pl.col(kind).alias("term"))
        if kind in WORDS:
            found = found.explode("term")
        yield found.filter(pl.col("term").is_not_null() & (pl.col("term") != ""))
