"""Files of one folder that take their places together: all of them are new, or none is.

No file system replaces two files in one step. So the names lead, for a moment, to where one step
is enough: each is made a link into a hidden folder, by way of one more link there, ``now``, which
leads to the old files. Renaming another link over ``now`` makes all of them new at once. Then each
file takes the place of the link to it. Whoever reads a name, or ends the process, at whatever
moment, finds the old files or the new ones, never some of each.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from errno import EISDIR, ENOSYS, ENOTSUP, EOPNOTSUPP, EPERM
from pathlib import Path

from hybridrec.datasets.new_folders import made
from hybridrec.errors import InvalidData

_PREFIX = ".hybridrec-partial-"
_OLD, _NEW, _NOW, _MADE = "old", "new", "now", "made"
_NO_LINKS = {EPERM, ENOSYS, ENOTSUP, EOPNOTSUPP}
"""What file systems say that hold no symbolic links, such as exFAT."""


def publish(folder: Path, writers: Mapping[str, Callable[[Path], None]]) -> None:
    """Writes files of a folder, all or none; what a killed writer left there is settled first.

    Another writer to the same folder is waited for, where its file system knows locks.

    Args:
        folder: made if it is not there; its other files are left alone.
        writers: by file name, what writes that file to the path it is given.

    Raises:
        InvalidData: the folder cannot be written; then it is as it was.
    """
    try:
        with made(folder), _locked(folder):
            for left in folder.glob(f"{_PREFIX}*"):
                _settle(folder, left)
            _replace(folder, writers)
    except OSError as failure:
        raise InvalidData(
            str(folder),
            f"cannot be written ({failure.strerror}); choose another folder, or free it",
        ) from failure


def _replace(folder: Path, writers: Mapping[str, Callable[[Path], None]]) -> None:
    taken = next((name for name in writers if (folder / name).is_dir()), None)
    if taken is not None:
        raise IsADirectoryError(EISDIR, f"its {taken} is a folder")
    hidden = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=folder))
    try:
        hidden.chmod(0o755)  # whoever reads the folder follows the links through it
        for part in (_OLD, _NEW):
            (hidden / part).mkdir()
        for name, write in writers.items():
            write(hidden / _NEW / name)
        _sync(*(hidden / _NEW / name for name in writers), hidden / _NEW)
        if _knows_links(hidden):
            _replace_at_once(folder, hidden, writers)
        else:
            _replace_in_turn(folder, hidden, writers)
    finally:
        _settle(folder, hidden)
    _sync(folder)


def _replace_at_once(folder: Path, hidden: Path, names: Iterable[str]) -> None:
    for name in names:
        place = folder / name
        if os.path.lexists(place):
            _keep(place, hidden / _OLD / name)
        _link(hidden, place, f"{hidden.name}/{_NOW}/{name}")
    _sync(folder, hidden / _OLD, hidden)
    _link(hidden, hidden / _NOW, _NEW)  # from here on all are new
    _sync(hidden)


def _replace_in_turn(folder: Path, hidden: Path, names: Iterable[str]) -> None:
    """For file systems without links: files are missing for a moment, but never of two kinds."""
    first, *others = names
    for name in others:
        (folder / name).unlink(missing_ok=True)
    for name in (first, *others):
        (hidden / _NEW / name).replace(folder / name)


def _keep(place: Path, kept: Path) -> None:
    """Gives a file a second place: the same one, or a copy where no file can have two names."""
    if place.is_symlink():
        kept.symlink_to(place.resolve())
        return
    try:
        kept.hardlink_to(place)
    except OSError:
        shutil.copy2(place, kept)


def _knows_links(hidden: Path) -> bool:
    """Makes the link to the old files; False where the file system has no such thing."""
    try:
        (hidden / _NOW).symlink_to(_OLD)
    except OSError as failure:
        if failure.errno not in _NO_LINKS:
            raise
        return False
    return True


def _link(hidden: Path, place: Path, target: str) -> None:
    """Puts a link at a place in one step, whatever file or link stood there."""
    made = hidden / _MADE
    made.symlink_to(target)
    made.replace(place)


def _settle(folder: Path, hidden: Path) -> None:
    """Puts in place what links of a folder lead to in a hidden one of it, and removes that."""
    for place in folder.iterdir():
        if place.is_symlink() and place.readlink().parts[:1] == (hidden.name,):
            kept = hidden / (hidden / _NOW).readlink() / place.name
            if os.path.lexists(kept):
                kept.replace(place)
            else:
                place.unlink()
    shutil.rmtree(hidden, ignore_errors=True)  # what stays is hidden, and the next write's to try


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Holds a folder against other writers, until the end of the block or of the process."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network file systems know no locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _sync(*paths: Path) -> None:
    """Writes files, or the names in folders, through to the disk."""
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
