"""Refuses values that were told in another unit, which no range of single values can tell."""

from datetime import UTC, datetime, timedelta

import polars as pl

from hybridrec.datasets.refusals import refusal, refuse_where
from hybridrec.datasets.source import Source

MIN_MEDIAN_MS = 5_000
"""A catalogue whose middle track is shorter was told in seconds or minutes."""
MAX_AHEAD = timedelta(days=1)
"""How far times may lie ahead: clocks differ, and zones are left out."""

FIRST_YEAR, LAST_YEAR = 1900, 9999
"""Years that a time may lie in at all; others cannot even be written."""

TIMES = "write ISO 8601, or epoch seconds or milliseconds since 1970, or drop these rows"
STAMP = pl.col("timestamp").dt.epoch("ms")


def check_times(interactions: pl.DataFrame, source: Source, now: datetime) -> None:
    """Refuses interactions that have not happened yet.

    Args:
        interactions: of schema ``INTERACTIONS``, in the order of their source.
        source: what messages say of it.
        now: with its time zone.

    Raises:
        InvalidData: times lie ahead by more than a day.
    """
    latest = round(1e3 * (now + MAX_AHEAD).timestamp())
    refuse_where(
        interactions.select(timestamp=pl.col("timestamp").dt.to_string("%Y-%m-%d"), ms=STAMP),
        source,
        "timestamp",
        pl.col("ms") > latest,
        f"times in the future; {TIMES}",
    )


def check_calendar(interactions: pl.DataFrame, source: Source) -> None:
    """Refuses times that no log can hold."""
    first, end = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC), datetime(LAST_YEAR, 12, 31, tzinfo=UTC)
    refuse_where(
        interactions.select(timestamp=STAMP),
        source,
        "timestamp",
        ~pl.col("timestamp").is_between(
            round(1e3 * first.timestamp()), round(1e3 * end.timestamp())
        ),
        f"times before {FIRST_YEAR} or after {LAST_YEAR}, read as milliseconds since 1970; {TIMES}",
    )


def check_durations(tracks: pl.DataFrame, source: Source) -> None:
    """Refuses durations that were told in another unit."""
    median: float | None = tracks.select(pl.col("duration_ms").median()).item()
    if median is not None and median < MIN_MEDIAN_MS:
        raise refusal(
            source,
            "duration_ms",
            f"a median of {median:g}, too short for tracks,",
            tracks["duration_ms"].count(),
            "durations are in milliseconds; multiply by 1000 if these are seconds",
        )
