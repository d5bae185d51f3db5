"""JSONL line by line, with the keys of an object as they are written."""

import json
from collections.abc import Iterator
from pathlib import Path


class Object(tuple[tuple[str, object], ...]):
    """Keys and cells of an object, those that stand twice among them."""

    __slots__ = ()


def pairs_of(text: str) -> Object:
    """Keys and cells of one object, as they are written; none of what is no object."""
    try:
        found: object = json.loads(text, object_pairs_hook=Object)
    except (ValueError, RecursionError):
        return Object()
    return found if isinstance(found, Object) else Object()


def objects(path: Path) -> Iterator[tuple[int, str]]:
    """The lines that hold anything, each with its number, from 1."""
    with path.open(encoding="utf-8", newline="\n") as file:
        for line, text in enumerate(file, start=1):
            if text.strip():
                yield line, text
