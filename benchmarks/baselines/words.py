"""Tracks as weighted bags of what is known of them."""

import re

import numpy as np
import polars as pl
from scipy.sparse import csr_matrix, diags, hstack
from sklearn.preprocessing import normalize

TERMS = ("tags", "genres", "moods")
_WORD = re.compile(r"[^\W_]{2,}")


def content_of(tracks: pl.DataFrame, artist_weight: float, title_weight: float) -> csr_matrix:
    """Tf-idf of tags, genres, moods, artist and words of the title.

    Args:
        tracks: the canonical table.
        artist_weight: of the artist beside the other terms.
        title_weight: of each word of the title.

    Returns:
        shape (n_items, n_terms), rows of unit length, or 0 where nothing is known.
    """
    artists = [[name] if name else [] for name in tracks["artist"].fill_null("").to_list()]
    titles = [_WORD.findall(title.lower()) for title in tracks["title"].fill_null("").to_list()]
    blocks = [_tf_idf(tracks[column].to_list()) for column in TERMS]
    blocks += [_tf_idf(artists) * artist_weight, _tf_idf(titles) * title_weight]
    return csr_matrix(normalize(hstack(blocks, "csr")))


def _tf_idf(lists: list[list[str]]) -> csr_matrix:
    """Each term once for each track that has it, the rarer the heavier."""
    names = sorted({term for terms in lists for term in terms})
    numbers = {term: number for number, term in enumerate(names)}
    found = [[numbers[term] for term in dict.fromkeys(terms)] for terms in lists]
    columns = np.array([number for row in found for number in row], np.int64)
    offsets = np.cumsum([0, *map(len, found)])
    shape = (len(lists), len(names))
    table = csr_matrix((np.ones(len(columns), np.float32), columns, offsets), shape)
    n_having = np.bincount(columns, minlength=len(names))
    idf = np.log((1 + len(lists)) / (1 + n_having)) + 1
    return csr_matrix(table @ diags(idf.astype(np.float32)))
