"""A folder that takes its place in one step, and what killed writers left beside that place."""

import errno
import fcntl
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from hybridrec.datasets.new_folders import made
from hybridrec.persistence.exchange import exchange

_SUFFIX = ".partial"
_TAKEN = {errno.ENOTEMPTY, errno.EEXIST}
_HELD = errno.EWOULDBLOCK
_NO_LOCKS = {errno.EBADF, errno.EINVAL, errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP}
"""What file systems say that lock no folders; NFS says EBADF, as a folder is not open to write."""


@contextmanager
def replacing_folder(path: Path, swap: Callable[[Path, Path], bool] = exchange) -> Iterator[Path]:
    """A folder to fill, which stands at the path when the block ends well, and is gone if not.

    Whoever looks, and whenever the process is killed: the path holds all of what was there before
    or all of what is new. Only where the system cannot swap two folders, as ``swap`` then says, a
    moment between two renames leaves the path empty; whoever is killed in it leaves the old folder
    in a hidden one, and the next write to the path puts it back before all else.

    What killed writers to the path left beside it is removed first. A folder in which a living
    process writes is locked, so that nobody takes it for such a leftover; the kernel frees the
    lock when the process ends, however it ends.

    Args:
        path: absolute, no link; what stands there is given up.
        swap: exchanges two folders, or says that it cannot.

    Raises:
        OSError: the folder cannot be made, filled or put in its place.
    """
    with made(path.parent):
        _sweep(path)
        with _claimed(path) as folder:
            yield folder
            folder.chmod(0o755)
            _sync(folder)
            _put(folder, path, swap)
            _sync(path.parent)


@contextmanager
def _claimed(path: Path) -> Iterator[Path]:
    """A locked, hidden folder beside a path, which is removed at the end."""
    with ExitStack() as stack:
        while True:
            folder = Path(
                tempfile.mkdtemp(prefix=f".{path.name}-", suffix=_SUFFIX, dir=path.parent)
            )
            descriptor = stack.enter_context(_opened(folder))
            if descriptor is None:
                continue  # taken for a leftover in the moment before it was opened
            _lock(descriptor, fcntl.LOCK_EX)
            if _leads_to(folder, descriptor):  # else taken in the moment before it was locked
                break
        stack.callback(_discard, folder, path)
        yield folder


def _sweep(path: Path) -> None:
    """Removes what killed writers to a path left, and nothing that is locked or somebody else's."""
    name = re.compile(rf"\.{re.escape(path.name)}-[a-z0-9_]{{8}}{re.escape(_SUFFIX)}")
    for folder in path.parent.iterdir():
        if name.fullmatch(folder.name) is None:
            continue
        with _opened(folder) as descriptor:
            if (
                descriptor is not None
                and _lock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                and _leads_to(folder, descriptor)
            ):
                _discard(folder, path)


def _discard(folder: Path, path: Path) -> None:
    """Removes a hidden folder; what was on its way out of the path goes back if that is empty."""
    old = folder / path.name
    if old.is_dir() and not path.exists():
        old.rename(path)
    shutil.rmtree(folder, ignore_errors=True)  # what stays is hidden, and the next write's to try


def _put(folder: Path, path: Path, swap: Callable[[Path, Path], bool]) -> None:
    try:
        folder.rename(path)  # to where nothing is, or an empty folder
    except OSError as error:
        if error.errno not in _TAKEN:
            raise
        if not swap(folder, path):
            _put_in_two_steps(folder, path)


def _put_in_two_steps(folder: Path, path: Path) -> None:
    with _claimed(path) as hidden:
        path.rename(hidden / path.name)
        folder.rename(path)
        (hidden / path.name).rename(hidden / "replaced")  # what is half removed must not come back


@contextmanager
def _opened(folder: Path) -> Iterator[int | None]:
    """A descriptor of a folder; None if it is gone, no folder, or another user's."""
    try:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            yield None
            return
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except FileNotFoundError:
        yield None
        return
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _lock(descriptor: int, how: int) -> bool:
    """Locks a folder; False if another process holds it, or its file system knows no such locks."""
    try:
        fcntl.flock(descriptor, how)
    except OSError as error:
        if error.errno == _HELD or error.errno in _NO_LOCKS:
            return False
        raise
    return True


def _leads_to(folder: Path, descriptor: int) -> bool:
    """Whether a name still is that of the folder that was opened."""
    try:
        return os.path.samestat(folder.lstat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _sync(folder: Path) -> None:
    """Writes a folder's names through to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
