"""Columns of times whose numbers spell dates would be read as the first weeks of 1970."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import polars as pl
import pytest

from hybridrec.datasets.table import read_interactions
from hybridrec.errors import InvalidData

Times = Sequence[int | float | str | None]


def as_csv(times: Times, path: Path) -> None:
    rows = [f"u,a,{'' if time is None else time}\n" for time in times]
    path.write_text("user_id,track_id,timestamp\n" + "".join(rows))


def as_jsonl(times: Times, path: Path) -> None:
    rows = [{"user_id": "u", "track_id": "a", "timestamp": time} for time in times]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def as_parquet(times: Times, path: Path) -> None:
    table = {"user_id": ["u"] * len(times), "track_id": ["a"] * len(times), "timestamp": times}
    pl.DataFrame(table).write_parquet(path)


WRITERS: Mapping[str, tuple[Callable[[Times, Path], None], str]] = {
    ".csv": (as_csv, "(lines 2, 4)"),
    ".jsonl": (as_jsonl, "(lines 1, 3)"),
    ".parquet": (as_parquet, "(rows 1, 3)"),
}


@pytest.mark.parametrize("suffix", WRITERS)
@pytest.mark.parametrize(
    ("times", "form"),
    [
        pytest.param([20240501, None, 19991231], "YYYYMMDD", id="day"),
        pytest.param([20240501.0, None, 20240501.0], "YYYYMMDD", id="day-of-pandas"),
        pytest.param([202405011015, None, 202405012359], "YYYYMMDDhhmm", id="minute"),
        pytest.param([2024, None, 1999], "years", id="year"),
        pytest.param([19844, None, 19845], "days since 1970", id="epoch-day"),
    ],
)
def test_dates_as_numbers_are_refused_in_every_form(
    tmp_path: Path, suffix: str, times: Times, form: str
) -> None:
    path = tmp_path / f"log{suffix}"
    write, places = WRITERS[suffix]
    write(times, path)

    with pytest.raises(InvalidData) as refused:
        read_interactions(path)

    assert f"'timestamp': numbers that read as dates ({form})" in refused.value.detail
    assert f"in 2 rows {places}; write ISO 8601" in refused.value.detail


@pytest.mark.parametrize(
    "times",
    [
        pytest.param([20240501, 1714557600], id="one-is-seconds"),
        pytest.param([20249901, 20240501], id="no-date"),
        pytest.param([20230231, 20240501], id="no-day-of-that-month"),
        pytest.param([2024, 2024], id="one-small-number"),
        pytest.param([0, 1, 2000], id="seconds-from-naught"),
        pytest.param([None, None], id="undated"),
    ],
)
def test_other_numbers_are_seconds(tmp_path: Path, times: Times) -> None:
    path = tmp_path / "log.parquet"
    as_parquet(times, path)

    stamps = read_interactions(path)["timestamp"].dt.epoch("s").to_list()

    assert stamps == list(times)


def test_dates_as_numbers_beside_iso_dates_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    as_csv(["2024-05-01", "20240502"], path)

    with pytest.raises(InvalidData, match=r"read as dates .*'20240502'.*\(line 3\)"):
        read_interactions(path)
