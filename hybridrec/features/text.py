"""Text of a track as hashed words.

Source: Weinberger et al., "Feature hashing for large scale multitask learning", ICML (2009).
"""

import re
import unicodedata
import zlib
from collections.abc import Iterator, Sequence

import numpy as np

from hybridrec.schema.names import MAX_TOKENS, Rows

N_BUCKETS = 8192
"""Rows of the word embedding table, row 0 for padding among them."""

_WORD = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """Lower-case words with no accents."""
    apart = unicodedata.normalize("NFKD", text)
    return _WORD.findall("".join(mark for mark in apart if not unicodedata.combining(mark)).lower())


def token_rows(
    titles: Sequence[str | None], artists: Sequence[str | None], albums: Sequence[str | None]
) -> Rows:
    """Hashed words of title, artist and album, each hashed apart from the other two.

    Returns:
        shape (n, MAX_TOKENS), from 1 to N_BUCKETS - 1; 0 is padding.
    """
    rows = np.zeros((len(titles), MAX_TOKENS), np.int32)
    for place, parts in enumerate(zip(titles, artists, albums, strict=True)):
        tokens = list(dict.fromkeys(_tokens(parts)))[:MAX_TOKENS]
        rows[place, : len(tokens)] = tokens
    return rows


def _tokens(parts: tuple[str | None, str | None, str | None]) -> Iterator[int]:
    for field, text in zip(("t", "a", "b"), parts, strict=True):
        for word in words(text or ""):
            yield zlib.crc32(f"{field}:{word}".encode()) % (N_BUCKETS - 1) + 1
