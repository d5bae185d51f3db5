"""What a canonical table must hold, and the one-line refusals of those that do not."""

from collections.abc import Mapping

import polars as pl

from hybridrec.datasets.refusals import refusal, refuse_where
from hybridrec.datasets.source import Source
from hybridrec.datasets.units import check_calendar, check_durations
from hybridrec.schema.names import AUDIO_FEATURES, MAX_TEXT
from hybridrec.schema.tables import EVENTS

TRACKS_SOURCE, INTERACTIONS_SOURCE = Source("tracks"), Source("interactions")
"""Tables that come from no file."""

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

OPEN: Mapping[str, str] = {"plays": "numbers above 0, up to 1,000,000, or drop these rows"}
"""How to write the columns that may not be empty, and whose lowest value is no bound."""

WHOLE: Mapping[str, str] = {
    "key": "write 0 (C) to 11 (B), and leave unknown ones empty",
    "mode": "write 1 for major or 0 for minor, and leave unknown ones empty",
}
"""Columns of numbers that name something, and how to write them."""


def check_tracks(frame: pl.DataFrame, source: Source) -> None:
    """Refuses tracks that may not be trained on or served.

    Raises:
        InvalidData: no rows, a null or repeated id, a value out of range, or durations that are
            no milliseconds.
    """
    check_rows(frame, source, "track_id")
    check_ids(frame, source, "track_id")
    refuse_where(
        frame,
        source,
        "track_id",
        pl.col("track_id").is_duplicated(),
        "duplicate ids; keep one row a track",
    )
    check_ranges(frame, source)
    check_whole(frame, source)
    check_durations(frame, source)


def check_interactions(frame: pl.DataFrame, source: Source) -> None:
    """Refuses interactions that may not be trained on.

    Raises:
        InvalidData: no rows, a null id, an unknown event, plays that are no count, or times that
            no calendar holds.
    """
    check_rows(frame, source, "user_id")
    for column in ("user_id", "track_id"):
        check_ids(frame, source, column)
    plays, event = pl.col("plays"), pl.col("event")
    refuse_where(
        frame,
        source,
        "event",
        event.is_not_null() & ~event.is_in(EVENTS),
        f"unknown events; write one of {', '.join(EVENTS)}",
    )
    check_calendar(frame, source)
    may_be_zero = event.is_in(EVENTS) & (event != "play")
    is_count = plays.is_finite() & ((plays > 0) | ((plays == 0) & may_be_zero))
    refuse_where(
        frame,
        source,
        "plays",
        ~is_count.fill_null(value=False),
        "plays that are no number above 0; drop these rows, or leave the column out to count"
        " every row as one play",
    )
    check_ranges(frame, source)


def check_pair(
    tracks: pl.DataFrame,
    interactions: pl.DataFrame,
    tracks_source: Source = TRACKS_SOURCE,
    interactions_source: Source = INTERACTIONS_SOURCE,
) -> None:
    """Refuses interactions of tracks that the other table does not hold.

    Args:
        tracks: of schema ``TRACKS``.
        interactions: of schema ``INTERACTIONS``.
        tracks_source: what messages say of the tracks.
        interactions_source: what they say of the interactions.

    Raises:
        InvalidData: a track is unknown.
    """
    known = tracks["track_id"].implode()
    refuse_where(
        interactions,
        interactions_source,
        "track_id",
        ~pl.col("track_id").is_in(known),
        f"unknown tracks; add them to {tracks_source.name}, or drop these rows; ids must be equal"
        " to the letter, blanks and case included",
    )


def check_rows(frame: pl.DataFrame, source: Source, column: str) -> None:
    """Refuses a table without rows."""
    if frame.is_empty():
        raise refusal(source, column, "no values", 0, "export the table again, with its rows")


def check_ids(frame: pl.DataFrame, source: Source, column: str) -> None:
    """Refuses ids that name nothing, and those that no request can name."""
    is_missing = pl.col(column).fill_null("").str.strip_chars() == ""
    refuse_where(frame, source, column, is_missing, "null ids; fill them in, or drop these rows")
    refuse_where(
        frame,
        source,
        column,
        pl.col(column).str.len_chars() > MAX_TEXT,
        f"ids of more than {MAX_TEXT} characters, which no request can name; shorten them",
    )


def check_ranges(frame: pl.DataFrame, source: Source) -> None:
    """Refuses values outside their column's range, infinite ones among them."""
    columns = [name for name in frame.columns if name in RANGES]
    outside = {name: ~pl.col(name).is_between(*RANGES[name]) for name in columns}
    counts = frame.select(outside[name].sum().alias(name) for name in columns).row(0, named=True)
    for name in columns:
        if counts[name]:
            low, high = (f"{bound:,.12g}" for bound in RANGES[name])
            bounds = OPEN.get(name, f"{low} to {high}, and leave unknown ones empty")
            why = f"values out of range; write {bounds}"
            refuse_where(frame, source, name, outside[name], why)


def check_whole(frame: pl.DataFrame, source: Source) -> None:
    """Refuses keys and modes between two of them."""
    for name, meaning in WHOLE.items():
        between = pl.col(name) != pl.col(name).floor()
        refuse_where(frame, source, name, between, f"values between whole numbers; {meaning}")
