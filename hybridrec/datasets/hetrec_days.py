"""The days on which HetRec's listeners gave tags: not learnt from, but they tell a damaged file."""

import polars as pl

from hybridrec.datasets.refusals import refuse_where
from hybridrec.datasets.source import Source

FIRST_YEAR, LAST_YEAR = 1900, 2011
"""The release is of 2011; the earliest of its taggings say 1956."""


def check_days(taggings: pl.DataFrame, source: Source) -> None:
    """Refuses taggings of no day, or of one after the release.

    Args:
        taggings: ``day``, ``month`` and ``year`` as text, whole numbers above 0.
        source: what messages say of them.

    Raises:
        InvalidData: naming the column, the lines and the cure.
    """
    day, month, year = (pl.col(name) for name in ("day", "month", "year"))
    number = pl.Int32()
    is_year = year.cast(number, strict=False).is_between(FIRST_YEAR, LAST_YEAR)
    is_month = month.cast(number, strict=False).is_between(1, 12)
    padded = pl.concat_str(year, month.str.zfill(2), day.str.zfill(2), separator="-")
    is_date = padded.str.to_date("%Y-%m-%d", strict=False).is_not_null()
    for column, fits, why in (
        (
            "year",
            is_year,
            f"years before {FIRST_YEAR}, or after the release; write {FIRST_YEAR} to {LAST_YEAR}",
        ),
        ("month", is_month, "no months; write 1 to 12"),
        ("day", is_date, "no days of their month; write 1 to 31, as the month has"),
    ):
        refuse_where(taggings, source, column, ~fits.fill_null(value=False), why)
