"""Nearest neighbours among tracks, by the cosine of their listeners with shrinkage.

Source: Sarwar, Karypis, Konstan and Riedl, "Item-based collaborative filtering recommendation
algorithms", WWW (2001); the shrinkage as in Bell and Koren, "Scalable collaborative filtering with
jointly derived neighborhood interpolation weights", ICDM (2007).
"""

from typing import ClassVar

import numpy as np
from pydantic import Field
from typing_extensions import override

from benchmarks.baselines.contract import Baseline, Material, weighted
from benchmarks.baselines.item_item import ItemItem


class ItemKNN(Baseline):
    """Sums the similarities of the played tracks among a track's nearest ones."""

    name: ClassVar[str] = "item_knn"
    n_neighbours: int = Field(default=200, ge=1)
    """Tracks that speak for one, at most."""
    shrinkage: float = Field(default=10.0, ge=0)
    """What is added to the product of both tracks' lengths: few listeners prove little."""
    log_plays: bool = False
    """Whether plays count by their logarithm."""

    @override
    def fit(self, material: Material) -> ItemItem:
        plays = weighted(material.plays, log_plays=self.log_plays)
        together = (plays.T @ plays).toarray()  # (n_items, n_items)
        length = np.sqrt(together.diagonal())
        np.fill_diagonal(together, 0)
        together /= np.maximum(np.outer(length, length) + self.shrinkage, 1e-9)
        n_dropped = len(together) - self.n_neighbours
        if n_dropped > 0:
            # column by column: who speaks for the scored track
            least = np.partition(together, n_dropped, axis=0)[n_dropped]
            together[together < least] = 0
        return ItemItem(together.astype(np.float32), self.log_plays)


TRIALS = (
    *(
        ItemKNN(n_neighbours=n_neighbours, shrinkage=shrinkage)
        for n_neighbours in (100, 500)
        for shrinkage in (0, 2, 5, 20)
    ),
    ItemKNN(n_neighbours=500, shrinkage=20, log_plays=True),
    ItemKNN(n_neighbours=500, shrinkage=100, log_plays=True),
)
