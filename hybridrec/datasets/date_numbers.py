"""Tells numbers that spell dates, such as 20240501, from seconds since 1970."""

from collections.abc import Mapping

import polars as pl

CURE = "write ISO 8601 such as 2024-05-01, or seconds since 1970"
DAY = r"^(?:(?:19|20)\d\d|2100)(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
MINUTE = r"(?:[01]\d|2[0-3])[0-5]\d"
YEARS = (1900, 2100)
EPOCH_DAYS = (7_305, 29_220)
"""Days from 1990 to 2050, counted from 1970."""


def dates_as_numbers(number: pl.Expr) -> Mapping[str, pl.Expr]:
    """By "problem; cure", the numbers of a column of times that were meant as dates.

    As seconds all of them would lie in the first weeks of 1970, or as milliseconds in 1976. Only a
    column whose every number reads so is in doubt; years and days, which are less telling, only
    if two of them differ.

    Args:
        number: in double precision, null where there is none.
    """
    digits = pl.when(number == number.floor()).then(number).cast(pl.Int64, strict=False)
    text = digits.cast(pl.String)
    of_calendar = text.str.slice(0, 8).str.to_date("%Y%m%d", strict=False).is_not_null()
    spelled = {
        "YYYYMMDD": text.str.contains(f"{DAY}$") & of_calendar,
        "YYYYMMDDhhmm": text.str.contains(f"{DAY}{MINUTE}$") & of_calendar,
    }
    counted = {"years": YEARS, "days since 1970": EPOCH_DAYS}
    differ = number.drop_nulls().n_unique() > 1
    everywhere = {
        **{form: _all(is_so, number) for form, is_so in spelled.items()},
        **{form: _all(digits.is_between(*span), number) & differ for form, span in counted.items()},
    }
    return {
        f"numbers that read as dates ({form}), not as seconds,; {CURE}": number.is_not_null()
        & is_so
        for form, is_so in everywhere.items()
    }


def _all(is_so: pl.Expr, number: pl.Expr) -> pl.Expr:
    return (is_so.fill_null(value=False) | number.is_null()).all()
