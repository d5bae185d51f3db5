"""What Polars says of Parquet in its own words, told as of any other file."""

import io
from pathlib import Path

import polars as pl

DAMAGED = "damaged inside, or of another form"
"""What is wrong with a file that its reader refuses: it tells of its own code, not of the file."""


def write_table(table: pl.DataFrame, path: Path) -> None:
    """Writes a Parquet file; Polars alone tells of a full disk by an error of its own.

    Raises:
        OSError: it cannot be written.
    """
    content = io.BytesIO()
    table.write_parquet(content)
    path.write_bytes(content.getbuffer())
