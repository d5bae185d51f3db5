"""Non-negative factors of tracks, and how a listener's are found from what was played.

Sources: Lee and Seung, "Learning the parts of objects by non-negative matrix factorization", Nature
401 (1999); Hu, Koren and Volinsky, "Collaborative filtering for implicit feedback datasets", ICDM
(2008), for what was not played as a weak no.
"""

from dataclasses import dataclass, field

import numpy as np

from hybridrec.models.genres import GenreCentroids
from hybridrec.models.nnls import Matrix, solve_nonnegative
from hybridrec.schema.names import Floats, Mask, Rows


@dataclass(frozen=True, slots=True, eq=False)
class FoldedIn:
    """A listener as factors.

    Attributes:
        state: shape (k,), at least 0; all 0 where nothing is known.
        pulls: shape (h + g, k), by what each play, and then each stated genre, pulls at them.
        free: shape (k,), factors above 0, and those of 0 that nothing holds there.
    """

    state: Floats
    pulls: Matrix
    free: Mask


@dataclass(frozen=True, slots=True, eq=False)
class Factors:
    """Factors of the bundle's tracks.

    Attributes:
        items: shape (n_items, k), at least 0; of a new track by its genres, if it has any.
        pulls: shape (n_items, k), at least 0, by which a play of each track pulls at a listener's
            factors: those of the track itself and of what it is listened to together with.
        by_genre: shape (n_items,), tracks whose factors are those of their genres.
        genres: centroids, for new listeners and for tracks that only a request knows.
        regularization: of a listener's factors.
    """

    items: Floats
    pulls: Floats
    by_genre: Mask
    genres: GenreCentroids
    regularization: float
    _gram: Matrix = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # what genres say of a track is no evidence of what tracks are like
        items = self.items[~self.by_genre].astype(np.float64)
        gram = items.T @ items + self.regularization * np.eye(items.shape[1])
        object.__setattr__(self, "_gram", gram)

    def fold_in(self, history: Rows, amounts: Floats, genre_rows: Rows) -> FoldedIn:
        """The factors that explain a listener's plays best.

        Args:
            history: shape (h,), tracks played.
            amounts: shape (h,), how many plays of weight 1 each stands for.
            genre_rows: genres that each count as one play, 0 is padding.
        """
        plays = self.pulls[history].astype(np.float64) * amounts[:, None]
        stated = self.genres.plays(genre_rows).astype(np.float64)
        pulls = np.concatenate([plays, stated])
        state, free = solve_nonnegative(self._gram, pulls.sum(axis=0))
        return FoldedIn(state.astype(np.float32), pulls, free)

    def of_pulls(self, listener: FoldedIn, items: Floats) -> Floats:
        """What each pull adds to the affinity of some tracks, below 0 where it takes from it.

        Their sum is the affinity: on the free factors the solution is linear in the pulls.

        Args:
            listener: folded in.
            items: shape (n, k).

        Returns:
            shape (n, h + g).
        """
        free = listener.free
        of_free = self._gram[np.ix_(free, free)]
        solved = np.linalg.solve(of_free, listener.pulls[:, free].T)  # (f, h + g)
        parts: Floats = np.einsum("nf,fh->nh", items[:, free], solved).astype(np.float32)
        return parts
