"""The hours of the day in which a listener mostly listens."""

from collections.abc import Sequence

import numpy as np

from hybridrec.features.session import Listening
from hybridrec.schema.names import HOURS, Mask

MIN_DATED_PLAYS = 20
"""Fewer dated plays than these show no habit."""
MOST = 0.5
"""Share of the plays that the primary hours hold."""
HOUR_S = 3_600


def primary_hours(listening: Listening) -> Mask:
    """The fewest hours of the day that together hold at least half of the plays.

    Skips are no plays. Of hours with as many plays the earlier comes first.

    Returns:
        shape (24,), by hour in UTC; no hour for a listener of fewer than ``MIN_DATED_PLAYS`` plays.
    """
    hours = np.zeros(HOURS, bool)
    played = listening.times[~listening.skipped]
    if len(played) < MIN_DATED_PLAYS:
        return hours
    counts = np.bincount((played // HOUR_S % HOURS).astype(int), minlength=HOURS)
    order = np.argsort(-counts, kind="stable")
    n_hours = int(np.searchsorted(counts[order].cumsum(), MOST * len(played))) + 1
    hours[order[:n_hours]] = True
    return hours


def all_primary_hours(listening: Sequence[Listening]) -> Mask:
    """The primary hours of each user; shape (n_users, 24)."""
    return np.array([primary_hours(one) for one in listening], bool).reshape(-1, HOURS)
