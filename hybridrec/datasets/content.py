"""Refuses files whose first bytes tell that they are no text, and text that is no UTF-8."""

from collections.abc import Mapping
from pathlib import Path

from hybridrec.errors import InvalidData

SIGNATURES: Mapping[bytes, str] = {
    b"PK\x03\x04": "a workbook or another zip file",
    b"\xd0\xcf\x11\xe0": "an old workbook",
    b"PAR1": "a Parquet file",
    b"ARROW1": "an Arrow file",
    b"SQLite format 3": "a database",
    b"\x1f\x8b": "a compressed file",
    b"BZh": "a compressed file",
    b"\xfd7zXZ": "a compressed file",
    b"\x28\xb5\x2f\xfd": "a compressed file",
    b"%PDF": "a PDF",
    b"\xff\xd8\xff": "a picture",
    b"\x89PNG": "a picture",
    b"GIF8": "a picture",
}
"""What files are, by their first bytes."""
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_HEAD = 4096


def kind_of(path: Path) -> str | None:
    """What a file is that is no text table, as its first bytes tell; None if they do not.

    Args:
        path: of a file that can be opened.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    for signature, kind in SIGNATURES.items():
        if head.startswith(signature):
            return kind
    if head.startswith(UTF_16):
        return "text in UTF-16"
    return "a binary file" if b"\0" in head else None


def check_text(path: Path) -> None:
    """Refuses what is no text in UTF-8.

    Args:
        path: of a file that can be opened.

    Raises:
        InvalidData: naming what it is instead, or the line with the first wrong byte.
    """
    kind = kind_of(path)
    if kind is not None:
        raise InvalidData(
            str(path), f"is {kind}, not a {path.suffix} table; export it as {path.suffix} in UTF-8"
        )
    line = first_wrong_line(path, "utf-8")
    if line is not None:
        raise InvalidData(
            str(path), f"has a byte that is not UTF-8 in line {line}; save it again as UTF-8"
        )


def first_wrong_line(path: Path, encoding: str) -> int | None:
    """The first line, from 1, that an encoding of single-byte line ends cannot hold."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode(encoding)
            except UnicodeDecodeError:
                return number
    return None
