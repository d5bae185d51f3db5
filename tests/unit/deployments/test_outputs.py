import subprocess
import sys
from pathlib import Path

import pytest

from deployments.outputs import check_file, check_writable, replacing
from hybridrec.errors import InvalidConfig


def test_a_place_that_can_be_written_is_left_as_it_was(tmp_path: Path) -> None:
    check_writable("--out", tmp_path / "new" / "folder")
    check_file("--out", tmp_path / "new.parquet")

    assert list(tmp_path.iterdir()) == []


def test_a_place_below_a_file_is_refused_by_option_and_path(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    path = tmp_path / "file" / "lists.parquet"

    with pytest.raises(InvalidConfig) as caught:
        check_file("--out", path)

    assert f"--out {path}" in caught.value.detail
    assert "cannot be written" in caught.value.detail


def test_a_folder_is_no_place_for_a_file(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfig, match="is a folder"):
        check_file("--json", tmp_path)


def test_a_file_takes_its_place_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "figures.json"

    with replacing("--json", path) as partial:
        partial.write_text("{}")
        assert not path.exists()

    assert [one.name for one in path.parent.iterdir()] == ["figures.json"]
    assert path.read_text() == "{}"


def test_what_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    path.write_text("old")

    with pytest.raises(InvalidConfig, match="No space"):
        write_to_a_full_disk(path)

    assert [one.name for one in tmp_path.iterdir()] == ["figures.json"]
    assert path.read_text() == "old"


def write_to_a_full_disk(path: Path) -> None:
    with replacing("--json", path) as partial:
        partial.write_text("ne")
        raise OSError(28, "No space left on device")


def test_a_table_that_finds_no_room_is_refused_in_one_line_and_leaves_nothing(
    tmp_path: Path,
) -> None:
    program = """
import resource, sys
from pathlib import Path
import polars as pl
from deployments.outputs import replacing
from hybridrec.datasets.parquet import write_table
from hybridrec.errors import InvalidConfig

table = pl.DataFrame({"n": range(10_000)})
resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))
try:
    with replacing("--out", Path(sys.argv[1])) as partial:
        write_table(table, partial)
except InvalidConfig as failure:
    print(failure.detail)
"""
    done = subprocess.run(  # noqa: S603  our own program
        [sys.executable, "-c", program, str(tmp_path / "lists.parquet")],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )

    assert "cannot be written (File too large); choose another place" in done.stdout
    assert not list(tmp_path.iterdir())
