"""EASE: the linear model of all other tracks, in closed form.

Source: Steck, "Embarrassingly shallow autoencoders for sparse data", WWW (2019).
"""

from typing import ClassVar

import numpy as np
from pydantic import Field
from scipy.linalg import lapack
from typing_extensions import override

from benchmarks.baselines.contract import Baseline, Material, weighted
from benchmarks.baselines.item_item import ItemItem


class EASE(Baseline):
    """Ridge regression of each track on all others; no track speaks for itself."""

    name: ClassVar[str] = "ease"
    regularization: float = Field(default=50.0, gt=0)
    """Lambda, in plays."""
    log_plays: bool = False
    """Whether plays count by their logarithm."""

    @override
    def fit(self, material: Material) -> ItemItem:
        plays = weighted(material.plays, log_plays=self.log_plays)
        gram = (plays.T @ plays).toarray().astype(np.float64)
        gram[np.diag_indices_from(gram)] += self.regularization
        factor, _ = lapack.dpotrf(gram, lower=True, overwrite_a=True)
        inverse, _ = lapack.dpotri(factor, lower=True, overwrite_c=True)
        inverse = np.tril(inverse) + np.tril(inverse, -1).T  # only one half was computed
        weights = inverse / -inverse.diagonal()
        np.fill_diagonal(weights, 0)
        return ItemItem(weights.astype(np.float32), self.log_plays)


TRIALS = (
    *(EASE(regularization=regularization) for regularization in (10, 25, 35, 50, 100, 250, 500)),
    *(EASE(regularization=regularization, log_plays=True) for regularization in (100, 250, 500)),
)
