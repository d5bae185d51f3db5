"""Which values of JSON can share a column; a reader turns the others into text without a word."""

from dataclasses import dataclass, field

TEXT, WHOLE, FRACTION = "text", "a whole number", "a number with a fraction"
WORDS, LIST = "a list of text", "a list of other values than text"
MIXED = "a list of text and other values"
SHARED = ({TEXT, WHOLE}, {WHOLE, FRACTION})
"""Ids are text or whole numbers, and 1.0 as text would be another id than 1."""


@dataclass(frozen=True, slots=True)
class Kinds:
    """The kinds of values that each key has had so far.

    Attributes:
        first: by key, the line on which each kind came first.
    """

    first: dict[str, dict[str, int]] = field(default_factory=dict)

    def clash(self, key: str, cell: object, line: int) -> str | None:
        """Notes a cell, and says which earlier one of its key it cannot share a column with."""
        kind = kind_of(cell)
        if kind == MIXED:
            return f"{MIXED} in line {line}"
        seen = self.first.setdefault(key, {})
        if kind is None or kind in seen:
            return None
        seen[kind] = line
        for other, place in seen.items():
            if other != kind and {kind, other} not in SHARED:
                return f"{other} in line {place}, but {kind} in line {line}"
        return None


def kind_of(cell: object) -> str | None:
    """What a cell is; None of null and blank text, which fit every column."""
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    if isinstance(cell, bool):
        return "true or false"
    if isinstance(cell, list):
        words = {isinstance(word, str) for word in cell if word is not None}
        return MIXED if len(words) > 1 else LIST if False in words else WORDS
    kinds = {str: TEXT, int: WHOLE, float: FRACTION}
    return kinds.get(type(cell), "an object")
