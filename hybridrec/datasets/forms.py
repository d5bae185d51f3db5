"""The forms of files that tables are read from: Parquet, CSV and JSONL, told apart by suffix."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from stat import S_ISDIR, S_ISREG

import polars as pl

from hybridrec.datasets.content import check_text, kind_of
from hybridrec.datasets.csv_form import check_csv, check_twice, csv_lines
from hybridrec.datasets.csv_quotes import stray_quote
from hybridrec.datasets.json_form import check_jsonl, check_keys, jsonl_lines, jsonl_problem
from hybridrec.datasets.json_halves import check_halves
from hybridrec.datasets.parquet import DAMAGED
from hybridrec.datasets.source import Source, counted_from_one
from hybridrec.errors import InvalidData

NO_MAP: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Form:
    """How files of one suffix are read.

    Attributes:
        check: refuses what the reader would misread; the number of rows, or None if the reader
            itself is to be trusted.
        check_columns: refuses names of columns that the reader would mistake.
        scan: the reader.
        problem: of a file that the reader refused, what it does not tell.
        unit: what messages call the place of a row.
        lines: the numbers of rows, as the user sees them.
    """

    check: Callable[[Path], int | None]
    check_columns: Callable[[Path, Sequence[str]], None]
    scan: Callable[[Path], pl.LazyFrame]
    problem: Callable[[Path], str | None]
    unit: str
    lines: Callable[[Path, Sequence[int]], list[int]]

    def source(self, path: Path, columns: Mapping[str, str]) -> Source:
        """What messages say of a file of this form."""
        return Source(str(path), columns, self.unit, lambda rows: self.lines(path, rows))


def _check_csv(path: Path) -> int:
    check_text(path)
    return check_csv(path)


def _check_jsonl(path: Path) -> None:
    check_text(path)
    check_jsonl(path)


def _check_jsonl_columns(path: Path, wanted: Sequence[str]) -> None:
    check_keys(path, wanted)
    check_halves(path, wanted)


def _check_parquet(path: Path) -> None:
    kind = kind_of(path)
    if kind not in {"a Parquet file", "a binary file", None}:
        raise InvalidData(str(path), f"is {kind}, not a {path.suffix} table; export it as Parquet")


def _damaged(_: Path) -> str:
    return DAMAGED


def _any_columns(_: Path, __: Sequence[str]) -> None:
    return None


FORMS: Mapping[str, Form] = {
    ".parquet": Form(
        check=_check_parquet,
        check_columns=_any_columns,
        scan=lambda path: pl.scan_parquet(path, glob=False),
        problem=_damaged,
        unit="row",
        lines=lambda _, rows: counted_from_one(rows),
    ),
    ".csv": Form(
        check=_check_csv,
        check_columns=check_twice,
        # all text: the canonical types are known, nothing needs to be guessed from the rows
        scan=lambda path: pl.scan_csv(path, infer_schema=False, glob=False),
        problem=stray_quote,
        unit="line",
        lines=csv_lines,
    ),
    ".jsonl": Form(
        check=_check_jsonl,
        check_columns=_check_jsonl_columns,
        scan=lambda path: pl.scan_ndjson(escape(str(path)), infer_schema_length=None),
        problem=jsonl_problem,
        unit="line",
        lines=jsonl_lines,
    ),
}
FORMS_HINT = ", ".join(FORMS)


def form_of(path: Path) -> Form:
    """The form of a file that is to be read.

    Raises:
        InvalidData: it is not there, or of no form that can be read.
    """
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError) as failure:
        raise InvalidData(
            str(path), "the file does not exist; check its path and spelling"
        ) from failure
    except OSError as failure:
        raise InvalidData(
            str(path), f"cannot be read ({failure.strerror}); check its path and permissions"
        ) from failure
    if S_ISDIR(mode):
        raise InvalidData(str(path), f"is a folder; name one {FORMS_HINT} file in it")
    if not S_ISREG(mode):
        raise InvalidData(str(path), f"is no file; write it to one {FORMS_HINT} file")
    form = FORMS.get(path.suffix.lower())
    if form is None:
        raise InvalidData(
            str(path), f"is no table that can be read; convert it to one of {FORMS_HINT}"
        )
    return form


def source_of(path: Path, columns: Mapping[str, str] = NO_MAP) -> Source:
    """What messages say of a file that was read, with its columns by field."""
    return FORMS[path.suffix.lower()].source(path, columns)
