"""Remembers which graph of this user serves at which port, and ends it on request."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from signal import SIGINT
from typing import Self

import psutil
from pydantic import BaseModel, ConfigDict, ValidationError

from hybridrec.errors import InvalidConfig

_BIRTH_TOLERANCE_S = 1.0


def state_folder() -> Path:
    """Where notes about running graphs are kept."""
    home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(home) / "hybridrec"


class Note(BaseModel):
    """Who serves at a port.

    Attributes:
        pid: of the process that started the graph.
        born: when that process began, Unix seconds: a process id may be reused.
        folder: what Ray keeps for that graph, for the day that nobody could clean up.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    pid: int
    born: float
    folder: Path

    @classmethod
    def of_this_process(cls, folder: Path) -> Self:
        return cls(pid=os.getpid(), born=psutil.Process().create_time(), folder=folder)

    @property
    def process(self) -> psutil.Process | None:
        """The process, None if it is gone."""
        try:
            process = psutil.Process(self.pid)
            is_same = abs(process.create_time() - self.born) < _BIRTH_TOLERANCE_S
        except psutil.NoSuchProcess:
            return None
        return process if is_same else None


def note_path(port: int) -> Path:
    """The note about a port."""
    return state_folder() / f"{port}.json"


def log_path(port: int) -> Path:
    """What a graph in the background writes."""
    return state_folder() / f"{port}.log"


def read_note(port: int) -> Note | None:
    """The note about a port; None if there is none, or none of ours."""
    try:
        return Note.model_validate_json(note_path(port).read_bytes())
    except (OSError, ValidationError):
        return None


def lock_path(port: int) -> Path:
    """What a process holds from before it starts a graph until that is gone."""
    return state_folder() / f"{port}.lock"


@contextmanager
def held(port: int) -> Iterator[None]:
    """Holds a port against other graphs of this user, which takes long before one listens there.

    Raises:
        InvalidConfig: another process starts, serves or ends a graph there.
    """
    path = lock_path(port)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InvalidConfig(
                f"port {port} is in use by another `hybridrec up` or `make demo`",
                f"end that with hybridrec down --port {port}, or choose another with"
                f" --port {port + 1}, or with make demo PORT={port + 1}",
            ) from error
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


@contextmanager
def noted(port: int, folder: Path) -> Iterator[None]:
    """Keeps a note about this process for as long as it serves."""
    path = note_path(port)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(Note.of_this_process(folder).model_dump_json(), encoding="utf-8")
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def clear_remains(port: int) -> None:
    """Removes what a graph left behind that was killed and could not do it itself."""
    note = read_note(port)
    if note is not None and note.process is None:
        shutil.rmtree(note.folder, ignore_errors=True)
        note_path(port).unlink(missing_ok=True)
        lock_path(port).unlink(missing_ok=True)


def end(port: int, patience_s: float) -> None:
    """Ends the graph at a port as Ctrl-C would, and waits until it is gone.

    Raises:
        InvalidConfig: no graph of this user serves there, or it does not end.
    """
    note = read_note(port)
    process = note.process if note else None
    if process is None:
        clear_remains(port)
        raise InvalidConfig(f"nothing that `hybridrec up` started serves at port {port}")
    process.send_signal(SIGINT)
    try:
        process.wait(patience_s)
    except psutil.TimeoutExpired as error:
        reason = f"process {process.pid} did not end within {patience_s:g} s"
        raise InvalidConfig(f"port {port}", reason) from error
    log_path(port).unlink(missing_ok=True)
