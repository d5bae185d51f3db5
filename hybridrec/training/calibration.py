"""Fits calibrators on plays that no model saw.

Sources: Zadrozny and Elkan, "Transforming classifier scores into accurate multiclass probability
estimates", KDD (2002), for isotonic calibration.
"""

import math

import numpy as np
import numpy.typing as npt
from sklearn.isotonic import isotonic_regression

from hybridrec.models.calibration import (
    ConfidenceCalibrator,
    MonotoneMap,
    ScoreCalibrator,
)
from hybridrec.schema.names import Floats, Mask

Values = npt.NDArray[np.float64]

MIN_PLAYED = 10
"""Plays that a knot of a score calibrator rests on at least, the lowest knot apart."""
MIN_STEP = 1e-3
"""By how much logits rise from knot to knot at least, so that order survives."""

IDENTITY = (
    ScoreCalibrator(MonotoneMap(np.array([-1.0, 1.0]), np.array([-1.0, 1.0]))),
    ConfidenceCalibrator.alike(np.array([0.0, 1.0]), np.array([0.0, 1.0])),
)
"""Leaves raw outputs and raw confidences as they are, until they are fitted."""


def base_rate(played: Mask) -> float:
    """Share that was played, half a play off 0 and 1, so that its logit is finite."""
    return float((played.sum() + 0.5) / (len(played) + 1.0))


def fit_score_calibrator(raw: Floats, played: Mask) -> ScoreCalibrator:
    """From raw output to the logit of the share that was played.

    Args:
        raw: shape (n,), NaN is left out.
        played: shape (n,).
    """
    known = ~np.isnan(raw)
    raw, played = raw[known], played[known]
    base = base_rate(played)
    values, n_rows, hits = tied(raw.astype(np.float64), played)
    if len(values) <= 1:
        return _flat(float(values[0]) if len(values) else 0.0, base)
    fitted = isotonic_regression(hits / n_rows, sample_weight=n_rows)
    starts = _merged(np.flatnonzero(np.diff(fitted, prepend=-1.0) > 0), hits)
    sizes = np.add.reduceat(n_rows, starts)
    x = np.add.reduceat(values * n_rows, starts) / sizes
    share = (np.add.reduceat(hits, starts) + base) / (sizes + 1.0)
    y = np.log(share) - np.log1p(-share)
    if len(x) == 1:
        return _flat(float(x[0]), base)
    rising = np.maximum.accumulate(y - MIN_STEP * np.arange(len(y)))
    return ScoreCalibrator(MonotoneMap(x, rising + MIN_STEP * np.arange(len(y))))


def tied(values: Values, won: Values | Mask) -> tuple[Values, Values, Values]:
    """The distinct values, rising; how many there are of each; what they won together.

    Equal values must share one answer: a regression that saw them one by one would make the most
    of their accidental order.
    """
    distinct, group = np.unique(values, return_inverse=True)
    counts = np.bincount(group, minlength=len(distinct)).astype(np.float64)
    together = np.bincount(group, won, len(distinct)).astype(np.float64)
    return distinct, counts, together


def _merged(starts: npt.NDArray[np.intp], hits: Values) -> npt.NDArray[np.intp]:
    """Starts of blocks, joined to the next until each holds enough plays."""
    kept: list[int] = []
    held = np.inf
    for start, n_hits in zip(starts.tolist(), np.add.reduceat(hits, starts).tolist(), strict=True):
        if held >= MIN_PLAYED:
            kept.append(start)
            held = 0.0
        held += n_hits
    if held < MIN_PLAYED and len(kept) > 1:
        kept.pop()
    return np.array(kept)


def _flat(at: float, base: float) -> ScoreCalibrator:
    """Almost the same probability everywhere: there was nothing to tell tracks apart by."""
    middle = math.log(base) - math.log1p(-base)
    return ScoreCalibrator(
        MonotoneMap(
            np.array([at - 1.0, at + 1.0]), np.array([middle - MIN_STEP, middle + MIN_STEP])
        )
    )
