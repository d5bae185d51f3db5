"""One line for a table that is refused: file, column, number of rows, their places, the cure."""

import numpy as np
import polars as pl

from hybridrec.datasets.source import Source, counted
from hybridrec.errors import InvalidData

MAX_EXAMPLE = 40
"""Most characters of a refused value that a message shows."""
_PLACE = "place in the table"


def refusal(
    source: Source, column: str, problem: str, n_rows: int, cure: str, places: str = ""
) -> InvalidData:
    """The error of a refused column: file, column, number of rows concerned, and the cure.

    Args:
        source: of the table.
        column: its field.
        problem: what is wrong.
        n_rows: how many rows it concerns.
        cure: what to do about it.
        places: of these rows, as ``Source.places`` writes them.
    """
    line = f"{source.column(column)}: {problem} in {counted(n_rows)}{places}; {cure}"
    return InvalidData(source.name, line)


def refuse_where(frame: pl.DataFrame, source: Source, column: str, bad: pl.Expr, why: str) -> None:
    """Refuses the table if ``bad`` holds in any row; ``why`` is "problem; cure"."""
    found = frame.lazy().with_row_index(_PLACE).filter(bad).select(_PLACE, column).collect()
    if len(found):
        problem, _, cure = why.partition("; ")
        shown = problem + example(found[column])
        places = source.places(found[_PLACE].to_list())
        raise refusal(source, column, shown, len(found), cure, places)


def example(found: pl.Series) -> str:
    """One of the values refused, where there is one to show."""
    value = found.drop_nulls().head(1).to_list()
    if value and found.dtype == pl.Float32:
        value = [float(str(np.float32(value[0])))]  # 1.2 as in the file, not 1.2000000476837158
    return f" (such as {repr(value[0])[:MAX_EXAMPLE]})" if value else ""
