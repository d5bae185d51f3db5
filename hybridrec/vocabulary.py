"""Two-way map between ids and rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import repeat

import numpy as np

from hybridrec.schema.names import Rows

PADDING = 0
OUT_OF_VOCABULARY = 1
N_RESERVED = 2


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """The ids of a kind, each at its row.

    Attributes:
        ids: unique, row by row.
    """

    ids: tuple[str, ...]
    _rows: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_rows", {name: row for row, name in enumerate(self.ids)})
        if len(self._rows) != len(self.ids):
            raise ValueError("a vocabulary's ids must be unique")

    def __len__(self) -> int:
        return len(self.ids)

    def __contains__(self, name: object) -> bool:
        return name in self._rows

    def row(self, name: str | None) -> int:
        """The row of one id, -1 if unknown."""
        return -1 if name is None else self._rows.get(name, -1)

    def rows(self, names: Iterable[str]) -> Rows:
        """The rows of some ids, -1 where unknown."""
        rows = map(self._rows.get, names, repeat(-1))
        return np.fromiter(rows, np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class TermVocabulary:
    """A vocabulary for embedding tables: row 0 is padding, row 1 is any unknown term."""

    terms: Vocabulary

    @classmethod
    def of(cls, names: Iterable[str]) -> "TermVocabulary":
        return cls(Vocabulary(tuple(names)))

    def __len__(self) -> int:
        return len(self.terms) + N_RESERVED

    def row(self, name: str) -> int:
        """Row of one term, 1 if unknown."""
        row = self.terms.row(name)
        return OUT_OF_VOCABULARY if row < 0 else row + N_RESERVED

    def name(self, row: int) -> str | None:
        """The term at a row; None for padding and unknown."""
        return self.terms.ids[row - N_RESERVED] if row >= N_RESERVED else None

    def padded(self, lists: Sequence[Sequence[str]], width: int) -> Rows:
        """Rows of the terms of several lists, known ones first, cut or padded to a width.

        Returns:
            shape (len(lists), width).
        """
        rows = np.zeros((len(lists), width), np.int32)
        for place, names in enumerate(lists):
            found = list(dict.fromkeys(self.row(name) for name in names))
            found = sorted(found, key=lambda row: row == OUT_OF_VOCABULARY)[:width]
            rows[place, : len(found)] = found
        return rows
