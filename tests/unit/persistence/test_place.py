"""A folder takes its place in one step, and only what dead writers left is swept."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hybridrec.persistence.place import replacing_folder

ROOT = Path(__file__).parents[3]
WRITER = """
import sys
from pathlib import Path
from hybridrec.persistence.place import replacing_folder

with replacing_folder(Path(sys.argv[1])) as folder:
    (folder / "file").write_text("by the other")
    print(folder, flush=True)
    sys.stdin.read()
"""
MANY = """
import sys
from pathlib import Path
from hybridrec.persistence.place import replacing_folder

for _ in range(50):
    with replacing_folder(Path(sys.argv[1])) as folder:
        (folder / "file").write_text("whole")
"""
READER = """
import os, sys

print("ready", flush=True)
seen = 0
while not os.path.exists(sys.argv[2]):
    with open(sys.argv[1]) as file:  # fails if there is no such folder
        assert file.read() in ("old", "new")
    seen += 1
print(seen)
"""


def put(path: Path, content: str) -> None:
    with replacing_folder(path) as folder:
        (folder / "file").write_text(content)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def python(program: str, *arguments: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603  our own program
        [sys.executable, "-c", program, *map(str, arguments)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that has written its file to a bundle and waits to be told to go on."""
    with python(WRITER, tmp_path / "bundle") as process:
        yield process
        process.kill()


def test_a_living_writers_folder_is_not_touched(
    other: subprocess.Popen[str], tmp_path: Path
) -> None:
    folder = Path(line_of(other))

    put(tmp_path / "bundle", "ours")

    assert (folder / "file").read_text() == "by the other"
    other.communicate()  # lets it end well
    assert other.returncode == 0
    assert (tmp_path / "bundle" / "file").read_text() == "by the other"
    assert names(tmp_path) == ["bundle"]


def test_a_dead_writers_folder_is_removed_by_the_next_writer(
    other: subprocess.Popen[str], tmp_path: Path
) -> None:
    folder = Path(line_of(other))
    other.kill()
    other.wait()
    assert (folder / "file").exists()

    put(tmp_path / "bundle", "ours")

    assert (tmp_path / "bundle" / "file").read_text() == "ours"
    assert names(tmp_path) == ["bundle"]


@pytest.mark.parametrize(
    "name",
    [
        ".bundle-20261124",
        ".bundle-abcdefgh.partial.old",
        ".bundle-abc.partial",
        ".other-abcdefgh.partial",
        ".bundle-2-abcdefgh.partial",
        "bundle-abcdefgh.partial",
        ".bundlex-abcdefgh.partial",
    ],
)
def test_a_folder_of_another_name_is_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()

    put(tmp_path / "bundle", "ours")

    assert names(tmp_path) == sorted([name, "bundle"])


def test_what_a_name_means_to_a_pattern_is_only_a_name(tmp_path: Path) -> None:
    (tmp_path / ".v1x2-abcdefgh.partial").mkdir()
    (tmp_path / ".v1.2-abcdefgh.partial").mkdir()

    put(tmp_path / "v1.2", "ours")

    assert names(tmp_path) == [".v1x2-abcdefgh.partial", "v1.2"]


@pytest.mark.parametrize("kind", ["file", "link"])
def test_what_is_no_folder_is_left_alone(tmp_path: Path, kind: str) -> None:
    left, precious = tmp_path / ".bundle-abcdefgh.partial", tmp_path / "precious"
    precious.mkdir()
    (precious / "thesis.txt").write_text("years of work")
    if kind == "file":
        left.write_text("years of work")
    else:
        left.symlink_to(precious)

    put(tmp_path / "bundle", "ours")

    assert names(tmp_path) == [left.name, "bundle", "precious"]
    assert names(precious) == ["thesis.txt"]


def test_a_folder_is_never_missing_while_it_is_replaced(tmp_path: Path) -> None:
    put(tmp_path / "bundle", "old")
    with python(READER, tmp_path / "bundle" / "file", tmp_path / "stop") as reader:
        assert line_of(reader) == "ready"
        for turn in range(200):
            put(tmp_path / "bundle", ("new", "old")[turn % 2])
        (tmp_path / "stop").touch()
        seen, _ = reader.communicate(timeout=30)

    assert reader.returncode == 0
    assert int(seen) > 200


def test_a_second_rename_that_fails_puts_the_old_folder_back(tmp_path: Path) -> None:
    put(tmp_path / "bundle", "old")
    gone = tmp_path / "gone"

    def take_away(folder: Path, _path: Path) -> bool:
        folder.rename(gone)
        return False

    def replace() -> None:
        with replacing_folder(tmp_path / "bundle", take_away) as folder:
            (folder / "file").write_text("new")

    with pytest.raises(FileNotFoundError):
        replace()

    assert (tmp_path / "bundle" / "file").read_text() == "old"
    assert names(tmp_path) == ["bundle", "gone"]


def test_without_a_swap_a_folder_is_replaced_too(tmp_path: Path) -> None:
    put(tmp_path / "bundle", "old")

    with replacing_folder(tmp_path / "bundle", lambda _one, _other: False) as folder:
        (folder / "file").write_text("new")

    assert (tmp_path / "bundle" / "file").read_text() == "new"
    assert names(tmp_path) == ["bundle"]


def test_many_writers_to_one_path_do_not_harm_each_other(tmp_path: Path) -> None:
    writers = [python(MANY, tmp_path / "bundle") for _ in range(4)]

    for writer in writers:
        writer.communicate(timeout=60)

    assert [writer.returncode for writer in writers] == [0] * 4
    assert (tmp_path / "bundle" / "file").read_text() == "whole"
    assert names(tmp_path) == ["bundle"]
