"""Tries foreign Parquet in a process of its own: damage in it can abort the process that reads it.

Polars takes lengths inside a page at their word; a wrong one ends in an allocation of exabytes,
which no ``except`` catches. Of other damage its threads print what they met on the error stream.
"""

import subprocess
import sys
from pathlib import Path

from hybridrec.datasets.forms import form_of
from hybridrec.datasets.parquet import DAMAGED
from hybridrec.errors import InvalidData

_READ = "import sys, polars; polars.scan_parquet(sys.argv[1], glob=False).collect()"


def check_survivable(*paths: Path | None) -> None:
    """Refuses Parquet files that cannot be read; all other files are left to their reader.

    Raises:
        InvalidData: a file is damaged inside, or something else than Parquet.
    """
    for path in paths:
        if path is not None and path.suffix.lower() == ".parquet" and path.is_file():
            _try(path)


def _try(path: Path) -> None:
    try:
        form_of(path).check(path)
    except OSError:  # such as one that may not be opened: its reader says why
        return
    done = subprocess.run(  # noqa: S603  our own interpreter and code
        # -P: no module of the folder that we happen to stand in
        [sys.executable, "-P", "-c", _READ, str(path)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode != 0 or b"panicked" in done.stderr:
        raise InvalidData(
            str(path),
            f"is no readable {path.suffix} table ({DAMAGED}); export it again as {path.suffix}",
        )
