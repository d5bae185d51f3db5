"""Where the probability lies that a score states: of tracks like it, for listeners like these.

Fitted in ``hybridrec.training.score_intervals``.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hybridrec.models.calibration import sigmoid
from hybridrec.models.groups import N_GROUPS
from hybridrec.schema.names import Floats, Mask, Rows

LEVEL = 0.9
"""Share of the groups of like candidates whose probability lies in the interval."""
N_INTERVAL_GROUPS = 2 * N_GROUPS


def interval_groups(groups: Rows, of_both: Mask) -> Rows:
    """Groups of candidates that both sources know, then those of which one says nothing.

    Args:
        groups: shape (N,), of ``confidence_groups``.
        of_both: shape (N,), whether both sources have a score.

    Returns:
        shape (N,), from 0 to ``N_INTERVAL_GROUPS`` - 1.
    """
    return np.where(of_both, groups, groups + N_GROUPS).astype(np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class IntervalCalibrator:
    """The interval of a calibrated score at ``LEVEL``, by group and by how high the score is.

    Attributes:
        edges: shape (n - 1,), logits of scores, rising, which part the n bins.
        low: shape (N_INTERVAL_GROUPS, n), what is added to a logit for the lower end, at most 0.
        high: shape (N_INTERVAL_GROUPS, n), likewise for the upper end, at least 0.
        widest: width of the widest interval in the calibration split, in logits; NaN if it was
            empty.
    """

    edges: npt.NDArray[np.float64]
    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]
    widest: float

    def __call__(self, logits: Floats, groups: Rows) -> tuple[Floats, Floats]:
        """Both ends around scores; NaN stays NaN.

        Args:
            logits: shape (N,), of calibrated scores.
            groups: shape (N,), of ``interval_groups``.
        """
        cells = groups, np.searchsorted(self.edges, logits, side="right")  # NaN is sorted last
        scores = sigmoid(logits)
        low, high = (
            sigmoid(logits + off[cells].astype(np.float32)) for off in (self.low, self.high)
        )
        return np.minimum(low, scores), np.maximum(high, scores)
