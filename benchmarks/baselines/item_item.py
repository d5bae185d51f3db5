"""Scores by a matrix of how much each played track speaks for each other one."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from benchmarks.baselines.contract import Matrix, weighted


@dataclass(frozen=True, slots=True, eq=False)
class ItemItem:
    """A linear model of users' histories.

    Attributes:
        weights: shape (n_items, n_items), from the played track to the scored one.
        log_plays: as of ``weighted``.
    """

    weights: Matrix
    log_plays: bool

    def scores(self, histories: csr_matrix) -> Matrix:
        said = weighted(histories, log_plays=self.log_plays) @ self.weights
        return np.asarray(said, np.float32)
