"""Applies fitted calibrators: strictly increasing maps, so that order survives.

The maps are fitted in ``hybridrec.training.calibration``.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from hybridrec.models.confidence import MIN_CONFIDENCE
from hybridrec.models.groups import N_GROUPS, TRACKS
from hybridrec.schema.names import Floats, Mask, Rows

MAX_LOGIT = 12.0
"""Logits are kept within this, so that a float32 probability stays inside (0, 1)."""
FAR = 1e4
"""How far beyond its outer knots a map goes on: beyond any raw output."""


def logit(probability: Floats) -> Floats:
    """Log odds; NaN stays NaN."""
    return np.log(probability) - np.log1p(-probability)


def sigmoid(logits: Floats) -> Floats:
    """Probability of log odds; NaN stays NaN."""
    probability: Floats = (1.0 / (1.0 + np.exp(-logits))).astype(np.float32)
    return probability


def for_listeners(logits: Floats, groups: Rows, offsets: npt.NDArray[np.float64]) -> Floats:
    """Calibrated logits, moved by what is added for each kind of listener; NaN stays NaN.

    Args:
        logits: shape (N,), within ± MAX_LOGIT, as are those that are returned.
        groups: shape (N,), of ``confidence_groups``.
        offsets: shape (8,), by the kinds of ``LISTENERS``.
    """
    moved = logits + offsets[groups // len(TRACKS)].astype(np.float32)
    return np.clip(moved, -MAX_LOGIT, MAX_LOGIT)


@dataclass(frozen=True, slots=True, eq=False)
class MonotoneMap:
    """A strictly increasing map, linear between knots and beyond the outer ones.

    Attributes:
        x: shape (n,), at least 2, increasing.
        y: shape (n,), increasing.
    """

    x: npt.NDArray[np.float64]
    y: npt.NDArray[np.float64]
    _far_x: npt.NDArray[np.float64] = field(init=False, repr=False)
    _far_y: npt.NDArray[np.float64] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if len(self.x) <= 1 or not (np.diff(self.x) > 0).all() or not (np.diff(self.y) > 0).all():
            raise ValueError("a calibrator's knots must increase strictly")
        slopes = np.diff(self.y) / np.diff(self.x)
        below, above = self.y[0] - FAR * slopes[0], self.y[-1] + FAR * slopes[-1]
        far_x = np.concatenate([[self.x[0] - FAR], self.x, [self.x[-1] + FAR]])
        object.__setattr__(self, "_far_x", far_x)
        object.__setattr__(self, "_far_y", np.concatenate([[below], self.y, [above]]))

    def __call__(self, values: Floats) -> Floats:
        """The mapped values; NaN stays NaN."""
        return np.interp(values, self._far_x, self._far_y).astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class ScoreCalibrator:
    """Maps a raw output (affinity or logit) to the logit of a probability.

    Attributes:
        to_logit: from the raw output to the logit.
    """

    to_logit: MonotoneMap

    def logits(self, raw: Floats) -> Floats:
        """Logits within ± MAX_LOGIT, NaN where the raw output is NaN."""
        return np.clip(self.to_logit(raw), -MAX_LOGIT, MAX_LOGIT)

    def scores(self, raw: Floats) -> Floats:
        """Probabilities in (0, 1), NaN where the raw output is NaN."""
        return sigmoid(self.logits(raw))


@dataclass(frozen=True, slots=True, eq=False)
class ConfidenceCalibrator:
    """Maps a raw confidence to 2 P(a played track is ordered before an unplayed one) - 1.

    Attributes:
        raw: shape (n,), increasing.
        calibrated: shape (N_GROUPS, n), in [0, 1], not decreasing along the knots.
    """

    raw: npt.NDArray[np.float64]
    calibrated: npt.NDArray[np.float64]

    @classmethod
    def alike(
        cls, raw: npt.NDArray[np.float64], calibrated: npt.NDArray[np.float64]
    ) -> "ConfidenceCalibrator":
        """One map, shape (n,), for all groups."""
        return cls(raw, np.tile(calibrated, (N_GROUPS, 1)))

    def known(self, raw: Floats, groups: Rows, is_known: Mask) -> Floats:
        """Confidence in [MIN_CONFIDENCE, 1] of known scores, 0 of unknown ones.

        Args:
            raw: shape (N,).
            groups: shape (N,), of ``confidence_groups``.
            is_known: shape (N,).
        """
        calibrated = np.empty(len(raw))
        for group in np.unique(groups).tolist():
            here = groups == group
            calibrated[here] = np.interp(raw[here], self.raw, self.calibrated[group])
        return np.where(is_known, np.maximum(calibrated, MIN_CONFIDENCE), 0.0).astype(np.float32)
