"""The canonical tables, read from any Parquet, CSV or JSONL file through a column map."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import polars as pl

from hybridrec.datasets.canonical import canonical
from hybridrec.datasets.checks import (
    INTERACTIONS_SOURCE,
    TRACKS_SOURCE,
    check_interactions,
    check_pair,
    check_tracks,
)
from hybridrec.datasets.forms import NO_MAP, source_of
from hybridrec.datasets.parquet import write_table
from hybridrec.datasets.publish import publish
from hybridrec.datasets.source import Source
from hybridrec.datasets.units import check_times
from hybridrec.errors import InvalidData
from hybridrec.schema.tables import (
    INTERACTIONS,
    INTERACTIONS_REQUIRED,
    TRACKS,
    TRACKS_REQUIRED,
)

__all__ = ["Dataset", "check_pair", "check_times", "read_interactions", "read_tracks", "source_of"]

TRACKS_FILE = "tracks.parquet"
INTERACTIONS_FILE = "interactions.parquet"


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """A catalogue and the plays of it, both canonical.

    Attributes:
        tracks: one row a track, of schema ``TRACKS``.
        interactions: of schema ``INTERACTIONS``, every track of it known.
    """

    tracks: pl.DataFrame
    interactions: pl.DataFrame

    @classmethod
    def load(cls, folder: Path) -> "Dataset":
        """Reads ``tracks.parquet`` and ``interactions.parquet`` of a folder.

        Raises:
            InvalidData: a table is missing or refused.
        """
        return cls.read(folder / TRACKS_FILE, folder / INTERACTIONS_FILE)

    @classmethod
    def read(
        cls,
        tracks_path: Path,
        interactions_path: Path,
        tracks_columns: Mapping[str, str] = NO_MAP,
        interactions_columns: Mapping[str, str] = NO_MAP,
    ) -> "Dataset":
        """Reads both tables from files of any form.

        Raises:
            InvalidData: a table is missing or refused, or they do not fit each other.
        """
        tracks, tracks_source = tracks_of(tracks_path, tracks_columns)
        interactions, source = interactions_of(interactions_path, interactions_columns)
        check_pair(tracks, interactions, tracks_source, source)
        return cls(tracks, interactions)

    @property
    def n_users(self) -> int:
        """Users that have an interaction."""
        return self.interactions["user_id"].n_unique()

    def check(self) -> None:
        """Refuses what ``load`` would refuse.

        Raises:
            InvalidData: naming the table, the column, the rows and the cure.
        """
        for source, frame, schema in (
            (TRACKS_SOURCE, self.tracks, TRACKS),
            (INTERACTIONS_SOURCE, self.interactions, INTERACTIONS),
        ):
            if frame.schema != schema:
                raise InvalidData(
                    source.name, "not of the canonical schema; read it with Dataset.read"
                )
        check_tracks(self.tracks, TRACKS_SOURCE)
        check_interactions(self.interactions, INTERACTIONS_SOURCE)
        check_pair(self.tracks, self.interactions)

    def save(self, folder: Path) -> None:
        """Writes both tables into a folder; nothing is written if one is refused.

        Raises:
            InvalidData: a table is refused, or the folder cannot be written.
        """
        self.check()
        publish(folder, self.writers())

    def writers(self) -> Mapping[str, Callable[[Path], None]]:
        """By file name, what writes each table, for ``publish``."""
        return {
            TRACKS_FILE: partial(write_table, self.tracks),
            INTERACTIONS_FILE: partial(write_table, self.interactions),
        }


def read_tracks(path: Path, columns: Mapping[str, str] = NO_MAP) -> pl.DataFrame:
    """Reads a table of tracks.

    Args:
        path: ends in .parquet, .csv or .jsonl.
        columns: by field, the file's name for it, where that is not the field's own.

    Returns:
        Of schema ``TRACKS``: what the file lacks is null, lists are empty.

    Raises:
        InvalidData: naming the file, the column, the rows and the cure.
    """
    return tracks_of(path, columns)[0]


def read_interactions(path: Path, columns: Mapping[str, str] = NO_MAP) -> pl.DataFrame:
    """Reads a table of interactions, one row an event or the plays of one user and track.

    A file without ``plays`` and ``event`` has one play a row. An event without plays counts as
    one play if it is ``play``, else as none: the other events say what the user thought, and a
    log has the play itself as a row of its own.

    Args:
        path: as of ``read_tracks``.
        columns: as of ``read_tracks``.

    Returns:
        Of schema ``INTERACTIONS``.

    Raises:
        InvalidData: naming the file, the column, the rows and the cure.
    """
    return interactions_of(path, columns)[0]


def tracks_of(path: Path, columns: Mapping[str, str]) -> tuple[pl.DataFrame, Source]:
    """As ``read_tracks``, and what messages say of the table."""
    read = canonical(path, columns, TRACKS, TRACKS_REQUIRED)
    tracks = read.frame.with_columns(pl.col(pl.Float32).fill_nan(None))  # pandas' null
    check_tracks(tracks, read.source)
    return tracks, read.source


def interactions_of(path: Path, columns: Mapping[str, str]) -> tuple[pl.DataFrame, Source]:
    """As ``read_interactions``, and what messages say of the table."""
    read = canonical(path, columns, INTERACTIONS, INTERACTIONS_REQUIRED)
    told, ms_played = pl.col("event"), pl.col("ms_played")
    event = pl.when(told.str.strip_chars() != "").then(told)  # a quoted empty cell tells none
    uncounted = (
        pl.when(event == "play")
        .then(1.0)
        .when(event.is_not_null())
        .then(0.0)
        .otherwise(None if "plays" in read.found else 1.0)
    )
    interactions = read.frame.with_columns(
        pl.coalesce("plays", uncounted.cast(pl.Float32)),
        ms_played.fill_nan(None),
        event=event,
    )
    check_interactions(interactions, read.source)
    return interactions, read.source
