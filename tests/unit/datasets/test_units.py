"""Values of a wrong unit, which no range of single values can tell."""

from datetime import UTC, datetime, timedelta, timezone

import polars as pl
import pytest

from hybridrec.datasets.checks import check_interactions
from hybridrec.datasets.source import Source
from hybridrec.datasets.units import MIN_MEDIAN_MS, check_durations, check_times
from hybridrec.errors import InvalidData
from hybridrec.schema.tables import INTERACTIONS, TRACKS

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
A_DAY = timedelta(days=1)
LOG = Source("log.csv")


def durations(*values: float | None) -> pl.DataFrame:
    return pl.DataFrame({"duration_ms": values}, {"duration_ms": TRACKS["duration_ms"]})


def times(*values: datetime | None) -> pl.DataFrame:
    return pl.DataFrame({"timestamp": values}, {"timestamp": INTERACTIONS["timestamp"]})


def plays() -> pl.DataFrame:
    """Three plays of one track."""
    columns = {"user_id": ["a", "b", "c"], "track_id": ["t"] * 3, "plays": [1.0] * 3}
    gaps = {name: [None] * 3 for name in INTERACTIONS if name not in columns}
    return pl.DataFrame(columns | gaps, schema_overrides=INTERACTIONS).select(*INTERACTIONS)


@pytest.mark.parametrize(
    "table",
    [
        pytest.param(durations(), id="no track"),
        pytest.param(durations(None, None), id="none known"),
        pytest.param(durations(2_000, 210_000, 180_000, None), id="one jingle"),
        pytest.param(durations(MIN_MEDIAN_MS), id="just long enough"),
    ],
)
def test_durations_in_milliseconds_pass(table: pl.DataFrame) -> None:
    check_durations(table, LOG)


@pytest.mark.parametrize(
    "table",
    [
        pytest.param(durations(210, 180, None, 240_000), id="most in seconds"),
        pytest.param(durations(3.5, 4, 2.75), id="minutes"),
        pytest.param(durations(*[MIN_MEDIAN_MS - 1] * 3), id="just too short"),
    ],
)
def test_durations_of_another_unit_are_refused(table: pl.DataFrame) -> None:
    with pytest.raises(InvalidData) as refused:
        check_durations(table, Source("songs.csv"))

    detail = refused.value.detail
    assert detail.startswith("songs.csv: column 'duration_ms': ")
    assert "in 3 rows; durations are in milliseconds; multiply by 1000" in detail


@pytest.mark.parametrize(
    "table",
    [
        pytest.param(times(), id="no play"),
        pytest.param(times(None, None), id="undated"),
        pytest.param(times(NOW, NOW - 9_000 * A_DAY, None), id="past"),
        pytest.param(times(NOW + A_DAY), id="a day ahead"),
    ],
)
def test_times_that_may_have_been_pass(table: pl.DataFrame) -> None:
    check_times(table, LOG, NOW)


def test_times_ahead_by_more_than_a_day_are_refused_with_their_number() -> None:
    ahead = NOW + A_DAY + timedelta(milliseconds=1)
    table = times(NOW, ahead, None, datetime(2052, 1, 1, tzinfo=UTC))

    with pytest.raises(InvalidData) as refused:
        check_times(table, LOG, NOW)

    detail = refused.value.detail
    assert detail.startswith(
        "log.csv: column 'timestamp': times in the future (such as '2026-03-02')"
    )
    assert "in 2 rows (rows 2, 4); " in detail
    assert "epoch seconds or milliseconds" in detail


def test_the_present_may_come_in_any_zone() -> None:
    east = NOW.astimezone(timezone(timedelta(hours=9)))

    check_times(times(NOW + A_DAY), LOG, east)
    with pytest.raises(InvalidData):
        check_times(times(NOW + A_DAY + timedelta(hours=1)), LOG, east)


@pytest.mark.parametrize(
    "stamp",
    [
        pytest.param(9_223_372_036_854_775, id="microseconds, all there are"),
        pytest.param(1_700_000_000_000_000_000, id="nanoseconds"),
        pytest.param(-90_000_000_000_000, id="before all logs"),
        pytest.param(-(2**62), id="before all calendars"),
    ],
)
def test_times_of_no_calendar_are_refused_with_their_number(stamp: int) -> None:
    stamps = pl.Series([stamp, 1_700_000_000_000, None]).cast(pl.Datetime("ms", "UTC"))

    with pytest.raises(InvalidData) as refused:
        check_interactions(plays().with_columns(timestamp=stamps), Source("plays.parquet"))

    assert refused.value.detail.startswith("plays.parquet: column 'timestamp': times before 1900")
    assert f"(such as {stamp}) in 1 row (row 1); " in refused.value.detail


def test_more_plays_than_anyone_has_time_for_are_refused() -> None:
    with pytest.raises(InvalidData, match="'plays': values out of range") as refused:
        check_interactions(plays().with_columns(plays=pl.lit(3e38, pl.Float32)), LOG)

    assert refused.value.detail.endswith(
        "; write numbers above 0, up to 1,000,000, or drop these rows"
    )
