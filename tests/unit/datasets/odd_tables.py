"""Hypothesis strategies of files that people, programs and accidents may bring as tables."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import chain

import polars as pl
from hypothesis import assume
from hypothesis import strategies as st

from hybridrec.schema.tables import INTERACTIONS, TRACKS

Columns = Mapping[str, Sequence[object]]
SUFFIXES = (".parquet", ".csv", ".jsonl")

WORDS = ("a", "b", " a", "A", "", "rock|pop", '["x", "y"]', "['x']", "rock, pop", "nan", "inf",
         "1e999", "-1", "0.5", "2024-05-01", "2024-05-01T10:00:00+02:00", "play", "skip", "[", '"',
         "\ufeff", "\x00", "\u2028", "1" * 40)  # fmt: skip
TEXT = st.sampled_from(WORDS) | st.text(max_size=6)
WHOLE = st.integers(-3, 12) | st.sampled_from([2**31, 2**53 + 1, 2**63 - 1, -(2**63), 1714564800])
FLOATS = st.floats() | st.sampled_from([0.5, 1.0, 120.0, -7.25, 1e39, 1714564800000.0])
MOMENTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30))  # noqa: DTZ001  zones are added
KINDS: tuple[st.SearchStrategy[object], ...] = (
    TEXT,
    WHOLE,
    FLOATS,
    st.booleans(),
    st.none(),
    st.lists(TEXT | st.none(), max_size=3),
    st.lists(WHOLE, max_size=2),
    st.lists(st.lists(TEXT, max_size=2), max_size=2),
    st.dictionaries(st.sampled_from("xy"), WHOLE, max_size=2),
    MOMENTS,
    MOMENTS.map(lambda moment: moment.replace(tzinfo=UTC)),
    st.dates(),
    st.timedeltas(timedelta(-9), timedelta(9)),
    st.times(),
    st.decimals(-999, 999, places=2),
    st.binary(max_size=4),
)
FITTING = st.sampled_from([None, 0, 1, 1.0, 0.0, 0.5, 1e6, "1", "0"])
"""Values that fit many a column."""


def good_tracks(n: int) -> dict[str, list[object]]:
    """A table of tracks that nothing is wrong with."""
    return {
        "track_id": [str(row) for row in range(n)],
        "title": ["Sunrise"] * n,
        "artist": ["Nina Hart"] * n,
        "genres": ["rock|pop"] * n,
        "energy": [0.5] * n,
    }


def good_interactions(n: int) -> dict[str, list[object]]:
    """A table of interactions that nothing is wrong with."""
    return {
        "user_id": ["u"] * n,
        "track_id": [str(row % 2) for row in range(n)],
        "plays": [2] * n,
    }


@st.composite
def odd_columns(draw: st.DrawFn, good: Callable[[int], Columns], schema: pl.Schema) -> Columns:
    """A good table with some columns of other values, renamed, or gone."""
    n_rows = draw(st.sampled_from([4, 3, 2, 1, 0]))
    columns: dict[str, Sequence[object]] = {**good(n_rows)}
    names = st.sampled_from([*columns, *schema.names()])
    for name in draw(st.lists(names, max_size=3, unique=True)):
        kind = draw(st.sampled_from([*KINDS, *[FITTING] * len(KINDS), st.one_of(*KINDS)]))
        values = draw(st.lists(kind, min_size=n_rows, max_size=n_rows))
        kept = columns.get(name, values)
        swapped = draw(st.integers(0, n_rows))
        columns[name] = [*values[:swapped], *kept[swapped:]]
    if draw(st.integers(0, 9)) == 0:
        name = draw(st.sampled_from([*columns]))
        columns[draw(st.sampled_from([name.upper(), f" {name}", "x"]))] = columns.pop(name)
    return columns


def as_parquet(columns: Columns) -> bytes:
    """The table as Parquet, if it has types at all that Polars holds."""
    try:
        frame = pl.DataFrame(columns, strict=False)
        buffer = io.BytesIO()
        frame.write_parquet(buffer)
    except (pl.exceptions.PolarsError, TypeError, ValueError, OverflowError):
        assume(condition=False)
    return buffer.getvalue()


def as_csv(columns: Columns) -> bytes:
    """The table as CSV, values as Python prints them."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return buffer.getvalue().encode("utf-8", "replace")


def as_loose_csv(columns: Columns) -> bytes:
    """The table as CSV by somebody who never heard of quotes."""
    rows = chain([tuple(columns)], zip(*columns.values(), strict=True))
    return "\n".join(",".join(map(str, row)) for row in rows).encode("utf-8", "replace")


def as_jsonl(columns: Columns) -> bytes:
    """The table as JSONL; Python writes NaN, which is no JSON."""
    rows = (dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))
    return "".join(json.dumps(row, default=_plain) + "\n" for row in rows).encode()


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


WRITERS: Mapping[str, Sequence[Callable[[Columns], bytes]]] = {
    ".parquet": (as_parquet,),
    ".csv": (as_csv, as_loose_csv),
    ".jsonl": (as_jsonl,),
}


@st.composite
def written(draw: st.DrawFn, columns: st.SearchStrategy[Columns]) -> tuple[str, bytes]:
    """Suffix and bytes of a file of odd columns, now and then of another suffix or damaged."""
    suffix = draw(st.sampled_from(SUFFIXES))
    content = draw(st.sampled_from(WRITERS[suffix]))(draw(columns))
    accident = draw(st.integers(0, 19))
    if accident == 0:
        suffix = draw(st.sampled_from(SUFFIXES))
    if accident == 1:
        content = content[: draw(st.integers(0, len(content)))]
    if accident == 2 and content and suffix != ".parquet":  # that may abort: see test_probe.py
        place = draw(st.integers(0, len(content) - 1))
        content = content[:place] + draw(st.binary(max_size=3)) + content[place + 1 :]
    return suffix, content


BYTES = st.tuples(st.sampled_from(SUFFIXES), st.binary(max_size=64))
TRACK_FILES = written(odd_columns(good_tracks, TRACKS)) | BYTES
INTERACTION_FILES = written(odd_columns(good_interactions, INTERACTIONS)) | BYTES
GOOD_TRACKS = st.just((".csv", as_csv(good_tracks(4))))
GOOD_INTERACTIONS = st.just((".csv", as_csv(good_interactions(4))))
PAIRS = st.one_of(
    st.tuples(TRACK_FILES, GOOD_INTERACTIONS),
    st.tuples(GOOD_TRACKS, INTERACTION_FILES),
    st.tuples(TRACK_FILES, INTERACTION_FILES),
)
"""A file of tracks and one of interactions; often one of the two is good."""
