"""Why a JSONL file cannot be read, and the lines of its rows: an object a line, UTF-8."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

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
    _, text = next(_objects(path), (1, ""))
    if not text:
        raise InvalidData(str(path), "the file is empty: 0 rows; export it again, with its rows")
    if text.startswith("\ufeff"):
        raise InvalidData(
            str(path), "starts with a byte order mark; save it as UTF-8 without that mark"
        )


def jsonl_lines(path: Path, rows: Sequence[int]) -> list[int]:
    """The lines of some rows, from 1; lines without an object are no rows.

    Args:
        path: of a file that was read.
        rows: ascending from 0.
    """
    wanted = set(rows)
    lines = []
    for row, (line, _) in enumerate(_objects(path)):
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
    kinds: dict[str, tuple[str, int]] = {}
    for line, text in _objects(path):
        shown = f"line {line}: {text.strip()[:MAX_SHOWN]!r}"
        try:
            value: object = json.loads(text)
        except (ValueError, RecursionError):
            return f"{shown} is no JSON"
        if not isinstance(value, dict):
            return f"{shown} is no object; write one object a line"
        for key, cell in value.items():
            kind, first = kinds.setdefault(key, (_kind(cell), line))
            if _kind(cell) not in {kind, _NOTHING} and kind != _NOTHING:
                return f"column '{key}': {kind} in line {first}, but {_kind(cell)} in line {line}"
            if kind == _NOTHING:
                kinds[key] = (_kind(cell), line)
    return None


_NOTHING = "null"


def _kind(cell: object) -> str:
    if cell is None:
        return _NOTHING
    if isinstance(cell, bool):
        return "true or false"
    if isinstance(cell, dict):
        return "an object"
    return "a list" if isinstance(cell, list) else "text or a number"


def _objects(path: Path) -> Iterator[tuple[int, str]]:
    with path.open(encoding="utf-8", newline="\n") as file:
        for line, text in enumerate(file, start=1):
            if text.strip():
                yield line, text
