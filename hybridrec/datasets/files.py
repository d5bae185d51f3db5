"""Tables on disk: opens what can be read, and says of the rest why it cannot."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from hybridrec.datasets.csv_form import PLAIN
from hybridrec.datasets.forms import Form, form_of
from hybridrec.errors import InvalidData

_READER_ERRORS = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError)


@dataclass(frozen=True, slots=True)
class TableFile:
    """A file that is a table.

    Attributes:
        path: of the file.
        form: how it is read.
        table: its content, not yet read.
        names: of its columns.
        n_rows: how many there must be, None if its reader is to be trusted.
    """

    path: Path
    form: Form
    table: pl.LazyFrame
    names: tuple[str, ...]
    n_rows: int | None

    @classmethod
    def open(cls, path: Path) -> "TableFile":
        """Opens a Parquet, CSV or JSONL file, told apart by its suffix.

        Raises:
            InvalidData: the file is not there, or not a table.
        """
        form = form_of(path)
        with _told(path, form):
            n_rows = form.check(path)
            table = form.scan(path)
            return cls(path, form, table, tuple(table.collect_schema().names()), n_rows)

    def read(self, columns: Mapping[str, str]) -> pl.DataFrame:
        """Reads some columns.

        Args:
            columns: by field, the column of the file that holds it.

        Raises:
            InvalidData: the content is damaged, or more than one column has such a name.
        """
        self.form.check_columns(self.path, tuple(columns.values()))
        wanted = (pl.col(column).alias(field) for field, column in columns.items())
        with _told(self.path, self.form):
            frame = self.table.select(wanted).collect()
        if self.n_rows is not None and columns and len(frame) != self.n_rows:
            problem = self.form.problem(self.path)
            told = f" ({problem})" if problem else ""
            raise InvalidData(
                str(self.path),
                f"{self.n_rows} rows, of which {len(frame)} can be told apart{told}; {PLAIN}",
            )
        return frame

    def count(self) -> int:
        """Number of rows.

        Raises:
            InvalidData: the content is damaged.
        """
        with _told(self.path, self.form):
            n_rows: int = self.table.select(pl.len()).collect().item()
            return n_rows


@contextmanager
def _told(path: Path, form: Form) -> Iterator[None]:
    """Says of what a reader refuses what is wrong, as far as can be told.

    Raises:
        InvalidData: instead of the reader's own errors.
    """
    try:
        yield
    except _READER_ERRORS as failure:
        reason = next(iter(str(failure).splitlines()), "no reason given")
        problem = None if isinstance(failure, OSError) else form.problem(path)
        raise InvalidData(
            str(path),
            f"is no readable {path.suffix} table ({problem or reason}); export it again as"
            f" {path.suffix}",
        ) from failure
