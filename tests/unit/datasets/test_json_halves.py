"""Half a character in JSONL is refused by column and line, never read as something else."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hybridrec.datasets.ids import read_ids
from hybridrec.datasets.json_halves import has_half
from hybridrec.datasets.table import read_interactions, read_tracks
from hybridrec.errors import InvalidData

HALVES = [r"\ud800", r"\uD83D", r"\udc00", r"a\ud800", r"\ud800b", r"\ud83d\ud83d", r"\ude00\ud83d"]
"""Escapes without their other half, of both kinds: the reader refuses some of them itself."""


def written(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(rows) + "\n")
    return path


def track(**cells: str) -> str:
    """One line, its cells written as they are."""
    row = {"track_id": '"a"', "title": '"t"', "artist": '"x"'} | cells
    return "{" + ", ".join(f'"{key}": {cell}' for key, cell in row.items()) + "}"


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("column", ["track_id", "title", "genres"])
def test_half_a_character_is_refused_by_column_line_and_cure(
    tmp_path: Path, column: str, half: str
) -> None:
    cell = f'["rock", "{half}"]' if column == "genres" else f'"{half}"'
    others = {"genres": '["rock"]'}
    path = written(
        tmp_path / "t.jsonl",
        track(**others),
        "",
        track(**{**others, "track_id": '"b"', column: cell}),
    )

    with pytest.raises(InvalidData) as refused:
        read_tracks(path)

    detail = refused.value.detail
    assert detail.startswith(f"{path}: ")
    assert f"column '{column}': half a character" in detail
    assert "line 3)" in detail or "in line 3 " in detail
    assert "write the whole character, or take it out" in detail
    assert detail.isprintable()


def test_all_lines_with_half_a_character_are_counted(tmp_path: Path) -> None:
    rows = [json.dumps({"user_id": "\ud800", "track_id": str(n)}) for n in range(7)]
    path = written(tmp_path / "log.jsonl", *rows)

    with pytest.raises(InvalidData, match=r"7 rows \(lines 1, 2, 3, 4, 5, …\)"):
        read_interactions(path)


def test_a_list_of_ids_is_held_to_it_too(tmp_path: Path) -> None:
    path = written(tmp_path / "users.jsonl", r'{"user_id": "\ud800"}')

    with pytest.raises(InvalidData, match="half a character"):
        read_ids(path, "user_id")


def test_a_mapped_column_is_called_as_the_file_calls_it(tmp_path: Path) -> None:
    path = written(tmp_path / "t.jsonl", r'{"id": "\ud800", "title": "t", "artist": "x"}')

    with pytest.raises(InvalidData, match="column 'id': half a character"):
        read_tracks(path, {"track_id": "id"})


def test_half_a_character_where_nobody_reads_it_is_no_matter(tmp_path: Path) -> None:
    path = written(tmp_path / "t.jsonl", track(note=r'"\ud800"'))

    assert read_tracks(path)["track_id"].to_list() == ["a"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip))
def test_whole_characters_are_read_as_they_are_escaped_or_not(tmp_path: Path, text: str) -> None:
    for escaped in (True, False):
        cell = json.dumps(text, ensure_ascii=escaped)
        path = written(tmp_path / "t.jsonl", track(title=cell))

        assert read_tracks(path)["title"].to_list() == [text]


def test_a_backslash_before_what_looks_like_half_a_character_is_text(tmp_path: Path) -> None:
    path = written(tmp_path / "t.jsonl", track(title=r'"\\ud800"'))

    assert read_tracks(path)["title"].to_list() == [r"\ud800"]


@pytest.mark.parametrize("cell", [{"\ud800": 1}, [{"a": ["\udc00"]}], {"a": {"b\ud800": None}}])
def test_it_is_found_in_keys_and_deep_inside(cell: object) -> None:
    assert has_half(cell)
