"""Dot products of users and their candidates, each as if it came alone."""

import numpy as np

from hybridrec.schema.names import Floats, Rows


def products(items: Floats, users: Floats, offsets: Rows) -> Floats:
    """The dot product of each candidate with its query's user.

    It is taken row by row, so that it does not depend on the batch that a candidate came in; a
    matrix product would round otherwise.

    Args:
        items: shape (N, d), states of the candidates.
        users: shape (B, d).
        offsets: shape (B + 1,), cuts the candidates.

    Returns:
        shape (N,).
    """
    found = np.empty(len(items), np.float32)
    for query, user in enumerate(users):
        part = slice(offsets[query], offsets[query + 1])
        np.einsum("nd,d->n", items[part], user, out=found[part])
    return found
