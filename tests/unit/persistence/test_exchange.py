"""Two folders change names in one step."""

from pathlib import Path

import pytest

from hybridrec.persistence.exchange import exchange


def folder(path: Path, content: str) -> Path:
    path.mkdir()
    (path / "file").write_text(content)
    return path


def test_two_folders_change_names(tmp_path: Path) -> None:
    one, other = folder(tmp_path / "one é", "first"), folder(tmp_path / "other", "second")

    assert exchange(one, other)

    assert (one / "file").read_text() == "second"
    assert (other / "file").read_text() == "first"


@pytest.mark.parametrize("missing", ["one", "other"])
def test_a_folder_that_is_missing_is_an_error_and_changes_nothing(
    tmp_path: Path, missing: str
) -> None:
    there = folder(tmp_path / ({"one", "other"} - {missing}).pop(), "kept")

    with pytest.raises(FileNotFoundError, match=missing):
        exchange(tmp_path / "one", tmp_path / "other")

    assert [path.name for path in tmp_path.iterdir()] == [there.name]
    assert (there / "file").read_text() == "kept"


def test_what_a_file_system_cannot_do_is_said_and_changes_nothing(tmp_path: Path) -> None:
    outer = folder(tmp_path / "outer", "outer")
    inner = folder(outer / "inner", "inner")

    # as of a file system without the call, so of a folder and its own parent: EINVAL
    assert not exchange(inner, outer)

    assert (inner / "file").read_text() == "inner"
    assert (outer / "file").read_text() == "outer"
