"""Refusals name the rows as the user sees them: lines of text files, rows of Parquet from 1."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl
import pytest

from hybridrec.datasets.ids import read_ids
from hybridrec.datasets.source import Source
from hybridrec.datasets.table import read_interactions, read_tracks
from hybridrec.errors import InvalidData

WRITERS: Mapping[str, Callable[[pl.DataFrame, Path], None]] = {
    ".csv": lambda table, path: table.write_csv(path),
    ".jsonl": lambda table, path: table.write_ndjson(path),
    ".parquet": lambda table, path: table.write_parquet(path),
}
HEADER = "user_id,track_id,plays"


def refusal_of(path: Path, text: str) -> str:
    path.write_text(text, newline="")
    with pytest.raises(InvalidData) as refused:
        read_interactions(path)
    return refused.value.detail


def test_a_row_of_a_csv_is_named_by_its_line(tmp_path: Path) -> None:
    detail = refusal_of(tmp_path / "log.csv", f"{HEADER}\nu,a,1\nu,b,-2\nv,a,0\n")

    assert "column 'plays': plays that are no number above 0 (such as -2.0)" in detail
    assert "in 2 rows (lines 3, 4); " in detail


@pytest.mark.parametrize("end", [pytest.param("\n", id="unix"), pytest.param("\r\n", id="windows")])
def test_cells_of_several_lines_are_counted(tmp_path: Path, end: str) -> None:
    lines = [HEADER, '"u', 'x","a', "", 'b",1', "v,a,nan", ""]

    detail = refusal_of(tmp_path / "log.csv", end.join(lines))

    assert "in 1 row (line 6); " in detail


def test_a_row_of_jsonl_is_named_by_its_line_though_some_are_empty(tmp_path: Path) -> None:
    good, bad = (json.dumps({"user_id": "u", "track_id": "a", "plays": n}) for n in (1, -1))

    detail = refusal_of(tmp_path / "log.jsonl", f"{good}\n\n  \n{bad}\n{good}\n")

    assert "in 1 row (line 4); " in detail


def test_a_row_of_parquet_is_counted_from_one(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    pl.DataFrame({"user_id": ["u", None], "track_id": ["a", "b"]}).write_parquet(path)

    with pytest.raises(InvalidData, match=r"'user_id': null ids in 1 row \(row 2\)"):
        read_interactions(path)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", WRITERS)
def test_one_bad_row_in_a_million_is_found(tmp_path: Path, suffix: str) -> None:
    rows = pl.int_range(1_000_000, eager=True)
    table = pl.DataFrame(
        {
            "user_id": (rows % 999).cast(pl.String),
            "track_id": (rows % 77).cast(pl.String),
            "plays": pl.select(pl.when(rows == 654_321).then(-7).otherwise(3)).to_series(),
        }
    )
    path = tmp_path / f"log{suffix}"
    place = {".csv": "line 654323", ".jsonl": "line 654322", ".parquet": "row 654322"}
    WRITERS[suffix](table, path)

    with pytest.raises(InvalidData) as refused:
        read_interactions(path)

    assert f"(such as -7.0) in 1 row ({place[suffix]}); " in refused.value.detail


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        pytest.param('ann "x,a,1', "'ann \"x,a,1'", id="one"),
        pytest.param('u,5" single,1', "'u,5\" single,1'", id="inches"),
        pytest.param('"a ""b"" c","d,e",5"', '\'"a ""b"" c","d,e",5"\'', id="beside-quoted-cells"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_stray_quote_is_named_by_its_line(
    tmp_path: Path, cells: str, shown: str, end: str
) -> None:
    good = ['"u', ' ""x""","a, b",1', "u,a,1"]

    detail = refusal_of(tmp_path / "log.csv", end.join([HEADER, *good, cells, *good, ""]))

    assert f"line 5: {shown} has a quote within a cell; put quotes around" in detail


@pytest.mark.slow
def test_one_stray_quote_in_a_million_rows_is_found(tmp_path: Path) -> None:
    rows = [*["u,a,1"] * 654_321, 'ann "x,a,1', *["u,a,1"] * 345_678]

    detail = refusal_of(tmp_path / "log.csv", "\n".join([HEADER, *rows]))

    assert "line 654323: 'ann \"x,a,1' has a quote within a cell; " in detail


@pytest.mark.slow
def test_one_nan_in_a_million_objects_is_found(tmp_path: Path) -> None:
    row = {"user_id": "u", "track_id": "a", "plays": 3.0}
    good, bad = json.dumps(row), json.dumps({**row, "plays": float("nan")})
    text = "\n".join([*[good] * 654_321, bad, *[good] * 345_678])

    detail = refusal_of(tmp_path / "log.jsonl", text)

    assert "column 'plays': NaN in line 654322 is no number of JSON; write null" in detail


def test_five_rows_are_named_and_more_are_hinted_at() -> None:
    source = Source("log")

    assert source.places([0]) == " (row 1)"
    assert source.places(range(5)) == " (rows 1, 2, 3, 4, 5)"
    assert source.places(range(0, 600, 100)) == " (rows 1, 101, 201, 301, 401, …)"


def test_the_column_is_called_as_the_file_does(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("uid,song,count\nu,a,-1\n")

    with pytest.raises(InvalidData, match=r"column 'count' \(plays\): plays that are no number"):
        read_interactions(path, {"user_id": "uid", "track_id": "song", "plays": "count"})


def test_values_of_a_wrong_type_are_named_by_line(tmp_path: Path) -> None:
    detail = refusal_of(tmp_path / "log.csv", f"{HEADER}\nu,a,1\nu,b,many\n")

    assert "'plays': values of the wrong type (such as 'many') in 1 row (line 3); " in detail


def test_both_rows_of_a_repeated_id_are_named(tmp_path: Path) -> None:
    path = tmp_path / "songs.csv"
    path.write_text("track_id,title,artist\na,A,X\nb,B,Y\na,C,Z\n")

    with pytest.raises(InvalidData, match=r"duplicate ids \(such as 'a'\) in 2 rows \(lines 2, 4"):
        read_tracks(path)


def test_lists_of_ids_name_their_lines_too(tmp_path: Path) -> None:
    path = tmp_path / "users.csv"
    path.write_text('user_id,name\nu,U\n"",V\n')

    with pytest.raises(InvalidData, match=r"null ids \(such as ''\) in 1 row \(line 3\)"):
        read_ids(path, "user_id")
