"""Non-negative matrix factorization, by scikit-learn.

Source: Cichocki and Phan, "Fast local algorithms for large scale nonnegative matrix and tensor
factorizations", IEICE Transactions E92-A (2009), the coordinate descent that is used.
"""

import warnings
from typing import ClassVar

import numpy as np
from pydantic import Field
from scipy.sparse import csr_matrix, diags
from sklearn.decomposition import NMF
from sklearn.exceptions import ConvergenceWarning
from typing_extensions import override

from benchmarks.baselines.contract import Baseline, Material, Matrix, weighted
from benchmarks.baselines.factors import Factors


class PlainNMF(Baseline):
    """Least squares on all entries, of which those that were not played are 0."""

    name: ClassVar[str] = "sklearn_nmf"
    n_factors: int = Field(default=64, ge=1)
    """Length of the factors."""
    item_exponent: float = Field(default=0.0, ge=0, le=1)
    """Plays of a track with n users count n to the minus this; scores are scaled back."""
    user_exponent: float = Field(default=0.0, ge=0, le=1)
    """Plays of a user with n tracks count n to the minus this."""
    n_iterations: int = Field(default=40, ge=1)
    """Passes over both factors, at most."""
    log_plays: bool = False
    """Whether plays count by their logarithm."""

    @override
    def fit(self, material: Material) -> Factors:
        n_users = np.bincount(material.plays.indices, minlength=len(material.tracks))
        scale = np.maximum(n_users, 1.0) ** self.item_exponent
        model = NMF(
            n_components=self.n_factors,
            init="nndsvda",
            max_iter=self.n_iterations,
            random_state=material.seed,
        )

        def scaled(plays: csr_matrix) -> csr_matrix:
            n_tracks = np.maximum(np.diff(plays.indptr), 1.0)
            by_user = diags(n_tracks**-self.user_exponent)
            return csr_matrix(
                by_user @ weighted(plays, log_plays=self.log_plays) @ diags(1 / scale)
            )

        def fold_in(histories: csr_matrix) -> Matrix:
            return np.asarray(model.transform(scaled(histories)), np.float32)

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # the passes are an option
            model.fit(scaled(material.plays))
        return Factors(fold_in, np.asarray(model.components_.T * scale[:, None], np.float32))


def _by_degree(n_factors: int, *, log_plays: bool = False) -> PlainNMF:
    """Of plays that count less the more its user and its track have of them."""
    return PlainNMF(n_factors=n_factors, item_exponent=0.3, user_exponent=0.5, log_plays=log_plays)


TRIALS = (
    *(PlainNMF(n_factors=n_factors) for n_factors in (64, 128, 192, 256)),
    *(_by_degree(n_factors) for n_factors in (64, 128, 192, 256)),
    PlainNMF(n_factors=64, log_plays=True),
    _by_degree(128, log_plays=True),
)
