"""The files of HetRec 2011 Last.fm-2K as they were released: a header, tabs, a row a line."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from hybridrec.datasets.content import first_wrong_line
from hybridrec.datasets.refusals import refuse_where
from hybridrec.datasets.source import Source, counted
from hybridrec.errors import InvalidData

WHOLE = r"^[1-9][0-9]*$"
NAME_OF_SET = "hetrec2011-lastfm-2k"


@dataclass(frozen=True, slots=True)
class Layout:
    """One file of the release.

    Attributes:
        file: its name.
        header: its columns, in order.
        whole: those that hold whole numbers from 1 on.
        encodings: that it may have, tried in this order.
    """

    file: str
    header: tuple[str, ...]
    whole: tuple[str, ...]
    encodings: tuple[str, ...] = ("utf-8-sig",)


ARTISTS = Layout("artists.dat", ("id", "name", "url", "pictureURL"), ("id",))
# released in Windows-1252, the only one that is not plain ASCII or UTF-8
TAGS = Layout("tags.dat", ("tagID", "tagValue"), ("tagID",), ("utf-8-sig", "cp1252"))
PLAYS = Layout(
    "user_artists.dat", ("userID", "artistID", "weight"), ("userID", "artistID", "weight")
)
TAGGINGS = Layout(
    "user_taggedartists.dat",
    ("userID", "artistID", "tagID", "day", "month", "year"),
    ("userID", "artistID", "tagID", "day", "month", "year"),
)


def read_layout(folder: Path, layout: Layout) -> pl.DataFrame:
    """Reads a file of the release.

    Returns:
        its columns as text; row 0 is line 2 of the file.

    Raises:
        InvalidData: it is missing, of another layout, or holds no number where there must be one.
    """
    path = folder / layout.file
    header, *lines = _text(path, layout).split("\n")
    if tuple(header.removesuffix("\r").split("\t")) != layout.header:
        names = ", ".join(layout.header)
        raise InvalidData(
            str(path), f"line 1 is not the header {names} with tabs between; {_cure()}"
        )
    while lines and not lines[-1].strip():
        lines.pop()
    rows = [line.removesuffix("\r").split("\t") for line in lines]
    source = source_of(path)
    wrong = [place for place, cells in enumerate(rows) if len(cells) != len(layout.header)]
    if wrong:
        raise InvalidData(
            str(path),
            f"{len(layout.header)} columns, but another number of cells (such as"
            f" {len(rows[wrong[0]])}) in {counted(len(wrong))}{source.places(wrong)}; {_cure()}",
        )
    table = pl.DataFrame(rows, dict.fromkeys(layout.header, pl.String), orient="row")
    for column in layout.header:
        refuse_where(
            table,
            source,
            column,
            pl.col(column).str.contains("\0", literal=True),
            f"NUL characters; take them out, or {_cure()}",
        )
    for column in layout.whole:
        refuse_where(
            table,
            source,
            column,
            ~pl.col(column).str.contains(WHOLE),
            f"no whole numbers above 0; correct them, or {_cure()}",
        )
    return table


def source_of(path: Path, **columns: str) -> Source:
    """What messages say of a file of the release; its rows start in line 2."""
    return Source(str(path), columns, "line", lambda rows: [row + 2 for row in rows])


def _text(path: Path, layout: Layout) -> str:
    if path.exists() and not path.is_file():  # a pipe would be waited for
        raise InvalidData(str(path), f"is no file; {_cure()}")
    try:
        content = path.read_bytes()
    except OSError as failure:
        raise InvalidData(
            str(path),
            f"cannot be read ({failure.strerror}); unpack {NAME_OF_SET}.zip and name its folder",
        ) from failure
    for encoding in layout.encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    line = first_wrong_line(path, layout.encodings[-1])
    raise InvalidData(str(path), f"line {line} is not in UTF-8; {_cure()}")


def _cure() -> str:
    return f"unpack {NAME_OF_SET}.zip again"
