"""Content alone: the cosine of a track and of all that a user played, as tf-idf.

Source: Lops, de Gemmis and Semeraro, "Content-based recommender systems: state of the art and
trends", Recommender Systems Handbook (2011).
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from pydantic import Field
from scipy.sparse import csr_matrix
from typing_extensions import override

from benchmarks.baselines.contract import Baseline, Material, Matrix, weighted
from benchmarks.baselines.words import content_of


class TfIdf(Baseline):
    """The user is the sum of the played tracks' vectors."""

    name: ClassVar[str] = "tf_idf"
    scores_new_tracks: ClassVar[bool] = True
    artist_weight: float = Field(default=1.0, ge=0)
    """Of the artist beside tags, genres and moods."""
    title_weight: float = Field(default=0.0, ge=0)
    """Of each word of the title."""
    log_plays: bool = False
    """Whether plays count by their logarithm."""

    @override
    def fit(self, material: Material) -> "TfIdfFitted":
        return TfIdfFitted(
            content_of(material.tracks, self.artist_weight, self.title_weight), self.log_plays
        )


@dataclass(frozen=True, slots=True, eq=False)
class TfIdfFitted:
    """Content of all tracks, of shape (n_items, n_terms)."""

    content: csr_matrix
    log_plays: bool

    def scores(self, histories: csr_matrix) -> Matrix:
        profiles = weighted(histories, log_plays=self.log_plays) @ self.content
        return np.asarray((profiles @ self.content.T).toarray(), np.float32)


TRIALS = (
    *(TfIdf(artist_weight=artist_weight) for artist_weight in (1, 2, 5, 12)),
    *(TfIdf(artist_weight=artist_weight, title_weight=0.3) for artist_weight in (2, 5)),
    *(TfIdf(artist_weight=artist_weight, title_weight=1) for artist_weight in (5, 8)),
    TfIdf(artist_weight=8, title_weight=2),
    TfIdf(artist_weight=5, title_weight=1, log_plays=True),
)
