"""How uncertain a fused score is: its interval, set beside the widest that calibration found."""

import numpy as np

from hybridrec.models.calibration import logit

NEAREST = 1e-7
"""How near to 0 and to 1 an end is told apart."""


def uncertainty(low: float, high: float, widest: float) -> float:
    """Width of an interval over the widest, in [0, 1], both in logits.

    In logits, since a low score has a narrow interval of probabilities however little is known.

    Args:
        low: lower end of the interval, a probability, NaN if there is none.
        high: its upper end.
        widest: of ``IntervalCalibrator``, in logits.

    Returns:
        NaN if the interval or the widest is unknown, or all intervals are but points.
    """
    if np.isnan(low) or not widest > 0:
        return np.nan
    ends = logit(np.clip(np.array([low, high]), NEAREST, 1.0 - NEAREST))
    return min(max(float(ends[1] - ends[0]) / widest, 0.0), 1.0)
