"""Quotes that CSV cannot have where they stand, found line by line."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

QUOTED = re.compile(r'(?:^|(?<=,))"(?:[^"]|"")*"(?=,|\r?\n?\Z)')
"""A whole cell in quotes, with quotes in it doubled."""
MAX_SHOWN = 40
"""Most characters of a record that a message shows."""


def stray_quote(path: Path) -> str | None:
    """Where a quote is left open within a cell that is in no quotes, such as ``ann "x``.

    Args:
        path: of a file whose records were all read.

    Returns:
        the problem, its line and what to write, or None if there is no such quote.
    """
    for line, text in _texts(path):
        if QUOTED.sub("", text).count('"') % 2:
            shown = text.strip()[:MAX_SHOWN]
            return (
                f"line {line}: {shown!r} has a quote within a cell; put quotes around that cell,"
                " and double those in it"
            )
    return None


def _texts(path: Path) -> Iterator[tuple[int, str]]:
    """Each record as it is written, and the line on which it starts, from 1."""
    read: list[str] = []

    def noted(lines: Iterator[str]) -> Iterator[str]:
        for text in lines:
            read.append(text)
            yield text

    line = 1
    with path.open(encoding="utf-8-sig", newline="") as file:
        for _ in csv.reader(noted(file), strict=True):
            yield line, "".join(read)
            line += len(read)
            read.clear()
