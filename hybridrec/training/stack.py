"""What the fusion learns from: candidates as in serving, labelled by plays no base model saw.

Source: Wolpert, "Stacked generalization", Neural Networks 5 (1992).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hybridrec.errors import InvalidData
from hybridrec.schema.names import Mask, Rows
from hybridrec.training.config import StackConfig
from hybridrec.training.data import Interactions, Times

Places = npt.NDArray[np.intp]

MIN_USERS = 2
"""Users that the stack needs: one trains the fusion, another calibrates it."""


@dataclass(frozen=True, slots=True, eq=False)
class StackSplit:
    """Interactions parted for stacking.

    Attributes:
        base: shape (P,), pairs that the base models are fitted on.
        history: shape (P,), pairs that the stack's queries know of.
        labels: shape (P,), pairs that they are judged by.
        surplus: shape (P,), plays of new tracks beyond the share of their tracks that users give
            up. A score is the chance to be in that share, for new tracks as for others; from these
            only the order of new tracks is learnt.
        users: shape (U,), rows of the stack's users, rising.
        is_new: shape (U,), whether the base models never saw the user.
        calibrates: shape (U,), whether the user calibrates the fusion instead of training it.
        label_times: shape (n_users,), time of each user's first label, inf where undated.
    """

    base: Mask
    history: Mask
    labels: Mask
    surplus: Mask
    users: Rows
    is_new: Mask
    calibrates: Mask
    label_times: Times


def split_for_stacking(
    plays: Interactions, config: StackConfig, rng: np.random.Generator
) -> StackSplit:
    """Parts the interactions: some users give up tracks, some are wholly new, so are some tracks.

    Dated plays are parted by time: the newest are the labels.

    Raises:
        InvalidData: too few users have enough tracks.
    """
    counts = np.diff(plays.offsets)
    able = np.flatnonzero(counts >= config.min_tracks)
    n_users = min(config.max_users, len(able))
    if n_users < MIN_USERS:
        raise InvalidData(
            "interactions",
            f"{n_users} users have at least {config.min_tracks} tracks, {MIN_USERS} are needed; "
            "bring more plays, or lower stack.min_tracks",
        )
    users = np.sort(rng.choice(able, n_users, replace=False)).astype(np.int32)
    is_new = _some(n_users, config.new_user_share, rng)
    calibrates = _some(n_users, config.calibration_share, rng)
    n_new = round(config.new_track_share * plays.n_items)
    new_tracks = rng.choice(plays.n_items, n_new, replace=False)

    held, offsets = np.zeros(len(plays), bool), plays.offsets
    for user in users:
        places = np.arange(offsets[user], offsets[user + 1])
        held[_held_out(plays.times, places, config.held_out_share, rng)] = True
    in_stack = np.zeros(plays.n_users, bool)
    in_stack[users] = True
    wholly_new = np.zeros(plays.n_users, bool)
    wholly_new[users[is_new]] = True
    of_new = np.isin(plays.items, new_tracks)
    kept_back = in_stack[plays.users] & (held | of_new)
    surplus = kept_back & of_new & (rng.random(len(plays)) >= config.held_out_share)
    return StackSplit(
        base=~held & ~of_new & ~wholly_new[plays.users],
        history=~held & ~of_new,
        labels=kept_back & ~surplus,
        surplus=surplus,
        users=users,
        is_new=is_new,
        calibrates=calibrates,
        label_times=_first_times(plays, held),
    )


def _some(n: int, share: float, rng: np.random.Generator) -> Mask:
    """Which of n users belong to a share: neither all of them nor, of any share, none."""
    size = min(max(1, round(share * n)), n - 1) if share > 0 else 0
    chosen: Mask = rng.permutation(n) < size
    return chosen


def _held_out(times: Times, places: Places, share: float, rng: np.random.Generator) -> Places:
    """Those of one user's pairs that the user gives up: the newest where dated, else any."""
    n_held = min(max(1, round(len(places) * share)), len(places) - 1)
    if np.isnan(times[places]).any():
        return rng.choice(places, n_held, replace=False)
    return places[-n_held:]


def _first_times(plays: Interactions, held: Mask) -> Times:
    first = np.full(plays.n_users, np.inf)
    dated = held & ~np.isnan(plays.times)
    np.minimum.at(first, plays.users[dated], plays.times[dated])
    return first
