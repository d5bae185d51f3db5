"""What most users played."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.sparse import csr_matrix
from typing_extensions import override

from benchmarks.baselines.contract import Baseline, Material, Matrix, weighted


class Popularity(Baseline):
    """The same order for everybody."""

    name: ClassVar[str] = "popularity"
    log_plays: bool = False
    """Whether a user who plays a track often counts more."""

    @override
    def fit(self, material: Material) -> "PopularityFitted":
        counts = weighted(material.plays, log_plays=self.log_plays).sum(axis=0)
        return PopularityFitted(np.asarray(counts, np.float32)[0])


@dataclass(frozen=True, slots=True, eq=False)
class PopularityFitted:
    """Counts by track, of shape (n_items,)."""

    counts: Matrix

    def scores(self, histories: csr_matrix) -> Matrix:
        return np.tile(self.counts, (histories.shape[0], 1))


TRIALS = (Popularity(), Popularity(log_plays=True))
