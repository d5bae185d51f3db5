"""Weighted non-negative factorization of implicit feedback, by the library ``cmfrec``.

Source: Cortes, "Cold-start recommendations in collective matrix factorization", arXiv:1809.00366
(2018), without side information: the model of Hu, Koren and Volinsky with factors of at least 0.
"""

from typing import ClassVar

import numpy as np
from cmfrec import CMF_implicit
from pydantic import Field
from scipy.sparse import csr_matrix
from typing_extensions import override

from benchmarks.baselines.contract import Baseline, Material, Matrix, weighted
from benchmarks.baselines.factors import Factors


class NonNegative(Baseline):
    """Factors of at least 0 of weighted plays."""

    name: ClassVar[str] = "cmfrec_nonnegative"
    n_factors: int = Field(default=64, ge=1)
    """Length of the factors."""
    regularization: float = Field(default=1.0, ge=0)
    """Of the squared factors."""
    alpha: float = Field(default=1.0, gt=0)
    """Weight that a play has beyond a track that was not played."""
    n_iterations: int = Field(default=10, ge=1)
    """Alternations of users and tracks."""
    log_plays: bool = False
    """Whether plays count by their logarithm."""

    @override
    def fit(self, material: Material) -> Factors:
        model = CMF_implicit(
            k=self.n_factors,
            lambda_=self.regularization,
            alpha=self.alpha,
            niter=self.n_iterations,
            nonneg=True,
            use_cg=False,
            nthreads=material.threads,
            random_state=material.seed,
            verbose=False,
        )
        model.fit(weighted(material.plays, log_plays=self.log_plays).astype(np.float64).tocoo())

        def fold_in(histories: csr_matrix) -> Matrix:
            known = weighted(histories, log_plays=self.log_plays).astype(np.float64)
            return np.asarray(model.factors_multiple(X=known), np.float32)

        return Factors(fold_in, np.asarray(model.B_, np.float32))


TRIALS = (
    NonNegative(n_factors=64, regularization=1, alpha=1),
    NonNegative(n_factors=64, regularization=30, alpha=10),
    NonNegative(n_factors=128, regularization=10, alpha=10),
    NonNegative(n_factors=128, regularization=30, alpha=10),
    NonNegative(n_factors=128, regularization=60, alpha=10),
    NonNegative(n_factors=128, regularization=60, alpha=20),
    NonNegative(n_factors=128, regularization=100, alpha=40),
    NonNegative(n_factors=128, regularization=60, alpha=10, log_plays=True),
    NonNegative(n_factors=192, regularization=60, alpha=10),
    NonNegative(n_factors=256, regularization=60, alpha=10),
)
