"""One line for a table that is refused: file, column, number of rows, and the cure."""

import polars as pl

from hybridrec.errors import InvalidData

MAX_EXAMPLE = 40
"""Most characters of a refused value that a message shows."""


def refusal(table: str, column: str, problem: str, n_rows: int, cure: str) -> InvalidData:
    """The error of a refused column: file, column, number of rows concerned, and the cure."""
    rows = "1 row" if n_rows == 1 else f"{n_rows} rows"
    line = f"column '{column}': {problem} in {rows}; {cure}"
    return InvalidData(table, " ".join(line.split()))


def refuse_where(frame: pl.DataFrame, table: str, column: str, bad: pl.Expr, why: str) -> None:
    """Refuses the table if ``bad`` holds in any row; ``why`` is "problem; cure"."""
    found = frame.lazy().filter(bad).select(pl.col(column)).collect()[column]
    if len(found):
        problem, _, cure = why.partition("; ")
        raise refusal(table, column, problem + example(found), len(found), cure)


def example(found: pl.Series) -> str:
    """One of the values refused, where there is one to show."""
    value = found.drop_nulls().head(1).to_list()
    return f" (such as {repr(value[0])[:MAX_EXAMPLE]})" if value else ""
