"""Folders that are made for a purpose, and not left behind where it fails."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def made(folder: Path) -> Iterator[None]:
    """Makes a folder, and takes it and those above it that were not there away if a block fails."""
    new = [one for one in (folder, *folder.parents) if not one.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        with suppress(OSError):  # another writer may have put something there
            for one in new:
                one.rmdir()
        raise
