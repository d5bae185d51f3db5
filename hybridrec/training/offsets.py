"""By how many logits the scores of like candidates are off: what is known of it, by Bayes' rule.

Candidates lie in cells, and cells in groups; a cell's offset turns the logits of its scores into
those of the share that was played.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from hybridrec.schema.names import Mask, Rows
from hybridrec.training.calibration import Values

OFFSETS = np.linspace(-4.0, 4.0, 401)
"""Logits that a cell may be off by."""
SPREADS = np.geomspace(0.02, 2.0, 30)
"""Standard deviations of the offsets of a group's cells."""
USUAL_SPREAD, SPREAD_OF_SPREADS = 0.5, 1.0
"""Median, and deviation of the logarithm, of what is held of a spread before any play is seen. The
median is that of the offsets of kinds of listener too."""
PRIOR_PLAYS = 2.0
"""Plays that a group's clustering is drawn towards that of all by."""
ROUNDED = 20
"""Parts of one logit to which logits are rounded where likelihoods are summed."""

Places = npt.NDArray[np.int64]


def log_likelihood(logits: Values, played: Mask, cells: Places, shape: tuple[int, int]) -> Values:
    """Of each offset, as if all candidates were independent.

    Args:
        logits: shape (n,).
        played: shape (n,).
        cells: shape (n,), from 0; those of one group follow each other.
        shape: how many groups, and cells of each.

    Returns:
        shape (groups, cells, O).
    """
    found = np.zeros((shape[0] * shape[1], len(OFFSETS)))
    rounded = np.round(logits * ROUNDED).astype(np.int64)
    order = np.lexsort((rounded, cells))
    starts = np.flatnonzero(np.diff(cells[order], prepend=-1) | np.diff(rounded[order], prepend=0))
    if not len(order):
        return found.reshape(*shape, -1)
    n_rows = np.diff(np.append(starts, len(order)))
    middles = np.add.reduceat(logits[order], starts) / n_rows
    hits = np.add.reduceat(played[order].astype(np.float64), starts)
    owners = cells[order][starts]
    for cell in np.unique(owners).tolist():
        here = owners == cell
        moved = middles[here, None] + OFFSETS
        found[cell] = hits[here] @ moved - n_rows[here] @ np.logaddexp(0.0, moved)
    return found.reshape(*shape, -1)


def clustering(
    logits: Values, played: Mask, owners: Sequence[Rows], cells: Places, shape: tuple[int, int]
) -> Values:
    """Shape (groups,), by how much shares vary more than if candidates were independent.

    Plays of one listener come together, as by how much they listen; so do plays of one track.

    Args:
        logits: shape (n,).
        played: shape (n,).
        owners: each of shape (n,), by which plays come together: they are taken to add up.
        cells: shape (n,), from 0; those of one group follow each other.
        shape: how many groups, and cells of each.
    """
    scores, n_cells = expit(logits), shape[0] * shape[1]
    hits, expected = (np.bincount(cells, one, n_cells) for one in (played, scores))
    usual = np.minimum(scores * ((hits + 0.5) / (expected + 0.5))[cells], 0.999)
    beyond = [_beyond_chance(played, usual, one, cells, shape) - 1.0 for one in owners]
    more: Values = np.maximum(1.0 + np.sum(beyond, axis=0), 1.0)
    return more


def _beyond_chance(
    played: Mask, usual: Values, owners: Rows, cells: Places, shape: tuple[int, int]
) -> Values:
    """Shape (groups,), how far each owner's plays in a cell are off the usual, over chance."""
    n_groups, n_cells = shape[0], shape[0] * shape[1]
    asked, places = np.unique(owners.astype(np.int64) * n_cells + cells, return_inverse=True)
    of_cells = asked % n_cells
    n_owners = np.bincount(of_cells, minlength=n_cells)
    beyond = np.bincount(places, played - usual, len(asked)) ** 2
    # the share is the cell's own, so that one owner alone is never off it
    chance = np.bincount(places, usual * (1.0 - usual), len(asked)) * (1 - 1 / n_owners[of_cells])
    of_group = [np.bincount(of_cells // shape[1], of, n_groups) for of in (beyond, chance)]
    overall = beyond.sum() / max(chance.sum(), 1.0)
    shares: Values = (of_group[0] + PRIOR_PLAYS * overall) / (of_group[1] + PRIOR_PLAYS)
    return shares


def in_other_groups(likelihood: Values, kinds: Places, more: Values) -> Values:
    """Where the offset of each group's kind of listener lies, as far as its other groups tell.

    Args:
        likelihood: shape (groups, O), logarithms.
        kinds: shape (groups,).
        more: shape (kinds,), of ``clustering``.

    Returns:
        shape (groups, O), probabilities.
    """
    of_kinds = np.stack([likelihood[kinds == kind].sum(axis=0) for kind in range(len(more))])
    others = (of_kinds[kinds] - likelihood) / more[kinds][:, None]
    held = -0.5 * (OFFSETS / USUAL_SPREAD) ** 2
    return _normed(np.exp(others + held - (others + held).max(axis=1, keepdims=True)))


def posterior(likelihood: Values, about: Values) -> Values:
    """Probabilities of the offsets of all cells, shape (groups, cells, O).

    Of a group's spread a whole distribution is kept, not only the likeliest.

    Args:
        likelihood: shape (groups, cells, O), logarithms.
        about: shape (groups, O), probabilities of what the cells' offsets are drawn around.
    """
    likelihood = np.exp(likelihood - likelihood.max(axis=-1, keepdims=True))
    normal = _normed(np.exp(-0.5 * (OFFSETS / SPREADS[:, None]) ** 2))  # (S, O)
    drawn = np.stack([[np.convolve(one, of, "same") for one in normal] for of in about])
    drawn = _normed(np.maximum(drawn, 0.0))  # (groups, S, O)
    held = -0.5 * (np.log(SPREADS / USUAL_SPREAD) / SPREAD_OF_SPREADS) ** 2  # (S,)
    tiny = np.finfo(np.float64).tiny
    by_spread = np.maximum(np.einsum("gco,gso->gcs", likelihood, drawn), tiny)
    seen = np.log(by_spread).sum(axis=1) + held  # (groups, S)
    weights = _normed(np.exp(seen - seen.max(axis=1, keepdims=True)))
    return _normed(likelihood * np.einsum("gs,gso->go", weights, drawn)[:, None])


def blurred(found: Values, spread: float) -> Values:
    """The same offsets where each is off by a normal draw more.

    Args:
        found: shape (..., O), probabilities.
        spread: standard deviation of the draw, in logits.
    """
    normal = _normed(np.exp(-0.5 * (OFFSETS / spread) ** 2))
    flat = found.reshape(-1, len(OFFSETS))
    moved = np.stack([np.convolve(one, normal, "same") for one in flat])
    return _normed(moved.reshape(found.shape))


def _normed(weights: Values) -> Values:
    """The same that sum to 1 along the last axis."""
    shares: Values = weights / weights.sum(axis=-1, keepdims=True)
    return shares
