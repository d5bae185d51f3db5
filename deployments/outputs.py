"""What commands write: refused before the work begins, and whole or not at all when it ends."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hybridrec.errors import InvalidConfig


def check_writable(option: str, path: Path) -> None:
    """Tries whether a file or folder could be made at a path, and leaves nothing there.

    Args:
        option: that named the path.
        path: where something will be written later.

    Raises:
        InvalidConfig: naming both, and why not.
    """
    nearest = next(parent for parent in path.absolute().parents if parent.exists())
    try:
        tempfile.TemporaryDirectory(dir=nearest, prefix=".hybridrec-").cleanup()
    except OSError as error:
        raise _refusal(option, path, error) from error


def check_file(option: str, path: Path) -> None:
    """The same for a file, which cannot take the place of a folder."""
    if path.is_dir():
        raise InvalidConfig(f"{option} {path}", "is a folder; name a file")
    check_writable(option, path)


@contextmanager
def replacing(option: str, path: Path) -> Iterator[Path]:
    """A file to write to, which takes its place when the block ends well, and is gone if not.

    Raises:
        InvalidConfig: it cannot be written.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        partial.replace(path)
    except OSError as error:
        raise _refusal(option, path, error) from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def _refusal(option: str, path: Path, error: OSError) -> InvalidConfig:
    reason = f"cannot be written ({error.strerror}); choose another place, or free it"
    return InvalidConfig(f"{option} {path}", reason)
