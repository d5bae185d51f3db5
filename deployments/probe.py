"""Tries foreign Parquet in a process of its own: damage in it can abort the process that reads it.

Polars takes lengths inside a page at their word; a wrong one ends in an allocation of exabytes,
which no ``except`` catches.
"""

import subprocess
import sys
from pathlib import Path

from hybridrec.errors import InvalidData

_READ = "import sys, polars; polars.scan_parquet(sys.argv[1], glob=False).collect()"


def check_survivable(*paths: Path | None) -> None:
    """Refuses Parquet files that abort their reader; all else is left to the reader itself.

    Raises:
        InvalidData: a file is damaged inside.
    """
    for path in paths:
        if path is not None and path.suffix.lower() == ".parquet" and path.is_file():
            _try(path)


def _try(path: Path) -> None:
    done = subprocess.run(  # noqa: S603  our own interpreter and code
        [sys.executable, "-c", _READ, str(path)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode < 0:  # ended by a signal
        raise InvalidData(
            str(path), "is no readable .parquet table (damaged inside); export it again as .parquet"
        )
