"""Fits the collaborative scorer: co-listening first, then factors of the plays smoothed by it."""

import numpy as np

from hybridrec.models.nmf import NMFScorer
from hybridrec.schema.names import Floats, Rows
from hybridrec.training.calibration import IDENTITY
from hybridrec.training.co_listening import fit_co_listening, user_rows
from hybridrec.training.config import TrainConfig
from hybridrec.training.data import Interactions
from hybridrec.training.nmf import Smoothed, fit_factors
from hybridrec.training.tracks import Progress, Tracks


def fit_collaborative(
    plays: Interactions,
    tracks: Tracks,
    references: Rows,
    config: TrainConfig,
    rng: np.random.Generator,
    progress: Progress,
) -> NMFScorer:
    """The scorer, not calibrated yet.

    Args:
        plays: distinct pairs of user and track.
        tracks: of the catalogue.
        references: shape (T,), tracks that percentiles are taken among.
        config: hyperparameters.
        rng: draws the first factors, and users to be near to.
        progress: is told how far the work is.
    """
    co_listening = fit_co_listening(
        plays, tracks.terms, config.co_listening, lambda done: progress("co-listening", done)
    )
    once = user_rows(plays, 0.0)
    W, factors = fit_factors(
        Smoothed.of(once, co_listening, config.nmf.own_weight),
        tracks.items.genre_rows,
        tracks.sizes.genres,
        config.nmf,
        rng,
        lambda done: progress("factors", done),
    )
    lengths = _lengths(W)
    known = np.flatnonzero(lengths)
    n_users = min(config.nmf.n_reference_users, len(known))
    users = np.sort(rng.choice(known, n_users, replace=False)).astype(np.int32)
    calibrator, confidence_calibrator = IDENTITY
    return NMFScorer(
        co_listening=co_listening,
        factors=factors,
        factor_share=config.nmf.factor_share,
        weight_gain=config.nmf.weight_gain,
        interactions=plays.counts(),
        reference_users=W[users] / lengths[users, None],
        reference_rows=users,
        reference_tracks=references,
        calibrator=calibrator,
        confidence_calibrator=confidence_calibrator,
    )


def _lengths(W: Floats) -> Floats:
    """Length of each row."""
    lengths: Floats = np.sqrt(np.einsum("uf,uf->u", W, W))
    return lengths
