"""The pool that a query chooses from when it brings no candidates."""

from collections.abc import Sequence

import numpy as np

from hybridrec.schema.names import Rows
from hybridrec.schema.scores import Retrieved

N_POPULAR = 50
"""Popular tracks that join every pool."""


def pool(found: Sequence[Retrieved], query: int, popular: Rows, excluded: Rows, k: int) -> Rows:
    """What the scorers retrieved for one query, united with popular tracks.

    Args:
        found: one per scorer.
        query: which query.
        popular: all rows, most popular first.
        excluded: rows to leave out.
        k: length of the answer; so many popular tracks are there in any case.

    Returns:
        rows in rising order, each once.
    """
    n_popular = max(N_POPULAR, k)
    head = popular[: n_popular + len(excluded)]
    fresh = head[~np.isin(head, excluded)][:n_popular]
    united: Rows = np.unique(np.concatenate([*(batch.of(query) for batch in found), fresh]))
    return united
