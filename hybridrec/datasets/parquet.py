"""Writes tables so that what a disk refuses is told as of any other file."""

import io
from pathlib import Path

import polars as pl


def write_table(table: pl.DataFrame, path: Path) -> None:
    """Writes a Parquet file; Polars alone tells of a full disk by an error of its own.

    Raises:
        OSError: it cannot be written.
    """
    content = io.BytesIO()
    table.write_parquet(content)
    path.write_bytes(content.getbuffer())
