"""Implicit alternating least squares, by the library ``implicit``.

Source: Hu, Koren and Volinsky, "Collaborative filtering for implicit feedback datasets", ICDM
(2008).
"""

from typing import ClassVar

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from pydantic import Field
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits
from typing_extensions import override

from benchmarks.baselines.contract import Baseline, Material, Matrix, weighted
from benchmarks.baselines.factors import Factors


class ALS(Baseline):
    """Unconstrained factors of weighted plays."""

    name: ClassVar[str] = "implicit_als"
    n_factors: int = Field(default=256, ge=1)
    """Length of the factors."""
    regularization: float = Field(default=1.0, ge=0)
    """Of the squared factors."""
    alpha: float = Field(default=10.0, gt=0)
    """Weight of a play beside a track that was not played, which has 1."""
    n_iterations: int = Field(default=15, ge=1)
    """Alternations of users and tracks."""
    log_plays: bool = False
    """Whether plays count by their logarithm."""

    @override
    def fit(self, material: Material) -> Factors:
        plays = weighted(material.plays, log_plays=self.log_plays)
        with threadpool_limits(1, "blas"):  # the library's own threads are meant to be all
            model = AlternatingLeastSquares(
                factors=self.n_factors,
                regularization=self.regularization,
                alpha=self.alpha,
                iterations=self.n_iterations,
                num_threads=material.threads,
                random_state=material.seed,
            )
            model.fit(plays, show_progress=False)

        def fold_in(histories: csr_matrix) -> Matrix:
            known = weighted(histories, log_plays=self.log_plays)
            with threadpool_limits(1, "blas"):
                users = model.recalculate_user(np.arange(known.shape[0]), known)
            return np.asarray(users, np.float32)

        return Factors(fold_in, np.asarray(model.item_factors, np.float32))


TRIALS = (
    ALS(n_factors=64, regularization=30, alpha=20),
    ALS(n_factors=128, regularization=30, alpha=20),
    ALS(regularization=10, alpha=10),
    ALS(regularization=30, alpha=10),
    ALS(regularization=60, alpha=20),
    ALS(regularization=60, alpha=30),
    ALS(regularization=100, alpha=40),
    ALS(regularization=150, alpha=60),
    ALS(regularization=30, alpha=10, log_plays=True),
    ALS(regularization=100, alpha=30, log_plays=True),
)
