"""Why a JSONL file cannot be read, and the lines of its rows: an object a line, UTF-8."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from hybridrec.datasets.json_halves import CURE, HALF, has_half
from hybridrec.datasets.json_kinds import Kinds
from hybridrec.datasets.json_objects import objects, pairs_of
from hybridrec.datasets.source import Source, counted
from hybridrec.errors import InvalidData

MAX_SHOWN = 40
"""Most characters of a line that a message shows."""


def check_jsonl(path: Path) -> None:
    """Refuses a file without a row, and a mark that its reader does not know.

    Args:
        path: of a file that is UTF-8.

    Raises:
        InvalidData: it is empty, or starts with a byte order mark.
    """
    _, text = next(objects(path), (1, ""))
    if not text:
        raise InvalidData(str(path), "the file is empty: 0 rows; export it again, with its rows")
    if text.startswith("\ufeff"):
        raise InvalidData(
            str(path), "starts with a byte order mark; save it as UTF-8 without that mark"
        )


def check_keys(path: Path, wanted: Sequence[str]) -> None:
    """Refuses keys that stand twice in an object, and values that cannot share a column.

    Readers differ in which of two keys they take, and turn values of many kinds into text.

    Args:
        path: of a file that is UTF-8; a line that is no object is left to its reader.
        wanted: the keys that are read.

    Raises:
        InvalidData: naming the first such key, and the lines.
    """
    twice: dict[str, list[int]] = {name: [] for name in wanted}
    kinds = Kinds()
    for line, text in objects(path):
        pairs = pairs_of(text)
        names = [name for name, _ in pairs]
        if len(set(names)) < len(names):
            for name in twice:
                twice[name] += [line] * (names.count(name) > 1)
        for name, cell in pairs:
            clash = kinds.clash(name, cell, line) if name in twice else None
            if clash is not None:
                raise InvalidData(str(path), f"column '{name}': {clash}; write values of one kind")
    for name, lines in twice.items():
        if lines:
            places = Source(str(path), unit="line", numbers=list).places(lines)
            raise InvalidData(
                str(path),
                f"column '{name}': a key that stands twice in {counted(len(lines))}{places};"
                " keep one of the two",
            )


def jsonl_lines(path: Path, rows: Sequence[int]) -> list[int]:
    """The lines of some rows, from 1; lines without an object are no rows.

    Args:
        path: of a file that was read.
        rows: ascending from 0.
    """
    wanted = set(rows)
    lines = []
    for row, (line, _) in enumerate(objects(path)):
        if row in wanted:
            lines.append(line)
        if row >= rows[-1]:
            break
    return lines


def jsonl_problem(path: Path) -> str | None:
    """What is wrong with the first line that is no object, or whose values are of another kind.

    Args:
        path: of a file that is UTF-8.

    Returns:
        the problem and its line, or None if each line is fine for itself.
    """
    kinds = Kinds()
    for line, text in objects(path):
        shown = f"line {line}: {text.strip()[:MAX_SHOWN]!r}"
        try:
            value: object = json.loads(text, parse_constant=_NoNumber, parse_float=_finite)
        except (ValueError, RecursionError):
            return f"{shown} is no JSON"
        if not isinstance(value, dict):
            return f"{shown} is no object; write one object a line"
        for key, cell in value.items():
            literal = _no_number(cell)
            if literal is not None:
                return (
                    f"column '{key}': {literal} in line {line} is no number of JSON; write null"
                    " where a value is unknown"
                )
            if has_half((key, cell)):
                return f"column '{key}': {HALF} in line {line} ({cell!r:.{MAX_SHOWN}}); {CURE}"
            clash = kinds.clash(key, cell, line)
            if clash is not None:
                return f"column '{key}': {clash}"
    return None


@dataclass(frozen=True, slots=True)
class _NoNumber:
    """What Python reads as a number, though JSON has none such: NaN, Infinity, 1e999."""

    literal: str


def _finite(literal: str) -> "float | _NoNumber":
    number = float(literal)
    return number if isfinite(number) else _NoNumber(literal)


def _no_number(cell: object) -> str | None:
    """The first literal in a cell that is no number of JSON, in lists and objects too."""
    if isinstance(cell, _NoNumber):
        return cell.literal
    if isinstance(cell, dict):
        cell = list(cell.values())
    inner = cell if isinstance(cell, list) else []
    return next((found for found in map(_no_number, inner) if found is not None), None)
