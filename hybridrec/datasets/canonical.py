"""From any file to the columns and types of a canonical schema."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from hybridrec.datasets.casts import cast_to
from hybridrec.datasets.column_map import map_option, named_so, near_miss, unknown_field
from hybridrec.datasets.files import TableFile
from hybridrec.datasets.refusals import refusal, refuse_where
from hybridrec.datasets.source import Source
from hybridrec.errors import InvalidData

MAX_NAMES = 12
"""Most columns of a file that a message lists."""


@dataclass(frozen=True, slots=True, eq=False)
class Canonical:
    """A file, cast to a schema.

    Attributes:
        frame: row by row what the file holds, in the order of the file; null where it lacks a
            column.
        source: what messages say of it.
        found: fields that the file has a column for.
    """

    frame: pl.DataFrame
    source: Source
    found: frozenset[str]


def canonical(
    path: Path, columns: Mapping[str, str], schema: pl.Schema, required: tuple[str, ...]
) -> Canonical:
    """Reads a file and casts it to a schema.

    Args:
        path: of the file.
        columns: by field, the file's name for it, where that is not the field's own.
        schema: fields and their types.
        required: fields that the file must have.

    Raises:
        InvalidData: it is no table, lacks a column, or holds values of another type or meaning.
    """
    file = TableFile.open(path)
    source = file.form.source(path, columns)
    found = mapped_columns(file, columns, schema)
    missing = next((field for field in required if field not in found), None)
    if missing is not None:
        raise missing_column(file, missing, missing)
    raw = file.read(found)
    absent = raw.with_columns(pl.lit(None).alias(field) for field in schema if field not in found)
    casts = {
        field: cast_to(target, field, absent.schema[field]) for field, target in schema.items()
    }
    failures = absent.select(cast.failed.sum().alias(field) for field, cast in casts.items())
    for field, n_failed in failures.row(0, named=True).items():
        if n_failed:
            cast = casts[field]
            refuse_where(absent, source, field, cast.failed, f"{cast.problem}; {cast.cure}")
    for field, cast in casts.items():
        for why, is_doubted in cast.doubts.items():
            refuse_where(absent, source, field, is_doubted, why)
    frame = absent.select(cast.value.alias(field) for field, cast in casts.items())
    return Canonical(frame, source, frozenset(found))


def mapped_columns(
    file: TableFile, columns: Mapping[str, str], schema: pl.Schema
) -> dict[str, str]:
    """By field, the column of the file that holds it."""
    mapped = {}
    for field, column in columns.items():
        if field not in schema:
            raise InvalidData(str(file.path), unknown_field(field))
        there = named_so(column, file.names)
        if there is None:
            raise missing_column(file, column, field)
        mapped[field] = there
    names = {field: mapped.get(field, field) for field in schema}
    found = {field: column for field, column in names.items() if column in file.names}
    others = [name for name in file.names if name not in found.values()]
    for field in schema:
        near = None if field in found else near_miss(field, others)
        if near is not None:
            raise InvalidData(
                str(file.path),
                f"column '{near}': is almost named '{field}' and would not be read; rename it to"
                f" '{field}', or to something else if it holds something else, or in `hybridrec"
                f" data import table` say --{map_option(field, near)}",
            )
    return found


def missing_column(file: TableFile, column: str, field: str) -> InvalidData:
    """The refusal of a file that lacks the column of a field."""
    names = ", ".join(file.names[:MAX_NAMES])
    cure = (
        f"add it, rename the column that holds it ({names}), or in `hybridrec data import table`"
        f" say --map {field}=COLUMN"
    )
    return refusal(Source(str(file.path)), column, "missing", file.count(), cure)
