"""What a canonical table must hold, and the one-line refusals of those that do not."""

from collections.abc import Mapping

import polars as pl

from hybridrec.datasets.refusals import refusal, refuse_where
from hybridrec.datasets.units import check_calendar, check_durations
from hybridrec.schema.names import AUDIO_FEATURES
from hybridrec.schema.tables import EVENTS

SHARE = (0.0, 1.0)
RANGES: Mapping[str, tuple[float, float]] = {
    "year": (1000, 2200),
    "duration_ms": (1, 86_400_000),
    "popularity": (0, 100),
    **dict.fromkeys(AUDIO_FEATURES, SHARE),
    "tempo": (1, 400),
    "loudness": (-100, 20),
    "key": (0, 11),
    "mode": SHARE,
    "aoty_score": (0, 100),
    "aoty_num_ratings": (0, 1e9),
    "critic_score": (0, 100),
    "user_rating_avg": (0, 5),
    "ms_played": (0, 86_400_000),
    "plays": (0, 1e6),
}
"""Lowest and highest value of each column, in the units of ``hybridrec.schema.tables``."""


def check_tracks(frame: pl.DataFrame, table: str) -> None:
    """Refuses tracks that may not be trained on or served.

    Raises:
        InvalidData: no rows, a null or repeated id, a value out of range, or durations that are
            no milliseconds.
    """
    check_rows(frame, table, "track_id")
    check_ids(frame, table, "track_id")
    refuse_where(
        frame,
        table,
        "track_id",
        pl.col("track_id").is_duplicated(),
        "duplicate ids; keep one row a track",
    )
    check_ranges(frame, table)
    check_durations(frame, table)


def check_interactions(frame: pl.DataFrame, table: str) -> None:
    """Refuses interactions that may not be trained on.

    Raises:
        InvalidData: no rows, a null id, an unknown event, plays that are no count, or times that
            no calendar holds.
    """
    check_rows(frame, table, "user_id")
    for column in ("user_id", "track_id"):
        check_ids(frame, table, column)
    plays, event = pl.col("plays"), pl.col("event")
    refuse_where(
        frame,
        table,
        "event",
        event.is_not_null() & ~event.is_in(EVENTS),
        f"unknown events; write one of {', '.join(EVENTS)}",
    )
    check_calendar(frame, table)
    may_be_zero = event.is_in(EVENTS) & (event != "play")
    is_count = plays.is_finite() & ((plays > 0) | ((plays == 0) & may_be_zero))
    refuse_where(
        frame,
        table,
        "plays",
        ~is_count.fill_null(value=False),
        "plays that are no number above 0; drop these rows, or leave the column out to count"
        " every row as one play",
    )
    check_ranges(frame, table)


def check_pair(
    tracks: pl.DataFrame,
    interactions: pl.DataFrame,
    tracks_table: str = "tracks",
    interactions_table: str = "interactions",
) -> None:
    """Refuses interactions of tracks that the other table does not hold.

    Messages call the tables what the caller does, such as by the paths of their files.

    Raises:
        InvalidData: a track is unknown.
    """
    known = tracks["track_id"].implode()
    refuse_where(
        interactions,
        interactions_table,
        "track_id",
        ~pl.col("track_id").is_in(known),
        f"unknown tracks; add them to {tracks_table}, or drop these rows",
    )


def check_rows(frame: pl.DataFrame, table: str, column: str) -> None:
    """Refuses a table without rows."""
    if frame.is_empty():
        raise refusal(table, column, "no values", 0, "export the table again, with its rows")


def check_ids(frame: pl.DataFrame, table: str, column: str) -> None:
    """Refuses ids that name nothing."""
    is_missing = pl.col(column).fill_null("").str.strip_chars() == ""
    refuse_where(frame, table, column, is_missing, "null ids; fill them in, or drop these rows")


def check_ranges(frame: pl.DataFrame, table: str) -> None:
    """Refuses values outside their column's range, infinite ones among them."""
    columns = [name for name in frame.columns if name in RANGES]
    outside = {name: ~pl.col(name).is_between(*RANGES[name]) for name in columns}
    counts = frame.select(outside[name].sum().alias(name) for name in columns).row(0, named=True)
    for name in columns:
        if counts[name]:
            low, high = RANGES[name]
            why = f"values out of range; write {low:g} to {high:g}, and leave unknown ones empty"
            refuse_where(frame, table, name, outside[name], why)
