"""What a canonical table must hold, and the one-line refusals of those that do not."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import polars as pl

from hybridrec.errors import InvalidData
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
}
"""Lowest and highest value of each column, in the units of ``hybridrec.schema.tables``."""

MIN_MEDIAN_MS = 5_000
"""A catalogue whose middle track is shorter was told in seconds or minutes."""
MAX_AHEAD = timedelta(days=1)
"""How far times may lie ahead: clocks differ, and zones are left out."""

MAX_EXAMPLE = 40
"""Most characters of a refused value that a message shows."""


def refusal(table: str, column: str, problem: str, n_rows: int, cure: str) -> InvalidData:
    """The error of a refused column: file, column, number of rows concerned, and the cure."""
    rows = "1 row" if n_rows == 1 else f"{n_rows} rows"
    line = f"column '{column}': {problem} in {rows}; {cure}"
    return InvalidData(table, " ".join(line.split()))


def refuse_where(frame: pl.DataFrame, table: str, column: str, bad: pl.Expr, why: str) -> None:
    """Refuses the table if ``bad`` holds in any row; ``why`` is "problem; cure"."""
    found = frame.lazy().filter(bad).select(pl.col(column)).collect()[column]
    if len(found):
        problem, _, cure = why.partition("; ")
        raise refusal(table, column, problem + example(found), len(found), cure)


def example(found: pl.Series) -> str:
    """One of the values refused, where there is one to show."""
    value = found.drop_nulls().head(1).to_list()
    return f" (such as {repr(value[0])[:MAX_EXAMPLE]})" if value else ""


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
        InvalidData: no rows, a null id, an unknown event, or plays that are no count.
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


def check_times(interactions: pl.DataFrame, table: str, now: datetime) -> None:
    """Refuses interactions that have not happened yet.

    Args:
        interactions: of schema ``INTERACTIONS``.
        table: what messages call it, such as the path of its file.
        now: with its time zone.

    Raises:
        InvalidData: times lie ahead by more than a day.
    """
    times = interactions["timestamp"]
    ahead = times.filter(times > now.astimezone(UTC) + MAX_AHEAD)
    if len(ahead):
        raise refusal(
            table,
            "timestamp",
            f"times in the future{example(ahead.dt.to_string('%Y-%m-%d'))}",
            len(ahead),
            "write ISO 8601, or epoch seconds or milliseconds since 1970, or drop these rows",
        )


def check_durations(tracks: pl.DataFrame, table: str) -> None:
    """Refuses durations that were told in another unit."""
    median: float | None = tracks.select(pl.col("duration_ms").median()).item()
    if median is not None and median < MIN_MEDIAN_MS:
        raise refusal(
            table,
            "duration_ms",
            f"a median of {median:g}, too short for tracks,",
            tracks["duration_ms"].count(),
            "durations are in milliseconds; multiply by 1000 if these are seconds",
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
