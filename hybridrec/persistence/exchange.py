"""Swaps two folders in one step, where the system can."""

import ctypes
import errno
import os
import sys
from pathlib import Path

_SWAP = 2  # Linux calls it RENAME_EXCHANGE, macOS RENAME_SWAP
_AT_FDCWD = -100  # paths are taken from where the process stands, as everywhere
_CANNOT = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}


def exchange(one: Path, other: Path) -> bool:
    """Gives two folders each other's name: nobody ever sees one of the names without a folder.

    Linux does so by renameat2, macOS by renamex_np, each on most local file systems; some network
    and FUSE file systems know no such call.

    Returns:
        False, with nothing changed, where the C library, the system or the file system cannot.

    Raises:
        OSError: it could, but did not, as where one is missing.
    """
    library = ctypes.CDLL(None, use_errno=True)
    names = os.fsencode(one), os.fsencode(other)
    try:
        if sys.platform == "darwin":
            failed = library.renamex_np(*names, _SWAP) != 0
        else:
            failed = library.renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _SWAP) != 0
    except AttributeError:  # a C library from before the call
        return False
    if not failed:
        return True
    reason = ctypes.get_errno()
    if reason in _CANNOT:
        return False
    raise OSError(reason, os.strerror(reason), str(one), None, str(other))
