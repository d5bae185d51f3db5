"""Scores by the product of a user's and a track's factors."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from benchmarks.baselines.contract import Matrix


@dataclass(frozen=True, slots=True, eq=False)
class Factors:
    """A factorization whose users are folded in.

    Attributes:
        fold_in: histories of shape (B, n_items) to factors of shape (B, k).
        items: shape (n_items, k).
    """

    fold_in: Callable[[csr_matrix], Matrix]
    items: Matrix

    def scores(self, histories: csr_matrix) -> Matrix:
        return np.asarray(self.fold_in(histories) @ self.items.T, np.float32)
