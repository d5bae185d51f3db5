"""Small collaborative scorers, to be checked by hand."""

from collections.abc import Mapping, Sequence

import numpy as np

from hybridrec.models.calibration import ConfidenceCalibrator, MonotoneMap, ScoreCalibrator
from hybridrec.models.co_listening import CoListening
from hybridrec.models.factors import Factors
from hybridrec.models.genres import GenreCentroids
from hybridrec.models.nmf import NMFScorer
from hybridrec.schema.names import Floats, Rows
from hybridrec.schema.ragged import offsets_of

IDENTITY = ScoreCalibrator(MonotoneMap(np.array([-1.0, 1.0]), np.array([-1.0, 1.0])))
SURE = ConfidenceCalibrator.alike(np.array([0.0, 1.0]), np.array([0.0, 1.0]))


def co_listening_of(n_items: int, weights: Mapping[int, Mapping[int, float]]) -> CoListening:
    """By the track played, and then by the track that it speaks for."""
    parts = [sorted(weights.get(row, {}).items()) for row in range(n_items)]
    flat = [pair for part in parts for pair in part]
    return CoListening(
        offsets_of(parts),
        np.array([row for row, _ in flat], np.int32),
        np.array([value for _, value in flat], np.float32),
    )


def factors_of(
    items: Sequence[Sequence[float]] | Floats,
    regularization: float = 0.5,
    genres: GenreCentroids | None = None,
) -> Factors:
    """A play of each track pulls by its own factors alone."""
    array = np.array(items, np.float32)
    no_genres = np.zeros((8, array.shape[1]), np.float32)
    return Factors(
        items=array,
        pulls=array.copy(),
        by_genre=np.zeros(len(array), np.bool_),
        genres=genres or GenreCentroids(no_genres, no_genres),
        regularization=regularization,
    )


def scorer_of(
    factors: Factors,
    weights: Mapping[int, Mapping[int, float]] | None = None,
    *,
    interactions: Rows | None = None,
    factor_share: float = 1.0,
    weight_gain: float = 0.5,
) -> NMFScorer:
    """A scorer whose compressed affinity is the logit; everybody played everything by default."""
    n_items, n_factors = factors.items.shape
    return NMFScorer(
        co_listening=co_listening_of(n_items, weights or {}),
        factors=factors,
        factor_share=factor_share,
        weight_gain=weight_gain,
        interactions=np.ones(n_items, np.int32) if interactions is None else interactions,
        reference_users=np.zeros((0, n_factors), np.float32),
        reference_rows=np.zeros(0, np.int32),
        reference_tracks=np.arange(n_items, dtype=np.int32),
        calibrator=IDENTITY,
        confidence_calibrator=SURE,
    )


def affinities(scores: Floats, n_plays: float = 1.0) -> Floats:
    """The affinities that such a scorer's scores are made of, before they are scaled."""
    exact = scores.astype(np.float64)
    return unscaled(np.log(exact) - np.log1p(-exact), n_plays)


def unscaled(compressed: Floats, n_plays: float = 1.0) -> Floats:
    """What was scaled for a listener of so many plays, and then compressed."""
    found: Floats = np.expm1(compressed) / 100.0 * np.sqrt(1.0 + n_plays / 10.0)
    return found
