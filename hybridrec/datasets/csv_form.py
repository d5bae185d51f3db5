"""The one form of CSV that is read: UTF-8, commas, a header, as many cells in every row.

Polars fills up short rows and renames the second column of a name, both without a word: so every
record is looked at before the file is read.
"""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from hybridrec.datasets.source import Source, counted
from hybridrec.errors import InvalidData

OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}
PLAIN = (
    "export it again as plain CSV: UTF-8, commas, line ends of Unix or Windows, and quotes around"
    " cells with commas, quotes or line ends, with quotes in them doubled"
)


def csv_records(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Cells of each record, the header first, and the line on which it starts, from 1.

    Raises:
        InvalidData: quotes are left open or out of place, or the text is no UTF-8.
    """
    line = 1
    with path.open(encoding="utf-8-sig", newline="") as file:
        records = csv.reader(file, strict=True)
        try:
            for cells in records:
                yield line, cells
                line = records.line_num + 1
        except csv.Error as failure:
            raise InvalidData(
                str(path), f"is no readable .csv table ({failure}, in line {line}); {PLAIN}"
            ) from failure


def check_csv(path: Path) -> int:
    """Refuses a file that would be read as something else than was meant.

    Returns:
        the number of its rows, the header not among them.

    Raises:
        InvalidData: another form, or rows with more or fewer cells than the header.
    """
    with path.open("rb") as file:
        if b"\r" in file.readline().rstrip(b"\r\n"):
            raise InvalidData(str(path), f"has line ends of an old Mac; {PLAIN}")
    records = csv_records(path)
    _, header = next(records, (1, []))
    if not any(name.strip() for name in header):
        raise InvalidData(str(path), "the file is empty: 0 rows; export it again, with its header")
    check_header(path, header)
    n_rows, wrong = 0, []
    for _, cells in records:
        if len(cells) != len(header):
            wrong.append((n_rows, len(cells)))
        n_rows += 1
    if wrong:
        source = Source(str(path), unit="line", numbers=lambda rows: csv_lines(path, rows))
        places = source.places([row for row, _ in wrong])
        raise InvalidData(
            str(path),
            f"{len(header)} columns, but another number of cells (such as {wrong[0][1]}) in"
            f" {counted(len(wrong))}{places}; put quotes around cells with commas or line ends,"
            " and leave no line empty",
        )
    return n_rows


def check_header(path: Path, header: Sequence[str]) -> None:
    """Refuses a header that is separated by something else than commas.

    Raises:
        InvalidData: naming the separator.
    """
    for separator, name in OTHER_SEPARATORS.items():
        if len(header) == 1 and separator in header[0]:
            raise InvalidData(
                str(path), f"the header is separated by {name}; export it again with commas"
            )


def check_twice(path: Path, wanted: Sequence[str]) -> None:
    """Refuses a file with more than one column of a name that is read.

    Raises:
        InvalidData: naming the column.
    """
    _, header = next(csv_records(path))
    for name in wanted:
        if header.count(name) > 1:
            raise InvalidData(
                str(path),
                f"column '{name}': {header.count(name)} columns have this name; keep one of them,"
                " or give the others another name",
            )


def csv_lines(path: Path, rows: Sequence[int]) -> list[int]:
    """The lines on which some rows start, from 1, the header's among them.

    Args:
        path: of a file that was read.
        rows: ascending from 0.
    """
    wanted = set(rows)
    lines = []
    for row, (line, _) in enumerate(csv_records(path), start=-1):
        if row in wanted:
            lines.append(line)
        if row >= rows[-1]:
            break
    return lines
