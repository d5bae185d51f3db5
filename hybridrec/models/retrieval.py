"""The best rows of one scorer's affinities."""

from collections.abc import Sequence

import numpy as np

from hybridrec.schema.names import Floats, Rows
from hybridrec.schema.ragged import offsets_of
from hybridrec.schema.scores import Retrieved


def best_rows(affinity: Floats, n: int, excluded: Rows) -> Rows:
    """The n rows of highest affinity, best first, ties by row; never a NaN.

    Args:
        affinity: shape (n_items,), NaN where unknown.
        n: how many at most.
        excluded: rows to leave out.
    """
    ranked = np.where(np.isnan(affinity), -np.inf, affinity)
    ranked[excluded] = -np.inf
    if n < len(ranked):
        threshold = np.partition(ranked, -n)[-n]
        places = np.flatnonzero(ranked >= threshold)
    else:
        places = np.arange(len(ranked))
    order = places[np.lexsort((places, -ranked[places]))][:n]
    return order[ranked[order] > -np.inf].astype(np.int32)


def retrieved(parts: Sequence[Rows]) -> Retrieved:
    """What was retrieved for each query, as one batch."""
    rows = np.concatenate([*parts, np.zeros(0, np.int32)]).astype(np.int32)
    return Retrieved(rows, offsets_of(parts))
