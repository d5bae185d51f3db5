"""HetRec 2011 Last.fm-2K: artists as tracks, counts of listening as plays, tags as words.

Source: Cantador, Brusilovsky and Kuflik, "2nd Workshop on Information Heterogeneity and Fusion in
Recommender Systems", RecSys 2011.
"""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from hybridrec.datasets.checks import check_interactions, check_rows, check_tracks
from hybridrec.datasets.hetrec_days import check_days
from hybridrec.datasets.hetrec_files import (
    ARTISTS,
    NAME_OF_SET,
    PLAYS,
    TAGGINGS,
    TAGS,
    read_layout,
    source_of,
)
from hybridrec.datasets.hetrec_tags import words_of_artists
from hybridrec.datasets.refusals import refuse_where
from hybridrec.datasets.table import Dataset
from hybridrec.schema.tables import INTERACTIONS, TRACKS


@dataclass(frozen=True, slots=True, eq=False)
class HetRec:
    """The release as canonical tables.

    Attributes:
        dataset: a track for each artist; its title is the artist's name, as there is no other.
        n_left_out: taggings of artists that the release itself does not hold.
    """

    dataset: Dataset
    n_left_out: int


def read_hetrec(folder: Path) -> HetRec:
    """Reads the release in its official layout.

    Plays have no time: the release dates taggings alone, and those are no plays.

    Args:
        folder: holds ``artists.dat``, ``user_artists.dat``, ``tags.dat`` and
            ``user_taggedartists.dat``.

    Raises:
        InvalidData: naming the file, the column, the lines and the cure.
    """
    artists = _artists(folder)
    tracks_source = source_of(folder / ARTISTS.file, track_id="id", title="name")
    plays_source = source_of(
        folder / PLAYS.file, user_id="userID", track_id="artistID", plays="weight"
    )
    interactions = _interactions(folder)
    taggings, n_left_out = _taggings(folder, artists["track_id"])
    words = words_of_artists(taggings)
    tracks = _canonical(artists.join(words, on="track_id", how="left", maintain_order="left"))
    check_tracks(tracks, tracks_source)
    check_interactions(interactions, plays_source)
    refuse_where(
        interactions,
        plays_source,
        "track_id",
        ~pl.col("track_id").is_in(tracks["track_id"].implode()),
        f"artists that {ARTISTS.file} lacks; unpack {NAME_OF_SET}.zip again if {ARTISTS.file} is"
        " cut off, or add them there, or drop these rows",
    )
    return HetRec(Dataset(tracks, interactions), n_left_out)


def _artists(folder: Path) -> pl.DataFrame:
    table = read_layout(folder, ARTISTS)
    refuse_where(
        table,
        source_of(folder / ARTISTS.file),
        "name",
        pl.col("name").str.strip_chars() == "",
        "empty names; write the artist's name",
    )
    return table.select(track_id="id", title="name", artist="name")


def _interactions(folder: Path) -> pl.DataFrame:
    table = read_layout(folder, PLAYS)
    refuse_where(
        table,
        source_of(folder / PLAYS.file),
        "artistID",
        pl.struct("userID", "artistID").is_duplicated(),
        "artists that one user has more than once; keep one row a user and artist",
    )
    plays = table.select(user_id="userID", track_id="artistID", plays="weight")
    absent = [pl.lit(None).alias(name) for name in INTERACTIONS if name not in plays.columns]
    return plays.with_columns(absent).cast(INTERACTIONS).select(INTERACTIONS.names())


def _taggings(folder: Path, known: pl.Series) -> tuple[pl.DataFrame, int]:
    """Who gave which artist which tag, and how many such rows are of no artist of the release."""
    tags, taggings = read_layout(folder, TAGS), read_layout(folder, TAGGINGS)
    tags_source, taggings_source = source_of(folder / TAGS.file), source_of(folder / TAGGINGS.file)
    check_rows(tags, tags_source, "tagID")
    check_rows(taggings, taggings_source, "tagID")
    check_days(taggings, taggings_source)
    refuse_where(
        tags,
        tags_source,
        "tagValue",
        pl.col("tagValue").str.strip_chars() == "",
        "empty tags; write the tag, or drop these rows",
    )
    refuse_where(
        tags,
        tags_source,
        "tagID",
        pl.col("tagID").is_duplicated(),
        "duplicate ids; keep one row a tag",
    )
    refuse_where(
        taggings,
        taggings_source,
        "tagID",
        ~pl.col("tagID").is_in(tags["tagID"].implode()),
        f"unknown tags; add them to {folder / TAGS.file}, or drop these rows",
    )
    of_known = taggings.filter(pl.col("artistID").is_in(known.implode()))
    named = of_known.join(tags, on="tagID", maintain_order="left")
    rows = named.select(user_id="userID", track_id="artistID", tag="tagValue")
    return rows, len(taggings) - len(of_known)


def _canonical(artists: pl.DataFrame) -> pl.DataFrame:
    absent = [
        pl.lit(None, dtype=dtype).alias(name)
        for name, dtype in TRACKS.items()
        if name not in artists.columns
    ]
    lists = [
        pl.col(name).fill_null(pl.lit([], dtype=TRACKS[name]))
        for name in ("genres", "moods", "tags")
    ]
    return artists.with_columns(*absent, *lists).select(TRACKS.names())
