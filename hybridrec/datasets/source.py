"""Where a table came from, and how messages call its columns and rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

MAX_PLACES = 5
"""Most rows that a message lists."""

Numbers = Callable[[Sequence[int]], list[int]]
"""From places in the table, ascending from 0, to the numbers that the user sees."""


def counted_from_one(rows: Sequence[int]) -> list[int]:
    """The first row is row 1."""
    return [row + 1 for row in rows]


@dataclass(frozen=True, slots=True)
class Source:
    """What messages say of a table.

    Attributes:
        name: of the table, such as the path of its file.
        columns: by field, the name that its column has there, where that is another.
        unit: what a place is called there: a ``row``, or a ``line`` of a text file.
        numbers: how places are counted there.
    """

    name: str
    columns: Mapping[str, str] = field(default_factory=dict)
    unit: str = "row"
    numbers: Numbers = counted_from_one

    def column(self, name: str) -> str:
        """How a message calls the column of a field."""
        there = self.columns.get(name, name)
        return f"column '{there}'" if there == name else f"column '{there}' ({name})"

    def places(self, rows: Sequence[int]) -> str:
        """Numbers of the first rows, in brackets: `` (lines 3, 7)``.

        Args:
            rows: ascending from 0, each once, at least one.
        """
        numbers = ", ".join(str(number) for number in self.numbers(rows[:MAX_PLACES]))
        plural, more = "s" if len(rows) > 1 else "", ", …" if len(rows) > MAX_PLACES else ""
        return f" ({self.unit}{plural} {numbers}{more})"


def counted(n_rows: int) -> str:
    """A number of rows, in words."""
    return "1 row" if n_rows == 1 else f"{n_rows} rows"
