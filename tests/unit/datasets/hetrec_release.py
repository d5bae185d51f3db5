"""A tiny release in the layout of HetRec 2011 Last.fm-2K, made up for tests."""

from collections.abc import Sequence
from pathlib import Path

Cells = Sequence[Sequence[object]]

ARTISTS: Cells = [
    (1, "Nina Hart", "http://x/1", ""),
    (2, "Ежи и Петруччо", "http://x/2", "http://x/2.png"),
    (7, "Copper Wolf", "http://x/7", ""),
]
TAGS: Cells = [(1, "Hip-Hop"), (2, "rap"), (3, "sad"), (5, "español"), (6, "seen live"), (8, "-")]
PLAYS: Cells = [(2, 1, 30), (2, 2, 4), (3, 1, 5), (4, 7, 1)]
TAGGINGS: Cells = [
    (2, 1, 1, 1, 4, 2009),
    (2, 1, 2, 1, 4, 2009),
    (3, 1, 3, 1, 5, 1956),
    (3, 1, 5, 1, 5, 2009),
    (4, 7, 6, 1, 5, 2009),
    (4, 7, 8, 1, 5, 2009),
    (9, 99, 1, 1, 5, 2009),
]


def write_release(
    folder: Path,
    artists: Cells = ARTISTS,
    tags: Cells = TAGS,
    plays: Cells = PLAYS,
    taggings: Cells = TAGGINGS,
) -> Path:
    """Writes the four files that are read, each with the line ends and encoding of the release."""
    folder.mkdir(parents=True, exist_ok=True)
    for file, header, rows, end, encoding in (
        ("artists.dat", "id\tname\turl\tpictureURL", artists, "\n", "utf-8"),
        ("tags.dat", "tagID\ttagValue", tags, "\r\n", "cp1252"),
        ("user_artists.dat", "userID\tartistID\tweight", plays, "\n", "utf-8"),
        (
            "user_taggedartists.dat",
            "userID\tartistID\ttagID\tday\tmonth\tyear",
            taggings,
            "\r\n",
            "utf-8",
        ),
    ):
        lines = [header, *("\t".join(map(str, row)) for row in rows)]
        text = "".join(line + end for line in lines)
        (folder / file).write_bytes(text.encode(encoding))
    return folder
