"""Folders in which Ray keeps sockets and logs of one graph, and what killed graphs left of them."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

_PREFIX = "hybridrec-"
_LOCK, _NEW_LOCK = "owner.lock", "owner.lock.new"
_LONGEST_FOLDER = 24  # Ray adds up to 83 characters to it, and a socket's path has at most 107


@contextmanager
def own_folder() -> Iterator[Path]:
    """A folder for a graph of this process; it is locked for as long as the process lives."""
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_temporary()))
    try:
        with (folder / _NEW_LOCK).open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            # only now does it get its name: a lock that others see and nobody holds is stale
            (folder / _NEW_LOCK).rename(folder / _LOCK)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep() -> None:
    """Removes folders of graphs of this user whose process is gone, and Ray's processes too."""
    for folder in _temporary().glob(f"{_PREFIX}*"):
        with suppress(OSError):  # no folder of ours, or just gone, or held by a living graph
            _sweep(folder)


def _sweep(folder: Path) -> None:
    if folder.is_symlink() or folder.lstat().st_uid != os.getuid():
        return
    with (folder / _LOCK).open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not _is_used(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _is_used(folder: Path) -> bool:
    """Whether a process names the folder: Ray's end some seconds after who started them."""
    lines = (process.info["cmdline"] or [] for process in psutil.process_iter(["cmdline"]))
    return any(str(folder) in part for line in lines for part in line)


def _temporary() -> Path:
    folder = tempfile.gettempdir()
    return Path(folder if len(folder) <= _LONGEST_FOLDER else "/tmp")  # noqa: S108  mkdtemp is safe
