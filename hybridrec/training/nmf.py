"""Fits non-negative factors of the plays, smoothed by co-listening.

Source: Cichocki and Phan, "Fast local algorithms for large scale nonnegative matrix and tensor
factorizations", IEICE Transactions E92-A (2009), for hierarchical alternating least squares (HALS).

What is factorized is X (S + c I): a user's plays, and beside them, by the weights of co-listening,
what else such plays speak for. The product is never made; it is only multiplied by factors.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix, diags

from hybridrec.models.co_listening import CoListening
from hybridrec.models.factors import Factors
from hybridrec.models.genres import NEW_TRACK_LISTENERS, GenreCentroids
from hybridrec.schema.names import Floats, Rows
from hybridrec.training.config import NMFConfig

Report = Callable[[float], None]
_NOTHING = 1e-12
"""What is added to a factor's square so that one that died can be divided by."""


@dataclass(frozen=True, slots=True, eq=False)
class Smoothed:
    """Plays X (S + c I), not multiplied out.

    Attributes:
        plays: X, shape (n_users, n_items).
        weights: S + c I, shape (n_items, n_items).
    """

    plays: csr_matrix
    weights: csr_matrix

    @classmethod
    def of(cls, plays: csr_matrix, co_listening: CoListening, own_weight: float) -> "Smoothed":
        """Plays with the weights of co-listening.

        A track that no other speaks for, as one that took no part in co-listening, is spoken for by
        its own plays alone, wholly.
        """
        n_items = co_listening.n_items
        parts = (co_listening.values, co_listening.rows, co_listening.offsets)
        others = csr_matrix(parts, (n_items, n_items))
        is_met = np.bincount(co_listening.rows, minlength=n_items) > 0
        own = diags(np.where(is_met, own_weight, 1.0).astype(np.float32))
        return cls(plays, (others + own).tocsr())

    def times(self, H: Floats) -> Floats:
        """The product with factors of the tracks; shape (n_users, k)."""
        product: Floats = self.plays @ (self.weights @ H)
        return product

    def transposed_times(self, W: Floats) -> Floats:
        """The product of the transpose with factors of the users; shape (n_items, k)."""
        product: Floats = self.weights.T @ (self.plays.T @ W)
        return product

    def mean(self) -> float:
        """Of all entries."""
        of_items = np.ones((self.weights.shape[0], 1), np.float32)
        return float(self.times(of_items).mean() / len(of_items))


def factorized(
    plays: Smoothed, config: NMFConfig, rng: np.random.Generator, report: Report
) -> tuple[Floats, Floats]:
    """Factors of users and tracks, those of the tracks with columns of length 1 (or 0).

    Args:
        plays: what they are of.
        config: hyperparameters.
        rng: draws the first factors.
        report: is told the share of the work that is done.
    """
    n_users, n_items = plays.plays.shape
    size = 2 * np.float32(np.sqrt(plays.mean() / config.n_factors))
    W = rng.random((n_users, config.n_factors), np.float32) * size
    H = rng.random((n_items, config.n_factors), np.float32) * size
    for sweep in range(config.n_sweeps):
        W = swept(W, plays.times(H), H.T @ H)
        H = swept(H, plays.transposed_times(W), W.T @ W)
        report((sweep + 1) / config.n_sweeps)
    lengths = np.sqrt(np.einsum("if,if->f", H, H))
    lengths[lengths == 0] = 1.0
    return W * lengths, H / lengths


def swept(Y: Floats, product: Floats, gram: Floats) -> Floats:
    """One pass of coordinate descent: each factor in turn, with the others held fixed.

    Args:
        Y: shape (n, k), at least 0.
        product: shape (n, k), of the plays with the other side's factors Z.
        gram: shape (k, k), Z'Z.
    """
    by_factor, wanted = np.ascontiguousarray(Y.T), np.ascontiguousarray(product.T)
    for f in range(len(gram)):
        step = (wanted[f] - gram[f] @ by_factor) / (gram[f, f] + np.float32(_NOTHING))
        by_factor[f] = np.maximum(by_factor[f] + step, 0.0)
    return np.ascontiguousarray(by_factor.T)


def fit_factors(
    smoothed: Smoothed,
    genre_rows: Rows,
    n_genres: int,
    config: NMFConfig,
    rng: np.random.Generator,
    report: Report,
) -> tuple[Floats, Factors]:
    """Factors of the users, and those of the tracks with what new ones have by their genres.

    Args:
        smoothed: the plays.
        genre_rows: shape (n_items, w), genres of the tracks, 0 is padding.
        n_genres: size of their vocabulary, reserved rows included.
        config: hyperparameters.
        rng: draws the first factors.
        report: is told the share of the work that is done.
    """
    counts = np.bincount(smoothed.plays.indices, minlength=len(genre_rows)).astype(np.int32)
    W, H = factorized(smoothed, config, rng, report)
    H[counts == 0] = 0.0
    centroids = GenreCentroids.of(H, smoothed.weights @ H, counts, genre_rows, n_genres)
    by_its_genres = centroids.tracks(genre_rows)
    by_genre = (counts < NEW_TRACK_LISTENERS) & by_its_genres.any(axis=1)
    own = smoothed.weights.diagonal()[:, None]
    learnt = np.where(by_genre[:, None], np.float32(0), H)
    items = np.where(by_genre[:, None], by_its_genres, H)
    return W, Factors(
        items=items,
        # the play of a new track pulls towards its genres, but no other play towards them
        pulls=(smoothed.weights @ learnt + own * (items - learnt)).astype(np.float32),
        by_genre=by_genre,
        genres=centroids,
        regularization=config.regularization,
    )
