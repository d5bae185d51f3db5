"""Refuses values that were told in another unit, which no range of single values can tell."""

from datetime import UTC, datetime, timedelta

import polars as pl

from hybridrec.datasets.refusals import example, refusal

MIN_MEDIAN_MS = 5_000
"""A catalogue whose middle track is shorter was told in seconds or minutes."""
MAX_AHEAD = timedelta(days=1)
"""How far times may lie ahead: clocks differ, and zones are left out."""

FIRST_YEAR, LAST_YEAR = 1900, 9999
"""Years that a time may lie in at all; others cannot even be written."""


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


def check_calendar(interactions: pl.DataFrame, table: str) -> None:
    """Refuses times that no log can hold."""
    first, end = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC), datetime(LAST_YEAR, 12, 31, tzinfo=UTC)
    stamps = interactions["timestamp"].dt.epoch("ms")
    outside = stamps.filter(
        (stamps < round(1e3 * first.timestamp())) | (stamps > round(1e3 * end.timestamp()))
    )
    if len(outside):
        raise refusal(
            table,
            "timestamp",
            f"times before {FIRST_YEAR} or after {LAST_YEAR}, read as milliseconds since 1970"
            f"{example(outside)}",
            len(outside),
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
