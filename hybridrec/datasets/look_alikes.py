"""Ids and words that are probably one, written in two ways; all are taken to the letter."""

from collections.abc import Iterable
from unicodedata import is_normalized

import polars as pl

from hybridrec.datasets.source import Source
from hybridrec.datasets.table import Dataset

MAX_SHOWN = 3
"""Most groups of such values that a warning names."""
_PLACE = "place in the table"
_UNSEEN = r"[\s\p{Cf}]"
"""Blanks, and characters that nobody sees, such as U+200B."""


def look_alikes(dataset: Dataset, tracks: Source, interactions: Source) -> tuple[str, ...]:
    """A line for each column with values that look alike, or ids with blanks around them.

    Alike are those that differ only in case, blanks, characters that nobody sees, and what Unicode
    takes for two ways of writing one (NFKC).

    Args:
        dataset: in the order of its sources.
        tracks: what messages say of its tracks.
        interactions: what they say of its interactions.
    """
    found = [
        *_of_ids(dataset.tracks, tracks, "track_id"),
        *_of_ids(dataset.interactions, interactions, "user_id"),
    ]
    for column in ("genres", "moods"):
        found += _twins(_places(dataset.tracks, column, is_list=True), tracks, column, "words")
    return tuple(found)


def _of_ids(frame: pl.DataFrame, source: Source, column: str) -> list[str]:
    ids = _places(frame, column, is_list=False)
    lines = _twins(ids, source, column, "ids")
    padded = ids.filter(pl.col("value") != pl.col("value").str.strip_chars())
    if len(padded):
        shown = ", ".join(map(_written, padded["value"].head(MAX_SHOWN)))
        lines.append(
            f"{_of(source, column)}: ids with blanks around them ({shown}{_more(len(padded))})"
            f"{source.places(padded[_PLACE].to_list())} are kept so; requests must write them the"
            " same way"
        )
    return lines


def _places(frame: pl.DataFrame, column: str, *, is_list: bool) -> pl.DataFrame:
    """The distinct values of a column, each with the first row that holds it, in that order."""
    values = frame.lazy().select(pl.col(column).alias("value")).with_row_index(_PLACE)
    if is_list:
        values = values.explode("value").drop_nulls()
    return values.group_by("value").agg(pl.col(_PLACE).first()).sort(_PLACE, "value").collect()


def _twins(values: pl.DataFrame, source: Source, column: str, what: str) -> list[str]:
    key = pl.col("value").str.normalize("NFKC").str.to_lowercase().str.replace_all(_UNSEEN, "")
    twins = values.with_columns(key=key).filter(pl.col("key").is_duplicated())
    if twins.is_empty():
        return []
    groups = twins.group_by("key", maintain_order=True).agg("value")["value"]
    rows = twins[_PLACE].unique(maintain_order=True).to_list()  # one row may hold both
    shown = ", ".join(_group(group) for group in groups.head(MAX_SHOWN))
    line = (
        f"{_of(source, column)}: {what} that differ only in case, blanks or ways of writing a"
        f" character ({shown}{_more(len(groups))}){source.places(rows)} count as"
        " different; write them alike if they are one"
    )
    return [line]


def _of(source: Source, column: str) -> str:
    return f"warning: {source.name}: {source.column(column)}"


def _group(values: Iterable[str]) -> str:
    return " and ".join(map(_written, values))


def _written(value: str) -> str:
    """A value in quotes; by its code points where it looks like another."""
    return repr(value) if is_normalized("NFKC", value) else ascii(value)


def _more(n: int) -> str:
    return ", …" if n > MAX_SHOWN else ""
