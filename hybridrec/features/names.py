"""What the names of a track say of its sound: hashed words, signs, pairs and parts of words.

Words tell a genre, parts of words a language, signs a form: a colon stands in names of works, an
ampersand in those of duos. Each field has rows of its own.

Source of the parts: Bojanowski et al., "Enriching word vectors with subword information", TACL
(2017).
"""

import zlib
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise

import numpy as np

from hybridrec.features.text import words
from hybridrec.schema.names import MAX_NAMES, NAME_WIDTHS, Rows

N_NAME_BUCKETS = 32_768
"""Rows of the table of each field, row 0 for padding among them."""
PART_SIZES = (3, 4)
"""Letters of a part of a word, its beginning and end counted as one each."""


def name_rows(
    titles: Sequence[str | None], artists: Sequence[str | None], albums: Sequence[str | None]
) -> Rows:
    """Hashed words, pairs and parts of title, artist and album, field by field.

    Returns:
        shape (n, MAX_NAMES), from 1 to N_NAME_BUCKETS - 1; 0 is padding.
    """
    rows = np.zeros((len(titles), MAX_NAMES), np.int32)
    starts = np.cumsum((0, *NAME_WIDTHS))
    for place, texts in enumerate(zip(titles, artists, albums, strict=True)):
        for field, found in enumerate(_fields([text or "" for text in texts])):
            distinct = list(islice(dict.fromkeys(found), NAME_WIDTHS[field]))
            rows[place, starts[field] : starts[field] + len(distinct)] = list(map(_row, distinct))
    return rows


def _fields(texts: Sequence[str]) -> Iterator[Iterator[str]]:
    """What is hashed, in the order of ``NAME_WIDTHS``."""
    split = [words(text) for text in texts]
    for text, of_text in zip(texts, split, strict=True):
        yield _phrases(text, of_text)
    for of_text in split:
        yield _parts(of_text)


def _phrases(text: str, of_text: list[str]) -> Iterator[str]:
    """The words, how many there are, the signs, and each two words that follow one another."""
    yield from of_text
    if of_text:
        yield f" {len(of_text)}"
    yield from (sign for sign in text if not (sign.isalnum() or sign.isspace()))
    yield from (f"{one} {other}" for one, other in pairwise(of_text))


def _parts(text: list[str]) -> Iterator[str]:
    for word in text:
        marked = f"<{word}>"
        for size in PART_SIZES:
            yield from (marked[at : at + size] for at in range(len(marked) - size + 1))


def _row(text: str) -> int:
    return zlib.crc32(text.encode()) % (N_NAME_BUCKETS - 1) + 1
