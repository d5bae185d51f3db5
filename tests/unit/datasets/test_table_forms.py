"""Files of another form than their suffix says, and text that would be read as something else."""

import os
import shlex
from pathlib import Path

import polars as pl
import pytest

from hybridrec.datasets.column_map import ColumnMaps
from hybridrec.datasets.ids import read_ids
from hybridrec.datasets.table import read_interactions, read_tracks
from hybridrec.errors import InvalidData

HEADER = "track_id,title,artist"
GOOD = f"{HEADER}\na,Sunrise,Nina Hart\n"
OBJECT = '{"track_id":"a","title":"Sunrise","artist":"Nina Hart"}\n'


@pytest.mark.parametrize(
    ("name", "content", "parts"),
    [
        pytest.param("t.csv", b"PK\x03\x04\x14", ("a workbook", "export it"), id="workbook"),
        pytest.param("t.csv", b"\xff\xd8\xff\xe0\x00\x10JFIF", ("a picture",), id="picture"),
        pytest.param("t.jsonl", b"PAR1\x15\x04", ("a Parquet file",), id="parquet-as-jsonl"),
        pytest.param("t.csv", b"\x1f\x8b\x08\x00", ("a compressed file",), id="gzip"),
        pytest.param("t.parquet", b"PK\x03\x04\x14", ("a workbook",), id="workbook-as-parquet"),
        pytest.param("t.parquet", GOOD.encode(), ("no readable .parquet",), id="csv-as-parquet"),
        pytest.param(
            "t.parquet",
            b"PAR1" + b"\0" * 64,
            ("no readable .parquet table (damaged inside, or of another form); export",),
            id="damaged-parquet",
        ),
        pytest.param("t.csv", GOOD.encode("utf-16"), ("UTF-16", "in UTF-8"), id="utf-16"),
        pytest.param("t.csv", GOOD.encode("utf-16-le"), ("binary", "UTF-8"), id="utf-16-unmarked"),
        pytest.param(
            "t.csv", f"{GOOD}b,Caf\u00e9,X\n".encode("cp1252"), ("line 3", "as UTF-8"), id="latin"
        ),
        pytest.param("t.jsonl", b'{"a": "\xff"}', ("line 1", "as UTF-8"), id="latin-jsonl"),
        pytest.param("t.csv", b"\n\n", ("0 rows", "export it"), id="blank-lines"),
        pytest.param("t.csv", HEADER.encode(), ("0 rows", "with its rows"), id="header-alone"),
        pytest.param(
            "t.csv", GOOD.replace(",", ";").encode(), ("semicolons", "commas"), id="semicolons"
        ),
        pytest.param("t.csv", GOOD.replace(",", "\t").encode(), ("tabs", "commas"), id="tabs"),
        pytest.param(
            "t.csv", f"{GOOD}b,Letter\n".encode(), ("3 columns", "such as 2", "line 3"), id="short"
        ),
        pytest.param(
            "t.csv",
            f"{GOOD}b,Now,Later,X\n".encode(),
            ("3 columns", "such as 4", "line 3", "quotes"),
            id="long",
        ),
        pytest.param("t.csv", f"{GOOD}\n".encode(), ("line 3", "leave no line empty"), id="gap"),
        pytest.param(
            "t.csv",
            b"track_id,title,artist,artist\na,Sunrise,Nina Hart,Hart\n",
            ("'artist'", "2 columns", "keep one"),
            id="two-of-one-name",
        ),
        pytest.param(
            "t.csv", f'{GOOD}b,"Open,X\nc,D,E\n'.encode(), ("line 3", "doubled"), id="open-quotes"
        ),
        pytest.param(
            "t.csv", f'{GOOD}b,"Open"s,X\n'.encode(), ("line 3", "doubled"), id="late-text"
        ),
        pytest.param(
            "t.csv",
            GOOD.replace("\n", "\r").encode(),
            ("old Mac", "line ends of Unix"),
            id="old-mac",
        ),
        pytest.param("t.jsonl", f"[{OBJECT}]".encode(), ("line 1", "is no JSON"), id="json-list"),
        pytest.param(
            "t.jsonl", f"[{OBJECT.strip()}]".encode(), ("no object", "one object a line"), id="list"
        ),
        pytest.param("t.jsonl", f"{OBJECT}{OBJECT[:-3]}".encode(), ("line 2", "no JSON"), id="cut"),
        pytest.param("t.jsonl", f"{OBJECT}5\n".encode(), ("line 2", "no object"), id="number"),
        pytest.param("t.jsonl", b" \n\n", ("0 rows", "export it"), id="blank-jsonl"),
        pytest.param("t.jsonl", b"\xef\xbb\xbf" + OBJECT.encode(), ("byte order mark",), id="bom"),
        pytest.param(
            "t.jsonl",
            OBJECT.replace("}", ',"energy":0.5}').encode()
            + OBJECT.replace("}", ',"energy":true}').encode(),
            ("'energy'", "fraction in line 1, but true or false in line 2", "of one kind"),
            id="mixed-kinds",
        ),
        *[
            pytest.param(
                "t.jsonl",
                (OBJECT * 2 + OBJECT.replace("}", f',"energy":{literal}}}')).encode(),
                (f"column 'energy': {shown} in line 3 is no number of JSON", "write null"),
                id=f"no-number-{literal}",
            )
            for literal, shown in (
                ("NaN", "NaN"),
                ("Infinity", "Infinity"),
                ("-Infinity", "-Infinity"),
                ("1e999", "1e999"),
                ('{"x":[0.5,NaN]}', "NaN"),
            )
        ],
        pytest.param(
            "t.jsonl",
            OBJECT.encode() + b"\n" + OBJECT.replace("}", ',"title":"Dusk"}').encode(),
            ("'title'", "twice in 1 row (line 3)", "keep one"),
            id="a-key-twice",
        ),
        pytest.param(
            "t.jsonl",
            OBJECT.replace("}", ',"\\u0074rack_id":"b"}').encode() * 2,
            ("'track_id'", "twice in 2 rows (lines 1, 2)"),
            id="a-key-twice-spelt-otherwise",
        ),
    ],
)
def test_another_form_is_refused_in_one_line(
    tmp_path: Path, name: str, content: bytes, parts: tuple[str, ...]
) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(InvalidData) as refused:
        read_tracks(path)

    assert refused.value.detail.startswith(f"{path}: ")
    assert "\n" not in refused.value.detail
    assert [part for part in parts if part not in refused.value.detail] == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"\ufeff{GOOD}", id="byte-order-mark"),
        pytest.param(GOOD.replace("\n", "\r\n"), id="windows"),
        pytest.param(GOOD.rstrip("\n"), id="no-last-line-end"),
        pytest.param(GOOD.replace("Sunrise", '"Sunrise"'), id="quoted"),
        pytest.param(GOOD.replace("artist", "artist,note,note").replace("Hart", "Hart,,"), id="x"),
    ],
)
def test_plain_csv_is_read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text, newline="")

    tracks = read_tracks(path)

    assert tracks.select("track_id", "title", "artist").row(0) == ("a", "Sunrise", "Nina Hart")


