"""Plain lists of ids: the users to answer, the tracks to choose from."""

from pathlib import Path

import polars as pl

from hybridrec.datasets.canonical import canonical
from hybridrec.datasets.checks import check_ids, check_rows


def read_ids(path: Path, column: str) -> tuple[str, ...]:
    """The distinct ids of one column, in the order of the file.

    Args:
        path: ends in .parquet, .csv or .jsonl.
        column: the column that holds them.

    Raises:
        InvalidData: naming the file, the column, the rows and the cure.
    """
    table = canonical(path, {}, pl.Schema({column: pl.String()}), (column,))
    check_rows(table.frame, table.source, column)
    check_ids(table.frame, table.source, column)
    return tuple(table.frame[column].unique(maintain_order=True).to_list())
