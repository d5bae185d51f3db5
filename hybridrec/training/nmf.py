"""Fits weighted non-negative factors by alternating least squares with coordinate descent.

Sources: Hu, Koren and Volinsky (ICDM 2008) for the weights; Cichocki and Phan, "Fast local
algorithms for large scale nonnegative matrix and tensor factorizations", IEICE (2009), for the
descent. Tracks that everybody plays pull less and are scaled back in the score.
"""

from collections.abc import Callable

import numpy as np

from hybridrec.models.genres import NEW_TRACK_LISTENERS, GenreCentroids
from hybridrec.models.nmf import NMFScorer
from hybridrec.schema.names import Floats, Rows
from hybridrec.training.calibration import IDENTITY
from hybridrec.training.config import NMFConfig
from hybridrec.training.data import Interactions

BLOCK = 512
"""Rows that are solved at once; bounds the memory of their normal equations."""

Report = Callable[[float], None]


def fit_nmf(
    interactions: Interactions,
    genre_rows: Rows,
    n_genres: int,
    config: NMFConfig,
    rng: np.random.Generator,
    report: Report,
) -> NMFScorer:
    """A scorer of the interactions, not calibrated yet.

    Args:
        interactions: distinct pairs of user and track.
        genre_rows: shape (n_items, w), genres of the tracks, 0 is padding.
        n_genres: size of their vocabulary, reserved rows included.
        config: hyperparameters.
        rng: draws the first factors.
        report: is told the share of the work that is done.
    """
    counts = interactions.counts()
    degree = np.maximum(counts, 1).astype(np.float32)
    per_user = np.diff(interactions.offsets).astype(np.float32)
    targets = degree**-config.item_exponent
    targets /= targets[interactions.items].mean()
    user_scale = np.maximum(per_user, 1) ** -config.user_exponent
    user_scale /= user_scale[interactions.users].mean()

    trust = config.weight_gain * interactions.weights
    wanted = (targets[interactions.items] * user_scale[interactions.users]).astype(np.float32)
    by_user = _Plays(interactions.users, interactions.items, trust, wanted, interactions.n_users)
    by_item = _Plays(interactions.items, interactions.users, trust, wanted, interactions.n_items)

    W = rng.random((interactions.n_users, config.n_factors), np.float32) * 0.1
    H = rng.random((interactions.n_items, config.n_factors), np.float32) * 0.1
    for iteration in range(config.n_iterations):
        W = by_user.solve(W, H, config)
        H = by_item.solve(H, W, config)
        report((iteration + 1) / config.n_iterations)
    H[counts == 0] = 0.0
    calibrator, confidence_calibrator = IDENTITY
    genres = GenreCentroids.of(H, counts, genre_rows, n_genres)
    by_its_genres = genres.tracks(genre_rows)
    by_genre = (counts < NEW_TRACK_LISTENERS) & by_its_genres.any(axis=1)
    H[by_genre] = by_its_genres[by_genre]
    reference_rows = _reference(W, config.n_reference_users, rng)
    return NMFScorer(
        item_factors=H,
        by_genre=by_genre,
        genres=genres,
        item_targets=targets,
        item_scale=degree**config.item_exponent,
        interactions=counts,
        reference_users=W[reference_rows] / _lengths(W[reference_rows])[:, None],
        reference_rows=reference_rows,
        weight_gain=config.weight_gain,
        regularization=config.regularization,
        calibrator=calibrator,
        confidence_calibrator=confidence_calibrator,
    )


class _Plays:
    """The plays seen from one side: for each of its rows, the other side's rows it meets."""

    def __init__(self, rows: Rows, others: Rows, trust: Floats, wanted: Floats, n: int) -> None:
        order = np.argsort(rows, kind="stable")
        self._others, self._trust, self._wanted = others[order], trust[order], wanted[order]
        self._offsets = np.searchsorted(rows[order], np.arange(n + 1))

    def solve(self, X: Floats, Y: Floats, config: NMFConfig) -> Floats:
        """New factors of this side, of at least 0, with the other side's held fixed."""
        shared = Y.T @ Y + config.regularization * np.eye(Y.shape[1], dtype=np.float32)
        solved = np.empty_like(X)
        for start in range(0, len(X), BLOCK):
            stop = min(start + BLOCK, len(X))
            gram = np.repeat(shared[None], stop - start, axis=0)  # (block, k, k)
            pull = np.zeros((stop - start, Y.shape[1]), np.float32)
            for row in range(start, stop):
                part = slice(self._offsets[row], self._offsets[row + 1])
                met, trust = Y[self._others[part]], self._trust[part]
                gram[row - start] += (met.T * trust) @ met
                pull[row - start] = ((1.0 + trust) * self._wanted[part]) @ met
            solved[start:stop] = _descend(gram, pull, X[start:stop], config.n_sweeps)
        return solved


def _descend(gram: Floats, pull: Floats, X: Floats, n_sweeps: int) -> Floats:
    """Coordinate descent on many small problems at once; shapes (b, k, k), (b, k), (b, k)."""
    X = X.copy()
    for _ in range(n_sweeps):
        for f in range(X.shape[1]):
            row = gram[:, f]  # (b, k)
            step = (pull[:, f] - np.einsum("bk,bk->b", row, X)) / row[:, f]
            X[:, f] = np.maximum(0.0, X[:, f] + step)
    return X


def _reference(W: Floats, n: int, rng: np.random.Generator) -> Rows:
    """Some users of whom something is known, to be near to."""
    known = np.flatnonzero(_lengths(W))
    return np.sort(rng.choice(known, size=min(n, len(known)), replace=False)).astype(np.int32)


def _lengths(W: Floats) -> Floats:
    """Length of each row."""
    lengths: Floats = np.sqrt(np.einsum("uf,uf->u", W, W))
    return lengths
