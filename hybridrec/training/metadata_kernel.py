"""How alike tracks are by what is written of them: the cosine of their weighted terms.

Terms are the artist, the album (of that artist), each genre, mood and tag, and each word of the
title. Rare terms tell more than common ones (Spärck Jones, "A statistical interpretation of term
specificity", Journal of Documentation 28 (1972)), and each field has a weight of its own.
"""

from collections.abc import Iterator

import numpy as np
import polars as pl
from scipy.sparse import csr_matrix

from hybridrec.features.text import words
from hybridrec.training.config import MetadataWeights

MIN_TRACKS = 2
"""Tracks that a term must be of: what one track alone has makes it like no other."""

Term = tuple[str, str]
"""A field of ``MetadataWeights`` and what stands there."""


def metadata_terms(tracks: pl.DataFrame, weights: MetadataWeights) -> csr_matrix:
    """The terms of each track; the product of two rows is how alike two tracks are.

    Args:
        tracks: the canonical table of tracks.
        weights: of the fields.

    Returns:
        shape (n_items, n_terms), rows of unit length, or of zeros where a track has no term.
    """
    columns: dict[Term, int] = {}
    of_track, of_term = [], []
    for row, track in enumerate(tracks.iter_rows(named=True)):
        for term in dict.fromkeys(_terms(track)):
            of_track.append(row)
            of_term.append(columns.setdefault(term, len(columns)))
    n_tracks = np.bincount(of_term, minlength=len(columns))
    rarity = np.log(len(tracks) / np.maximum(n_tracks, 1)) * (n_tracks >= MIN_TRACKS)
    of_field = np.array([getattr(weights, field) for field, _ in columns])
    values = (rarity * of_field)[of_term]
    lengths = np.sqrt(np.bincount(of_track, values**2, minlength=len(tracks)))
    values /= np.maximum(lengths, 1e-12)[of_track]
    shape = (len(tracks), len(columns))
    return csr_matrix((values.astype(np.float32), (of_track, of_term)), shape)


def _terms(track: dict[str, object]) -> Iterator[Term]:
    artist, album, title = (str(track[name] or "").lower() for name in ("artist", "album", "title"))
    if artist:
        yield "artist", artist
    if album:
        yield "album", f"{artist}|{album}"
    for field, column in (("genre", "genres"), ("mood", "moods"), ("tag", "tags")):
        names = track[column]
        yield from (
            (field, str(name).lower()) for name in (names if isinstance(names, list) else ())
        )
    yield from (("title", word) for word in words(title))
