"""Values of one key of JSONL that cannot share a column are refused by line and key."""

import json
from itertools import permutations
from pathlib import Path

import pytest

from hybridrec.datasets.table import read_tracks
from hybridrec.errors import InvalidData


def written(path: Path, key: str, cells: tuple[object, ...]) -> Path:
    rows = [
        {"track_id": place, "title": "T", "artist": "A", key: cell}
        for place, cell in enumerate(cells, start=10)
    ]
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return path


@pytest.mark.parametrize(
    ("cells", "clash"),
    [
        pytest.param(
            ("x", 1.0), "text in line 1, but a number with a fraction in line 2", id="1.0"
        ),
        pytest.param(
            (1, "x", True), "whole number in line 1, but true or false in line 3", id="yes"
        ),
        pytest.param(("x", {"a": 1}), "text in line 1, but an object in line 2", id="object"),
        pytest.param((None, "x", ["x"]), "text in line 2, but a list of text in line 3", id="list"),
    ],
)
def test_ids_of_several_kinds_are_refused(
    tmp_path: Path, cells: tuple[object, ...], clash: str
) -> None:
    path = written(tmp_path / "t.jsonl", "track_id", cells)

    with pytest.raises(InvalidData) as refused:
        read_tracks(path)

    assert refused.value.detail.startswith(f"{path}: column 'track_id': ")
    assert f"{clash}; write values of one kind" in refused.value.detail


@pytest.mark.parametrize("cells", list(permutations([1, 1.0, "x"])))
def test_text_and_fractions_clash_in_any_order(tmp_path: Path, cells: tuple[object, ...]) -> None:
    with pytest.raises(InvalidData, match=r"'track_id': .* in line \d, but .* in line \d"):
        read_tracks(written(tmp_path / "t.jsonl", "track_id", cells))


def test_text_and_whole_numbers_are_ids_together(tmp_path: Path) -> None:
    tracks = read_tracks(written(tmp_path / "t.jsonl", "track_id", (1, "x", 12345678901234567890)))

    assert tracks["track_id"].to_list() == ["1", "x", "12345678901234567890"]


def test_blank_text_and_null_fit_every_column(tmp_path: Path) -> None:
    tracks = read_tracks(written(tmp_path / "t.jsonl", "energy", ("", 0.5, None, 1, " ")))

    assert tracks["energy"].to_list() == [None, 0.5, None, 1.0, None]


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param(([1, "a", 2.5, True],), id="alone"),
        pytest.param((["a", None], ["b", True]), id="after-text"),
        pytest.param(([], [1]), id="after-none"),
    ],
)
def test_lists_of_other_values_than_text_are_refused(
    tmp_path: Path, cells: tuple[object, ...]
) -> None:
    path = written(tmp_path / "t.jsonl", "genres", cells)

    with pytest.raises(InvalidData, match=rf"column 'genres': .*line {len(cells)}"):
        read_tracks(path)


def test_keys_that_are_not_read_may_hold_anything(tmp_path: Path) -> None:
    assert len(read_tracks(written(tmp_path / "t.jsonl", "note", ("x", 1.5, True)))) == 3
