"""Folders of living graphs stay, those of killed ones go."""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from deployments import folders

OWN = """
import time
from deployments.folders import own_folder
with own_folder() as folder:
    print(folder, flush=True)
    time.sleep(60)
"""
Start = Callable[[], tuple[subprocess.Popen[str], Path]]


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="t", dir="/tmp") as folder:  # its path must be short
        monkeypatch.setenv("TMPDIR", folder)
        monkeypatch.setattr(tempfile, "tempdir", None)  # else it keeps what it found out first
        yield Path(folder)


@pytest.fixture
def start(temporary: Path) -> Iterator[Start]:
    """Starts a process with a folder of its own."""
    with ExitStack() as stack:

        def start() -> tuple[subprocess.Popen[str], Path]:
            child = stack.enter_context(
                subprocess.Popen(  # noqa: S603  our own interpreter
                    [sys.executable, "-c", OWN], stdout=subprocess.PIPE, text=True
                )
            )
            stack.callback(child.kill)
            assert child.stdout is not None
            folder = Path(child.stdout.readline().strip())
            assert folder.parent == temporary
            return child, folder

        yield start


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()


def test_a_folder_lasts_as_long_as_it_is_owned(temporary: Path) -> None:
    with folders.own_folder() as folder:
        folders.sweep()

        assert folder.parent == temporary
        assert folder.is_dir()

    assert not folder.exists()


def test_the_folder_of_a_killed_process_goes_and_that_of_a_living_one_stays(start: Start) -> None:
    killed, stale = start()
    _, used = start()
    (stale / "session").mkdir()
    (stale / "session" / "log").write_text("…")

    folders.sweep()
    before = stale.exists()
    kill(killed)
    folders.sweep()

    assert before
    assert not stale.exists()
    assert used.exists()


def test_a_folder_that_a_process_still_names_stays(start: Start) -> None:
    killed, stale = start()
    with subprocess.Popen(  # noqa: S603  our own interpreter
        [sys.executable, "-c", "input()", str(stale / "raylet")], stdin=subprocess.PIPE
    ) as raylet:
        kill(killed)
        folders.sweep()

        assert stale.exists()
        raylet.kill()

    folders.sweep()

    assert not stale.exists()


def test_what_has_no_lock_of_ours_stays(temporary: Path, start: Start) -> None:
    killed, elsewhere = start()
    kill(killed)
    elsewhere = elsewhere.rename(temporary / "moved")
    (temporary / "hybridrec-starts").mkdir()
    (temporary / "hybridrec-starts" / "owner.lock.new").touch()
    (temporary / "hybridrec-file").touch()
    (temporary / "hybridrec-link").symlink_to(elsewhere)
    (temporary / "other").mkdir()
    before = sorted(temporary.rglob("*"))

    folders.sweep()

    assert sorted(temporary.rglob("*")) == before


def test_the_path_is_short_whatever_the_temporary_folder(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = temporary / "a folder with a long name"
    long.mkdir()
    monkeypatch.setenv("TMPDIR", str(long))

    with folders.own_folder() as folder:
        assert len(str(folder)) <= 43  # Ray's sockets need 64 of 107
