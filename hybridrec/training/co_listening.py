"""Fits the weights between tracks in closed form, with what is written of the tracks.

Sources: Steck, "Embarrassingly shallow autoencoders for sparse data", WWW (2019), for the closed
form with a diagonal of zeros (EASE); Steck, "Autoencoders that don't overfit towards the identity",
NeurIPS (2020), for a ridge that grows with popularity; Jeunen, Van Balen and Goethals, "Closed-form
models for collaborative filtering with side-information", RecSys (2020), for metadata in the
regression, which stands here as a kernel beside the plays; Ning and Karypis, "SLIM", ICDM (2011),
for weights that are sparse and not negative.
"""

from collections.abc import Callable

import numpy as np
from scipy.linalg import lapack
from scipy.sparse import csr_matrix

from hybridrec.models.co_listening import CoListening
from hybridrec.schema.names import Floats, Rows
from hybridrec.training.config import CoListeningConfig
from hybridrec.training.data import Interactions

BLOCK = 512
"""Tracks that are looked at together; bounds the memory of what is made of them."""

Report = Callable[[float], None]


def fit_co_listening(
    plays: Interactions, terms: csr_matrix, config: CoListeningConfig, report: Report
) -> CoListening:
    """Weights from each track to those that its plays speak for.

    Of a catalogue larger than ``max_tracks`` only the tracks with the most listeners take part; the
    others speak for nothing and are spoken for by nothing. Each matrix of theirs takes
    ``max_tracks`` squared times 4 bytes (400 MB for 10,000), and there are two at a time.

    Args:
        plays: distinct pairs of user and track; how often is not looked at.
        terms: shape (n_items, n_terms), of ``metadata_terms``.
        config: hyperparameters.
        report: is told the share of the work that is done.
    """
    counts = plays.counts()
    rows = np.sort(np.argsort(-counts, kind="stable")[: config.max_tracks]).astype(np.int32)
    gram = ridged_gram(user_rows(plays, config.user_exponent)[:, rows], terms[rows], config)
    report(0.2)
    precision = inverse(gram)
    report(0.8)
    weights = strongest(precision, config.n_neighbours)
    report(1.0)
    return _spread(weights, rows, plays.n_items)


def user_rows(plays: Interactions, exponent: float) -> csr_matrix:
    """The plays as a matrix of users and tracks, a user's row times its length to the -exponent."""
    n_tracks = np.diff(plays.offsets).astype(np.float32)
    values = np.maximum(n_tracks, 1) ** np.float32(-exponent)
    shape = (plays.n_users, plays.n_items)
    return csr_matrix((values[plays.users], (plays.users, plays.items)), shape)


def ridged_gram(rows: csr_matrix, terms: csr_matrix, config: CoListeningConfig) -> Floats:
    """How often tracks are played together, and how alike they are, with the ridge.

    Args:
        rows: shape (n_users, m).
        terms: shape (m, n_terms).
        config: hyperparameters.

    Returns:
        shape (m, m), symmetric, positive definite.
    """
    n_tracks = rows.shape[1]
    gram = np.empty((n_tracks, n_tracks), np.float32)
    by_track, by_term = rows.T.tocsr(), terms.T.tocsr()
    for start in range(0, n_tracks, BLOCK):
        part = slice(start, start + BLOCK)
        gram[part] = (by_track[part] @ rows).toarray()
        gram[part] += config.metadata_weight * (terms[part] @ by_term).toarray()
    popularity = np.asarray(rows.multiply(rows).sum(axis=0)).ravel()
    gram[np.diag_indices(n_tracks)] += config.ridge + config.popularity_ridge * popularity
    return gram


def inverse(gram: Floats) -> Floats:
    """The inverse of a symmetric positive definite matrix, which is overwritten."""
    factor, failed = lapack.spotrf(gram.T, lower=0, overwrite_a=1)
    upper, failed_too = lapack.spotri(factor, lower=0, overwrite_c=1)
    if failed or failed_too:  # not with a ridge above 0
        raise FloatingPointError("the plays' Gram matrix is not positive definite")
    found: Floats = np.triu(upper)
    found += np.triu(upper, 1).T
    return found


def strongest(precision: Floats, n_neighbours: int) -> csr_matrix:
    """Of each track's weights those above 0, and of these the strongest.

    The regression of track j on all others has the weights -P[i, j] / P[j, j].

    Args:
        precision: shape (m, m), the inverse P of the Gram matrix.
        n_neighbours: weights into each track at most.

    Returns:
        shape (m, m), from the track played to the track spoken for.
    """
    n_tracks = len(precision)
    kept = min(n_neighbours, n_tracks - 1)
    diagonal = np.diag(precision).copy()
    played, values = [], []
    for start in range(0, n_tracks, BLOCK):
        spoken_for = np.arange(start, min(start + BLOCK, n_tracks))
        weights = -precision[spoken_for] / diagonal[spoken_for, None]  # symmetric: rows as columns
        weights[np.arange(len(spoken_for)), spoken_for] = 0.0
        best = np.argpartition(-weights, kept - 1, axis=1)[:, :kept]
        played.append(best)
        values.append(np.maximum(np.take_along_axis(weights, best, axis=1), 0.0))
    targets = np.arange(n_tracks).repeat(kept)
    shape = (n_tracks, n_tracks)
    found = csr_matrix(
        (np.concatenate(values).ravel(), (np.concatenate(played).ravel(), targets)), shape
    )
    found.eliminate_zeros()
    return found


def _spread(weights: csr_matrix, rows: Rows, n_items: int) -> CoListening:
    """The weights among some tracks as those among all."""
    weights.sort_indices()
    sizes = np.zeros(n_items, np.int64)
    sizes[rows] = np.diff(weights.indptr)
    offsets = np.concatenate([[0], sizes.cumsum()]).astype(np.int32)
    return CoListening(
        offsets, rows[weights.indices].astype(np.int32), weights.data.astype(np.float32)
    )
