"""Tables on disk: opens what can be read, and writes so that nothing is ever half-written."""

from collections.abc import Callable, Mapping
from glob import escape
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from hybridrec.errors import InvalidData

READERS: Mapping[str, Callable[[Path], pl.LazyFrame]] = {
    ".parquet": lambda path: pl.scan_parquet(path, glob=False),
    # all text: the canonical types are known, so that nothing needs to be guessed from the rows
    ".csv": lambda path: pl.scan_csv(path, infer_schema=False, glob=False),
    ".jsonl": lambda path: pl.scan_ndjson(escape(str(path)), infer_schema_length=None),
}
READERS_HINT = ", ".join(READERS)


def scan_table(path: Path) -> pl.LazyFrame:
    """Opens a Parquet, CSV or JSONL file, told apart by its suffix.

    Raises:
        InvalidData: the file is not there, or not a table.
    """
    if not path.exists():
        raise InvalidData(str(path), "the file does not exist; check its path and spelling")
    if not path.is_file():
        raise InvalidData(str(path), f"is a folder; name one {READERS_HINT} file in it")
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise InvalidData(
            str(path), f"is no table that can be read; convert it to one of {READERS_HINT}"
        )
    return reader(path)


def columns_of(table: pl.LazyFrame, path: Path) -> list[str]:
    """Names of the columns of a file.

    Raises:
        InvalidData: its content is not what its suffix says, or there is none.
    """
    try:
        return table.collect_schema().names()
    except pl.exceptions.NoDataError as failure:
        raise InvalidData(
            str(path), "the file is empty: 0 rows; export it again, with its header"
        ) from failure
    except (pl.exceptions.PolarsError, OSError) as failure:
        raise unreadable(path, failure) from failure


def collect(table: pl.LazyFrame, path: Path) -> pl.DataFrame:
    """Reads a file.

    Raises:
        InvalidData: its content is damaged.
    """
    try:
        return table.collect()
    except (pl.exceptions.PolarsError, OSError) as failure:
        raise unreadable(path, failure) from failure


def unreadable(path: Path, failure: Exception) -> InvalidData:
    """The refusal of a file whose content is not what its suffix says."""
    reason = next(iter(str(failure).splitlines()), "no reason given")
    return InvalidData(
        str(path), f"is no readable {path.suffix} table ({reason}); export it again as UTF-8"
    )


def publish(folder: Path, writers: Mapping[str, Callable[[Path], None]]) -> None:
    """Writes files of a folder: all of them into a part of it that is then moved into place.

    Args:
        folder: made if it is not there; its other files are left alone.
        writers: by file name, what writes that file to the path it is given.

    Raises:
        InvalidData: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder, prefix=".partial-") as partial:
            for name, write in writers.items():
                write(Path(partial) / name)
            for name in writers:
                (Path(partial) / name).replace(folder / name)
    except OSError as failure:
        raise InvalidData(
            str(folder),
            f"cannot be written ({failure.strerror}); choose another folder, or free it",
        ) from failure
