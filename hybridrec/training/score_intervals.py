"""Fits what scores of each kind of listener are off by, and the intervals of fused scores.

On plays that no model saw. Candidates are alike that have one group and one bin of scores. Of each
such cell the offset is sought that turns the logits of its scores into those of the share that was
played. Empirical Bayes: offsets of a group's cells are drawn around that of the kind of listener,
and how far is learnt from all of them, so that a cell of few plays is given what is usual, and one
of many what was found. How well the offset of the kind is known is seen in its other groups: where
few such listeners were asked, all cells of the kind may be off together.

Sources: Robbins, "An empirical Bayes approach to statistics", Berkeley Symposium (1956); Rao and
Scott, "The analysis of categorical data from complex sample surveys", JASA 76 (1981), for plays of
one listener, which tell less than as many of different ones; Cameron, Gelbach and Miller, "Robust
inference with multiway clustering", JBES 29 (2011), for those of one track beside them.
"""

import numpy as np
from scipy.special import expit

from hybridrec.models.groups import LISTENERS, N_GROUPS, TRACKS
from hybridrec.models.interval import LEVEL, N_INTERVAL_GROUPS, IntervalCalibrator
from hybridrec.schema.names import Floats, Mask, Rows
from hybridrec.training.calibration import Values
from hybridrec.training.confidence import N_PRIOR
from hybridrec.training.offsets import (
    OFFSETS,
    blurred,
    clustering,
    in_other_groups,
    log_likelihood,
    posterior,
)

N_BINS = 8
"""Bins of scores, each of as many expected plays."""
REFIT_SPREAD = 0.1
"""Logits that like candidates' scores move by when base models are fitted again, on all plays. No
play can tell it, since the models that serve know them all: it was chosen on made-up worlds, whose
truth is known. Whether intervals hold that at their level, ``benchmarks.intervals`` tells."""


def fit_interval(
    logits: Floats, played: Mask, listeners: Rows, tracks: Rows, groups: Rows
) -> IntervalCalibrator:
    """The intervals at ``LEVEL``.

    Args:
        logits: shape (n,), of calibrated scores; NaN is left out.
        played: shape (n,).
        listeners: shape (n,), whose candidates they are.
        tracks: shape (n,), which they are.
        groups: shape (n,), of ``interval_groups``.
    """
    known = ~np.isnan(logits)
    exact, played = logits[known].astype(np.float64), played[known]
    owners = listeners[known], tracks[known]
    edges = _edges(exact)
    shape = N_INTERVAL_GROUPS, len(edges) + 1
    bins, of_groups = np.searchsorted(edges, exact, side="right"), groups[known].astype(np.int64)
    cells = of_groups * shape[1] + bins
    likelihood = log_likelihood(exact, played, cells, shape)
    more = clustering(exact, played, owners, cells, shape)
    kinds = np.arange(N_INTERVAL_GROUPS) % N_GROUPS // len(TRACKS)
    of_kinds = clustering(exact, played, owners, kinds[of_groups], (len(LISTENERS), 1))
    about = in_other_groups(likelihood.sum(axis=1), kinds, of_kinds)
    found = blurred(posterior(likelihood / more[:, None, None], about), REFIT_SPREAD)
    rising = np.cumsum(found, axis=-1)
    tail = (1.0 - LEVEL) / 2.0
    low = np.minimum(_quantile(rising, tail), 0.0)
    high = np.maximum(_quantile(rising, 1.0 - tail), 0.0)
    widths = (high - low).ravel()[cells]
    return IntervalCalibrator(edges, low, high, float(widths.max()) if len(widths) else np.nan)


def fit_listeners(logits: Floats, played: Mask, queries: Rows, groups: Rows) -> Values:
    """What is added to logits for each kind of listener, shape (8,).

    The mean of the kind's offset, drawn towards none where few of the kind were asked.

    Args:
        logits: shape (n,), of calibrated scores; NaN is left out.
        played: shape (n,).
        queries: shape (n,), whose candidates they are.
        groups: shape (n,), of ``confidence_groups``.
    """
    known = ~np.isnan(logits)
    kinds = groups[known].astype(np.int64) // len(TRACKS)
    exact = logits[known].astype(np.float64)
    likelihood = log_likelihood(exact, played[known], kinds, (1, len(LISTENERS)))
    (more,) = clustering(exact, played[known], (queries[known],), kinds, (1, len(LISTENERS)))
    (found,) = posterior(likelihood / more, (OFFSETS == 0).astype(np.float64)[None])
    asked = np.unique(np.stack([kinds, queries[known]], axis=1), axis=0)[:, 0]
    n_queries = np.bincount(asked, minlength=len(LISTENERS))
    drawn: Values = found @ OFFSETS * n_queries / (n_queries + N_PRIOR)
    return drawn.round(4)


def _edges(logits: Values) -> Values:
    """Edges between bins of as many expected plays; fewer where scores are tied."""
    rising = np.sort(logits)
    expected = np.cumsum(expit(rising))
    if not len(rising):
        return np.zeros(1)
    parts = expected[-1] * np.arange(1, N_BINS) / N_BINS
    return np.unique(rising[np.searchsorted(expected, parts)])


def _quantile(rising: Values, at: float) -> Values:
    """The offset up to which a share of the probability lies, of each cell."""
    flat = rising.reshape(-1, len(OFFSETS))
    found: Values = np.array([np.interp(at, one, OFFSETS) for one in flat])
    return found.round(4).reshape(rising.shape[:-1])