def test_a_key_that_is_not_read_may_stand_twice(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text(OBJECT.replace("}", ',"note":1,"note":2,"more":{"title":1,"title":2}}'))

    assert read_tracks(path)["title"].to_list() == ["Sunrise"]


def test_quotes_commas_and_line_ends_in_quoted_cells_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f'{HEADER}\na,"7"" mix, ""live""","Hart\nWolf"\n')

    assert read_tracks(path).select("title", "artist").row(0) == ('7" mix, "live"', "Hart\nWolf")


@pytest.mark.parametrize("name", ["Critic-Score", " critic_score", "criticScore", "CRITIC SCORE"])
def test_a_column_that_is_almost_a_field_is_refused_rather_than_passed_over(
    tmp_path: Path, name: str
) -> None:
    path = tmp_path / "t.parquet"
    pl.DataFrame({"track_id": ["a"], "title": ["A"], "artist": ["B"], name: [50]}).write_parquet(
        path
    )

    with pytest.raises(InvalidData, match=r"is almost named 'critic_score'.*map '?critic_score="):
        read_tracks(path)

    assert read_tracks(path, {"critic_score": name})["critic_score"].to_list() == [50]


def test_a_list_of_ids_may_have_one_column(tmp_path: Path) -> None:
    path = tmp_path / "users.csv"
    path.write_text("user_id\nu\nv\nu\n")

    assert read_ids(path, "user_id") == ("u", "v")


def test_rows_that_only_one_reader_tells_apart_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "users.csv"
    path.write_text("user_id\nu\rv\nw\n", newline="")

    with pytest.raises(InvalidData, match=r"3 rows, of which 2 can be told apart; .*line ends"):
        read_ids(path, "user_id")


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)

    with pytest.raises(InvalidData, match=r"is no file; write it to one \.parquet"):
        read_tracks(pipe)


def test_a_name_that_no_file_can_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidData, match=r"cannot be read .*too long"):
        read_tracks(tmp_path / f"{'x' * 300}.csv")


@pytest.mark.parametrize("name", [" track_id ", "Track ID", "track_id\t"])
def test_the_map_that_is_proposed_for_a_header_can_be_followed(tmp_path: Path, name: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(GOOD.replace("track_id", name))
    with pytest.raises(InvalidData) as refused:
        read_tracks(path)

    option = shlex.split(refused.value.detail.partition(" --map ")[2])[0]

    assert read_tracks(path, ColumnMaps.parse([option]).tracks)["track_id"].to_list() == ["a"]


def test_a_map_that_two_padded_columns_fit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(" x,x ,title,artist\na,b,C,D\n")

    with pytest.raises(InvalidData, match=r"column 'x': missing"):
        read_tracks(path, {"track_id": "x"})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param(
            "p.csv",
            'user_id,track_id,timestamp,event,ms_played\nu,a,"","",""\nu,a,," "," "\n',
            id="csv",
        ),
        pytest.param(
            "p.jsonl",
            '{"user_id":"u","track_id":"a","timestamp":"","event":"","ms_played":""}\n'
            '{"user_id":"u","track_id":"a","timestamp":" ","event":" ","ms_played":5}\n',
            id="jsonl",
        ),
    ],
)
def test_quoted_empty_cells_are_empty(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text)

    plays = read_interactions(path)

    assert plays["plays"].to_list() == [1.0, 1.0]  # as in a file without events
    assert plays["event"].null_count() == plays["timestamp"].null_count() == 2


def test_quoted_empty_numbers_of_tracks_are_empty(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('track_id,title,artist,energy,year\na,A,B,"",""\nb,C,D,0.5,1999\n')

    assert read_tracks(path).select("energy", "year").rows() == [(None, None), (0.5, 1999)]


def test_empty_plays_are_refused_though_quoted(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text('user_id,track_id,plays\nu,a,""\n')

    with pytest.raises(InvalidData, match=r"no number above 0.*\(line 2\)"):
        read_interactions(path)
