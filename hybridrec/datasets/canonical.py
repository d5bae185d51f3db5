"""From any file to the columns and types of a canonical schema."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from hybridrec.datasets.casts import cast_to
from hybridrec.datasets.column_map import unknown_field
from hybridrec.datasets.files import collect, columns_of, scan_table
from hybridrec.datasets.refusals import example, refusal
from hybridrec.errors import InvalidData

MAX_NAMES = 12
"""Most columns of a file that a message lists."""


def canonical(
    path: Path, columns: Mapping[str, str], schema: pl.Schema, required: tuple[str, ...]
) -> pl.DataFrame:
    """Reads a file and casts it to a schema; columns that it may lack are null."""
    table = scan_table(path)
    found = mapped_columns(table, path, columns, schema)
    missing = next((field for field in required if field not in found), None)
    if missing is not None:
        raise missing_column(table, path, missing, missing)
    raw = collect(
        table.select(pl.col(column).alias(field) for field, column in found.items()), path
    )
    absent = raw.with_columns(pl.lit(None).alias(field) for field in schema if field not in found)
    casts = {
        field: cast_to(target, field, absent.schema[field]) for field, target in schema.items()
    }
    failures = absent.select(cast.failed.sum().alias(field) for field, cast in casts.items())
    for field, n_failed in failures.row(0, named=True).items():
        if n_failed:
            shown = example(absent.filter(casts[field].failed)[field])
            problem = f"values of the wrong type{shown}"
            raise refusal(str(path), found[field], problem, n_failed, casts[field].cure)
    return absent.select(cast.value.alias(field) for field, cast in casts.items())


def mapped_columns(
    table: pl.LazyFrame, path: Path, columns: Mapping[str, str], schema: pl.Schema
) -> dict[str, str]:
    """By field, the column of the file that holds it."""
    there = set(columns_of(table, path))
    for field, column in columns.items():
        if field not in schema:
            raise InvalidData(str(path), unknown_field(field))
        if column not in there:
            raise missing_column(table, path, column, field)
    names = {field: columns.get(field, field) for field in schema}
    return {field: column for field, column in names.items() if column in there}


def missing_column(table: pl.LazyFrame, path: Path, column: str, field: str) -> InvalidData:
    """The refusal of a file that lacks a column."""
    n_rows = collect(table.select(pl.len()), path).item()
    names = ", ".join(columns_of(table, path)[:MAX_NAMES])
    cure = (
        f"add it, rename the column that holds it ({names}), or where tables are imported map"
        f" {field}=COLUMN"
    )
    return refusal(str(path), column, "missing", n_rows, cure)
