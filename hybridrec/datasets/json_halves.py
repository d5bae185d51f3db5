r"""Halves of characters in JSON: an escape such as ``\ud800`` that stands without its other half.

UTF-8 cannot hold one. Polars reads some of them as NUL, without a word, and refuses others.
"""

from collections.abc import Sequence
from pathlib import Path

from hybridrec.datasets.json_objects import objects, pairs_of
from hybridrec.datasets.refusals import MAX_EXAMPLE, refusal
from hybridrec.datasets.source import Source

HALF, CURE = "half a character", "write the whole character, or take it out"


def check_halves(path: Path, wanted: Sequence[str]) -> None:
    r"""Refuses values with half a character.

    Args:
        path: of a file that is UTF-8; a line that is no object is left to its reader.
        wanted: the keys that are read.

    Raises:
        InvalidData: naming the first such key, the lines and one of the values.
    """
    found: dict[str, dict[int, object]] = {name: {} for name in wanted}
    for line, text in objects(path):
        if r"\ud" in text.lower():
            for name, cell in pairs_of(text):
                if name in found and has_half(cell):
                    found[name].setdefault(line, cell)
    for name, cells in found.items():
        if cells:
            source = Source(str(path), unit="line", numbers=list)
            shown = f"{HALF} (such as {next(iter(cells.values()))!r:.{MAX_EXAMPLE}})"
            raise refusal(source, name, shown, len(cells), CURE, source.places(list(cells)))


def has_half(cell: object) -> bool:
    """Whether a text holds half a character, or a text in a list or an object does."""
    if isinstance(cell, str):
        return any("\ud800" <= one <= "\udfff" for one in cell)
    if isinstance(cell, dict):
        return any(has_half(one) for pair in cell.items() for one in pair)
    return isinstance(cell, list | tuple) and any(has_half(one) for one in cell)
