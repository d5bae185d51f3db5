"""A hybrid: plays and tracks' content factorized together, by the library ``cmfrec``.

Source: Cortes, "Cold-start recommendations in collective matrix factorization", arXiv:1809.00366
(2018). Like LightFM it scores tracks that nobody has played, by factors of their content.
"""

from typing import ClassVar

import numpy as np
from cmfrec import CMF_implicit
from pydantic import Field
from scipy.sparse import csr_matrix
from sklearn.decomposition import TruncatedSVD
from typing_extensions import override

from benchmarks.baselines.contract import Baseline, Material, Matrix, weighted
from benchmarks.baselines.factors import Factors
from benchmarks.baselines.words import content_of

N_CONTENT = 64
"""Directions of the tracks' tf-idf that take part."""


class Collective(Baseline):
    """Factors of tracks that explain both who plays them and what they are."""

    name: ClassVar[str] = "cmfrec_hybrid"
    scores_new_tracks: ClassVar[bool] = True
    n_factors: int = Field(default=128, ge=1)
    """Length of the factors."""
    regularization: float = Field(default=1.0, ge=0)
    """Of the squared factors."""
    alpha: float = Field(default=10.0, gt=0)
    """Weight that a play has beyond a track that was not played."""
    content_weight: float = Field(default=1.0, gt=0)
    """Of the content beside the plays."""
    n_iterations: int = Field(default=10, ge=1)
    """Alternations of users and tracks."""
    log_plays: bool = False
    """Whether plays count by their logarithm."""

    @override
    def fit(self, material: Material) -> Factors:
        words = content_of(material.tracks, artist_weight=1.0, title_weight=0.0)
        n_content = min(N_CONTENT, words.shape[0] - 1, words.shape[1] - 1)
        svd = TruncatedSVD(n_content, random_state=material.seed)
        content = svd.fit_transform(words).astype(np.float64)  # (n_items, n_content)
        content /= content.std()
        played = np.flatnonzero(material.is_played)
        model = CMF_implicit(
            k=self.n_factors,
            lambda_=self.regularization,
            alpha=self.alpha,
            w_item=self.content_weight,
            niter=self.n_iterations,
            nthreads=material.threads,
            random_state=material.seed,
            verbose=False,
        )
        # without the tracks that nobody played: their zeros are no dislike
        plays = weighted(material.plays, log_plays=self.log_plays).astype(np.float64)
        model.fit(plays[:, played].tocoo(), I=content[played])
        items = np.zeros((len(content), model.B_.shape[1]), np.float32)
        items[played] = model.B_
        for row in np.flatnonzero(~material.is_played):
            items[row] = model.item_factors_cold(I=content[row])

        def fold_in(histories: csr_matrix) -> Matrix:
            known = weighted(histories, log_plays=self.log_plays)[:, played].astype(np.float64)
            return np.asarray(model.factors_multiple(X=known), np.float32)

        return Factors(fold_in, items)


TRIALS = (
    Collective(n_factors=64, regularization=30),
    Collective(n_factors=128, regularization=10),
    Collective(n_factors=128, regularization=30),
    Collective(n_factors=128, regularization=30, alpha=20),
    Collective(n_factors=256, regularization=30),
    Collective(n_factors=256, regularization=30, content_weight=0.3),
    Collective(n_factors=256, regularization=60, alpha=20, content_weight=3),
    Collective(n_factors=256, regularization=60, alpha=30),
    Collective(n_factors=256, regularization=100, alpha=40),
    Collective(n_factors=256, regularization=30, log_plays=True),
)
