"""Ids that are probably one, written in two ways; they are taken to the letter all the same."""

import polars as pl

from hybridrec.datasets.source import Source
from hybridrec.datasets.table import Dataset

MAX_SHOWN = 3
"""Most groups of such ids that a warning names."""
_PLACE = "place in the table"


def look_alikes(dataset: Dataset, tracks: Source, interactions: Source) -> tuple[str, ...]:
    """A line for each column with ids that differ only in case or blanks, or have blanks around.

    Args:
        dataset: in the order of its sources.
        tracks: what messages say of its tracks.
        interactions: what they say of its interactions.
    """
    found = (
        _of_column(dataset.tracks, tracks, "track_id"),
        _of_column(dataset.interactions, interactions, "user_id"),
    )
    return tuple(line for lines in found for line in lines)


def _of_column(frame: pl.DataFrame, source: Source, column: str) -> list[str]:
    ids = (
        frame.lazy()
        .with_row_index(_PLACE)
        .group_by(pl.col(column).alias("id"))
        .agg(pl.col(_PLACE).first())
        .with_columns(key=pl.col("id").str.to_lowercase().str.replace_all(r"\s", ""))
        .sort(_PLACE)
        .collect()
    )
    lines = []
    twins = ids.filter(pl.col("key").is_duplicated())
    if len(twins):
        groups = twins.group_by("key", maintain_order=True).agg("id")["id"]
        shown = ", ".join(" and ".join(map(repr, group)) for group in groups.head(MAX_SHOWN))
        lines.append(
            f"ids that differ only in case or blanks ({shown}{_more(len(groups))})"
            f"{source.places(twins[_PLACE].to_list())} count as different; write them alike if"
            " they are one"
        )
    padded = ids.filter(pl.col("id") != pl.col("id").str.strip_chars())
    if len(padded):
        shown = ", ".join(map(repr, padded["id"].head(MAX_SHOWN)))
        lines.append(
            f"ids with blanks around them ({shown}{_more(len(padded))})"
            f"{source.places(padded[_PLACE].to_list())} are kept so; requests must write them the"
            " same way"
        )
    return [f"warning: {source.name}: {source.column(column)}: {line}" for line in lines]


def _more(n: int) -> str:
    return ", …" if n > MAX_SHOWN else ""
