import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from deployments import running
from deployments.running import Note
from hybridrec.errors import InvalidConfig

PORT = 12_345


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "ray"
    folder.mkdir()
    return folder


@pytest.fixture
def server() -> Iterator[subprocess.Popen[bytes]]:
    code = "import signal, sys, time; signal.signal(2, lambda *_: sys.exit()); print(flush=True)"
    with subprocess.Popen(  # noqa: S603  our own interpreter
        [sys.executable, "-c", f"{code}; time.sleep(60)"], stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        yield child
        child.kill()


def write(note: Note) -> None:
    path = running.note_path(PORT)
    path.parent.mkdir(parents=True)
    path.write_text(note.model_dump_json())


def test_a_note_lasts_as_long_as_the_graph(folder: Path) -> None:
    with running.noted(PORT, folder):
        note = running.read_note(PORT)

    assert note is not None
    assert note.process == psutil.Process(os.getpid())
    assert running.read_note(PORT) is None


def test_end_interrupts_the_process_and_waits(
    server: subprocess.Popen[bytes], folder: Path
) -> None:
    born = psutil.Process(server.pid).create_time()
    write(Note(pid=server.pid, born=born, folder=folder))

    running.end(PORT, 10.0)

    assert server.wait(1.0) == 0


def test_a_process_id_that_was_used_again_is_left_alone(
    server: subprocess.Popen[bytes], folder: Path
) -> None:
    write(Note(pid=server.pid, born=1.0, folder=folder))

    with pytest.raises(InvalidConfig, match=str(PORT)):
        running.end(PORT, 1.0)

    assert server.poll() is None


def test_what_a_killed_graph_left_is_removed(folder: Path) -> None:
    (folder / "log").write_text("…")
    write(Note(pid=os.getpid(), born=1.0, folder=folder))

    running.clear_remains(PORT)

    assert not folder.exists()
    assert not running.note_path(PORT).exists()


def test_what_a_living_graph_needs_is_kept(folder: Path) -> None:
    write(Note.of_this_process(folder))

    running.clear_remains(PORT)

    assert folder.exists()
    assert running.read_note(PORT) is not None


@pytest.mark.parametrize("text", ["", "{", '{"pid": 1}', "[]"])
def test_a_damaged_note_is_none(text: str) -> None:
    running.note_path(PORT).parent.mkdir(parents=True)
    running.note_path(PORT).write_text(text)

    assert running.read_note(PORT) is None


def test_nothing_to_end_says_so() -> None:
    with pytest.raises(InvalidConfig, match=str(PORT)):
        running.end(PORT, 1.0)


def test_a_process_that_does_not_end_is_named(
    server: subprocess.Popen[bytes], folder: Path
) -> None:
    psutil.Process(server.pid).suspend()
    born = psutil.Process(server.pid).create_time()
    write(Note(pid=server.pid, born=born, folder=folder))

    with pytest.raises(InvalidConfig, match=f"{server.pid} did not end"):
        running.end(PORT, 0.2)


def test_a_port_is_held_by_one_graph_from_its_start_to_its_end() -> None:
    with (
        running.held(8000),
        pytest.raises(InvalidConfig, match=r"8000 is in use.*PORT=8001"),
        running.held(8000),
    ):
        pass

    with running.held(8000):
        assert running.lock_path(8000).exists()
    assert not running.lock_path(8000).exists()
