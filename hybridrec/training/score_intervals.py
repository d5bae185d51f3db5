"""Fits what scores of each kind of listener are off by, and the intervals of fused scores.

On plays that no model saw. Candidates are alike that have one group and one bin of scores. Of each
such cell the offset is sought that turns the logits of its scores into those of the share that was
played. Empirical Bayes: offsets of a group's cells are drawn around 0, and how far is learnt from
all of them, so that a cell of few plays is given what is usual, and one of many what was found.

Sources: Robbins, "An empirical Bayes approach to statistics", Berkeley Symposium (1956); Rao and
Scott, "The analysis of categorical data from complex sample surveys", JASA 76 (1981), for the
plays of one listener, which tell less than as many of different ones.
"""

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from hybridrec.models.groups import LISTENERS, TRACKS
from hybridrec.models.interval import LEVEL, N_INTERVAL_GROUPS, IntervalCalibrator
from hybridrec.schema.names import Floats, Mask, Rows
from hybridrec.training.calibration import Values
from hybridrec.training.confidence import N_PRIOR

N_BINS = 8
"""Bins of scores, each of as many expected plays."""
OFFSETS = np.linspace(-4.0, 4.0, 401)
"""Logits that a cell may be off by."""
SPREADS = np.geomspace(0.02, 2.0, 30)
"""Standard deviations of the offsets of a group's cells."""
USUAL_SPREAD, SPREAD_OF_SPREADS = 0.5, 1.0
"""Median, and deviation of the logarithm, of what is held of a spread before any play is seen."""
PRIOR_PLAYS = 2.0
"""Plays that a group's clustering is drawn towards that of all by."""
ROUNDED = 20
"""Parts of one logit to which logits are rounded where likelihoods are summed."""

Places = npt.NDArray[np.int64]


def fit_interval(logits: Floats, played: Mask, queries: Rows, groups: Rows) -> IntervalCalibrator:
    """The intervals at ``LEVEL``.

    Args:
        logits: shape (n,), of calibrated scores; NaN is left out.
        played: shape (n,).
        queries: shape (n,), whose candidates they are.
        groups: shape (n,), of ``interval_groups``.
    """
    known = ~np.isnan(logits)
    exact, played = logits[known].astype(np.float64), played[known]
    edges = _edges(exact)
    n_bins = len(edges) + 1
    cells = groups[known].astype(np.int64) * n_bins + np.searchsorted(edges, exact, side="right")
    found = _offsets(exact, played, queries[known], cells, (N_INTERVAL_GROUPS, n_bins))
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
    (found,) = _offsets(exact, played[known], queries[known], kinds, (1, len(LISTENERS)))
    asked = np.unique(np.stack([kinds, queries[known]], axis=1), axis=0)[:, 0]
    n_queries = np.bincount(asked, minlength=len(LISTENERS))
    drawn: Values = found @ OFFSETS * n_queries / (n_queries + N_PRIOR)
    return drawn.round(4)


def _offsets(
    logits: Values, played: Mask, queries: Rows, cells: Places, shape: tuple[int, int]
) -> Values:
    """Probabilities of the offsets of cells in groups.

    Args:
        logits: shape (n,).
        played: shape (n,).
        queries: shape (n,).
        cells: shape (n,), from 0; those of one group follow each other.
        shape: how many groups, and cells of each.

    Returns:
        shape (groups, cells, O).
    """
    likelihood = _log_likelihood(logits, played, cells, shape[0] * shape[1])
    more = _clustering(logits, played, queries, cells, shape)
    return _posterior(likelihood.reshape(*shape, -1) / more[:, None, None])


def _edges(logits: Values) -> Values:
    """Edges between bins of as many expected plays; fewer where scores are tied."""
    rising = np.sort(logits)
    expected = np.cumsum(expit(rising))
    if not len(rising):
        return np.zeros(1)
    parts = expected[-1] * np.arange(1, N_BINS) / N_BINS
    return np.unique(rising[np.searchsorted(expected, parts)])


