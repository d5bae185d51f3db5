"""Casts of a foreign column to a canonical type, and which of its values do not fit it."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import polars as pl

from hybridrec.datasets.date_numbers import dates_as_numbers
from hybridrec.datasets.list_notations import JSON_LIST, NO_LIST, is_other_notation

MAX_EPOCH_S = 1e11
"""Epoch numbers from here on are milliseconds: as seconds they would lie beyond the year 5000."""
MAX_EPOCH_MS = 1e14

NO_DOUBTS: Mapping[str, pl.Expr] = {}


class Cast(NamedTuple):
    """One column on its way to a canonical type.

    Attributes:
        value: the canonical values, null where there are none.
        failed: whether a value was there that does not fit.
        cure: what to write instead.
        problem: what the values that do not fit are.
        doubts: by "problem; cure", which values fit, but were surely meant otherwise.
    """

    value: pl.Expr
    failed: pl.Expr
    cure: str
    problem: str = "values of the wrong type"
    doubts: Mapping[str, pl.Expr] = NO_DOUBTS


def cast_to(target: pl.DataType, name: str, raw: pl.DataType) -> Cast:
    """The cast of column ``name`` from its type in the file to the canonical one."""
    if isinstance(target, pl.List):
        return to_words(name, raw)
    return CASTS[type(target)](name, raw)


def unfit(name: str, target: pl.DataType, cure: str) -> Cast:
    """A column whose type in the file can never hold the canonical values."""
    return Cast(pl.lit(None, dtype=target).alias(name), pl.col(name).is_not_null(), cure)


def to_text(name: str, raw: pl.DataType) -> Cast:
    """Text, categories, and whole numbers: a float as an id would change with its formatting."""
    cure = "write text or whole numbers"
    if not (isinstance(raw, pl.String | pl.Categorical | pl.Enum | pl.Null) or raw.is_integer()):
        return unfit(name, pl.String(), cure)
    return Cast(pl.col(name).cast(pl.String), pl.lit(value=False), cure)


def to_number(name: str, raw: pl.DataType) -> Cast:
    """Numbers, also written as text; NaN passes."""
    cure = "write plain numbers such as 0.5, and leave unknown ones empty"
    if not (raw.is_numeric() or isinstance(raw, pl.String | pl.Null)):
        return unfit(name, pl.Float32(), cure)
    value = as_float(name, raw)
    return Cast(value.cast(pl.Float32), is_filled(name, raw) & value.is_null(), cure)


def to_whole(name: str, raw: pl.DataType) -> Cast:
    """Whole numbers, also as text or as floats with NaN for null, as pandas writes them."""
    cure = "write whole numbers such as 1999, and leave unknown ones empty"
    if not (raw.is_numeric() or isinstance(raw, pl.String | pl.Null)):
        return unfit(name, pl.Int32(), cure)
    number = as_float(name, raw)
    value = pl.when(number == number.floor()).then(number).cast(pl.Int32, strict=False)
    is_there = is_filled(name, raw) & number.is_not_nan().fill_null(value=True)
    return Cast(value, is_there & value.is_null(), cure)


def to_words(name: str, raw: pl.DataType) -> Cast:
    """Lists of words: real lists, ``a|b|c``, or ``["a","b"]``; never null, no empty words."""
    cure = (
        'write a|b|c or ["a","b"], and one word that holds a comma as ["a, b"]; leave unknown ones'
        " empty"
    )
    problem = "lists in another notation"
    column = pl.col(name)
    if isinstance(raw, pl.String):
        text = column.str.strip_chars()
        is_json = text.str.contains(JSON_LIST)
        failed = ~is_json & is_other_notation(text)
        decoded = pl.when(is_json).then(text).otherwise(pl.lit("[]"))
        value: pl.Expr = (
            pl.when(is_json)
            .then(decoded.str.json_decode(pl.List(pl.String)))
            .when(~text.str.contains(NO_LIST))
            .then(text.str.split("|"))
        )
    elif isinstance(raw, pl.List) and isinstance(
        raw.inner, pl.String | pl.Categorical | pl.Enum | pl.Null
    ):
        value, failed = column.cast(pl.List(pl.String)), pl.lit(value=False)
    elif isinstance(raw, pl.Null):
        value, failed = pl.lit(None, dtype=pl.List(pl.String)), pl.lit(value=False)
    else:
        return unfit(name, pl.List(pl.String), cure)
    word = pl.element().str.strip_chars()
    words = value.list.eval(word.filter(word.is_not_null() & (word != "")))
    never_null = words.fill_null(pl.lit([], dtype=pl.List(pl.String)))
    return Cast(never_null.alias(name), failed, cure, problem)


def to_instant(name: str, raw: pl.DataType) -> Cast:
    """Times as datetimes, dates, epoch numbers or ISO 8601; in UTC where no zone is told."""
    cure = "write ISO 8601 such as 2024-05-01T20:15:00Z, or epoch seconds or milliseconds"
    instant = pl.Datetime("ms", "UTC")
    column = pl.col(name)
    if isinstance(raw, pl.Datetime | pl.Date | pl.Null):
        is_zoned = isinstance(raw, pl.Datetime) and raw.time_zone is not None
        zoned = (
            column.dt.convert_time_zone("UTC")
            if is_zoned
            else column.cast(pl.Datetime("ms")).dt.replace_time_zone("UTC")
        )
        return Cast(zoned.cast(instant), pl.lit(value=False), cure)
    if not (raw.is_numeric() or isinstance(raw, pl.String)):
        return unfit(name, instant, cure)
    number = as_float(name, raw)
    epoch_ms = pl.when(number.abs() < MAX_EPOCH_S).then(number * 1000).otherwise(number)
    value = (
        pl.when(epoch_ms.abs() < MAX_EPOCH_MS)
        .then(epoch_ms.round())
        .cast(pl.Int64, strict=False)
        .cast(instant)
    )
    if isinstance(raw, pl.String):
        value = pl.coalesce(value, from_iso(column))
    failed = is_filled(name, raw) & value.is_null()
    return Cast(value, failed, cure, doubts=dates_as_numbers(number))


def is_filled(name: str, raw: pl.DataType) -> pl.Expr:
    """Where a column holds anything; blank text, such as a quoted empty cell of CSV, is nothing."""
    column = pl.col(name)
    if not isinstance(raw, pl.String):
        return column.is_not_null()
    return (column.str.strip_chars() != "").fill_null(value=False)


def as_float(name: str, raw: pl.DataType) -> pl.Expr:
    """The numbers of a column in double precision, null where text is no number."""
    column = pl.col(name)
    text_free = column.str.strip_chars() if isinstance(raw, pl.String) else column
    return text_free.cast(pl.Float64, strict=False)


def from_iso(column: pl.Expr) -> pl.Expr:
    """Times written in ISO 8601, brought to its one longest form first."""
    longest = (
        column.str.strip_chars()
        .str.replace(r"^(\d{4}-\d\d-\d\d)$", "${1}T00:00:00")
        .str.replace(r"^(\d{4}-\d\d-\d\d) ", "${1}T")
        .str.replace(r"\s*(?:Z|UTC)$", "+00:00")
        .str.replace(r"(T\d\d:\d\d)($|[+-])", "${1}:00${2}")
        .str.replace(r"(T[\d:.]+)$", "${1}+00:00")
        .str.replace(r"(T[\d:.]+[+-]\d\d)$", "${1}:00")
    )
    return longest.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%z", time_unit="ms", strict=False)


CASTS: dict[type[pl.DataType], Callable[[str, pl.DataType], Cast]] = {
    pl.String: to_text,
    pl.Float32: to_number,
    pl.Int32: to_whole,
    pl.Datetime: to_instant,
}
