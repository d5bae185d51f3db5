"""How uncertain a fused score is: its interval, set beside the widest that calibration found."""

import numpy as np

from hybridrec.models.calibration import IntervalCalibrator


def widest_interval(calibrator: IntervalCalibrator) -> float:
    """The widest interval in the calibration split, in [0, 1]."""
    return float((calibrator.high - calibrator.low).max())


def uncertainty(low: float, high: float, widest: float) -> float:
    """Width of an interval over the widest, in [0, 1].

    Args:
        low: lower end of the interval, NaN if there is none.
        high: its upper end.
        widest: as ``widest_interval`` tells; NaN if there is no calibration.

    Returns:
        NaN if the interval or the widest is unknown, or all intervals are but points.
    """
    if not widest > 0:
        return np.nan
    share = (high - low) / widest
    return share if np.isnan(share) else min(max(share, 0.0), 1.0)