def _log_likelihood(logits: Values, played: Mask, cells: Places, n_cells: int) -> Values:
    """Shape (n_cells, O), of each offset, as if all candidates were independent."""
    found = np.zeros((n_cells, len(OFFSETS)))
    rounded = np.round(logits * ROUNDED).astype(np.int64)
    order = np.lexsort((rounded, cells))
    starts = np.flatnonzero(np.diff(cells[order], prepend=-1) | np.diff(rounded[order], prepend=0))
    if not len(order):
        return found
    n_rows = np.diff(np.append(starts, len(order)))
    middles = np.add.reduceat(logits[order], starts) / n_rows
    hits = np.add.reduceat(played[order].astype(np.float64), starts)
    owners = cells[order][starts]
    for cell in np.unique(owners).tolist():
        here = owners == cell
        moved = middles[here, None] + OFFSETS
        found[cell] = hits[here] @ moved - n_rows[here] @ np.logaddexp(0.0, moved)
    return found


def _clustering(
    logits: Values, played: Mask, queries: Rows, cells: Places, shape: tuple[int, int]
) -> Values:
    """Shape (groups,), by how much shares vary more than if candidates were independent.

    Plays of one listener come together, as by how much they listen. Each listener's plays in a cell
    are held against what the cell's share lets expect.
    """
    scores = expit(logits)
    n_groups, n_cells = shape[0], shape[0] * shape[1]
    hits, expected = (np.bincount(cells, one, n_cells) for one in (played, scores))
    usual = np.minimum(scores * ((hits + 0.5) / (expected + 0.5))[cells], 0.999)
    asked, places = np.unique(
        np.stack([queries.astype(np.int64), cells], axis=1), axis=0, return_inverse=True
    )
    owners = asked[:, 1]
    n_listeners = np.bincount(owners, minlength=n_cells)
    beyond = np.bincount(places, played - usual, len(asked)) ** 2
    # the share is the cell's own, so that one listener alone is never off it
    chance = np.bincount(places, usual * (1.0 - usual), len(asked)) * (1 - 1 / n_listeners[owners])
    of_group = [np.bincount(owners // shape[1], of, n_groups) for of in (beyond, chance)]
    overall = beyond.sum() / max(chance.sum(), 1.0)
    shares: Values = (of_group[0] + PRIOR_PLAYS * overall) / (of_group[1] + PRIOR_PLAYS)
    return np.maximum(shares, 1.0)


def _posterior(likelihood: Values) -> Values:
    """Probabilities of the offsets of all cells, shape (groups, cells, O).

    Of a group's spread a whole distribution is kept, not only the likeliest.
    """
    likelihood = np.exp(likelihood - likelihood.max(axis=-1, keepdims=True))
    normal = np.exp(-0.5 * (OFFSETS / SPREADS[:, None]) ** 2)  # (S, O)
    normal /= normal.sum(axis=1, keepdims=True)
    held = -0.5 * (np.log(SPREADS / USUAL_SPREAD) / SPREAD_OF_SPREADS) ** 2  # (S,)
    by_spread = np.maximum(likelihood @ normal.T, np.finfo(np.float64).tiny)  # (groups, cells, S)
    seen = np.log(by_spread).sum(axis=1) + held  # (groups, S)
    weights = np.exp(seen - seen.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    posterior: Values = likelihood * (weights @ normal)[:, None]
    posterior /= posterior.sum(axis=-1, keepdims=True)
    return posterior


def _quantile(rising: Values, at: float) -> Values:
    """The offset up to which a share of the probability lies, of each cell."""
    flat = rising.reshape(-1, len(OFFSETS))
    found: Values = np.array([np.interp(at, one, OFFSETS) for one in flat])
    return found.round(4).reshape(rising.shape[:-1])
