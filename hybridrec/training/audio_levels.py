"""Which level the intervals of a genre need, so that nine of ten tracks of new artists lie inside.

How far a genre's level lies from that of all is told by the tracks of the training too, each as if
its artist were new: held-out artists alone are too few in most genres. The level of all is told by
the held-out ones, which the network did not learn from.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from hybridrec.features.audio import SCALE
from hybridrec.features.leakage import intrinsic_inputs
from hybridrec.schema.names import Floats, Rows
from hybridrec.schema.records import ItemFeatures
from hybridrec.training.audio_intervals import ANYWHERE, LEVEL
from hybridrec.training.audio_network import AudioNetwork
from hybridrec.training.audio_samples import AudioSamples

SMALL_GROUP = 500.0
"""Tracks of a genre of which it moves its level half as far as they ask."""
N_ROUNDS, FIRST_STEP = 60, 0.5
ROWS_AT_ONCE = 2048


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What some tracks ask of the levels.

    Attributes:
        needed: shape (n, 8), the level at which each interval holds the truth, NaN if unknown.
        groups: shape (n, n_genres), 1 for each genre that a track has.
    """

    needed: Floats
    groups: Floats

    def take(self, rows: Rows) -> "Asked":
        """What some of the tracks ask."""
        return Asked(self.needed[rows], self.groups[rows])


def asked_by_samples(network: AudioNetwork, samples: AudioSamples) -> Asked:
    """What the tracks ask that the network learnt from, each as if its artist were new."""
    needed = _needed(network, samples.of_strangers, samples.terms, samples.truth)
    return Asked(needed, _groups(samples.terms[0], network.intervals.n_genres))


def asked_by_tracks(network: AudioNetwork, items: ItemFeatures) -> Asked:
    """What tracks ask that the network never saw."""
    feed = {name: torch.from_numpy(array) for name, array in intrinsic_inputs(items).items()}
    terms = network.terms(feed)
    truth = torch.from_numpy(items.audio / SCALE)
    needed = _needed(network, network.seen(feed), terms, truth)
    return Asked(needed, _groups(terms[0], network.intervals.n_genres))


def set_levels(network: AudioNetwork, learnt: Asked, held_out: Asked) -> None:
    """Sets the levels of a network's intervals by what it learnt from and by held-out tracks."""
    needed, groups = held_out.needed, held_out.groups
    both = np.concatenate([needed - base_level(needed), learnt.needed - base_level(learnt.needed)])
    moved = levels(both, np.concatenate([groups, learnt.groups]))
    moved[:, np.isnan(needed).all(axis=0)] = 0
    network.intervals.set_levels(base_level(needed - groups @ moved), moved)


def levels(needed: Floats, groups: Floats) -> Floats:
    """What each group adds to the level of all, so that the share of each is inside.

    Args:
        needed: shape (n, 8), the level at which each interval holds the truth, NaN if unknown.
        groups: shape (n, G), 1 for each group that a track is in; they may overlap.

    Returns:
        shape (G, 8).
    """
    known = ~np.isnan(needed)
    moved = np.zeros((groups.shape[1], needed.shape[1]), np.float32)
    size = groups.T @ known.astype(np.float32) + SMALL_GROUP
    for round_ in range(N_ROUNDS):
        of_groups = groups @ moved
        inside = needed <= base_level(needed - of_groups) + of_groups
        short = np.where(known, LEVEL - inside, 0).astype(np.float32)
        asked = (groups.T @ short - SMALL_GROUP * moved) / size  # (G, 8)
        moved += FIRST_STEP * (1 - round_ / N_ROUNDS) * asked
    return moved


def base_level(needed: Floats) -> Floats:
    """The level that holds its share of all tracks and one more; shape (8,)."""
    found = []
    for column in needed.T:
        known = column[~np.isnan(column)]
        rank = min(int(np.ceil((len(known) + 1) * LEVEL)), len(known)) - 1
        found.append(np.partition(known, rank)[rank] if len(known) else ANYWHERE)
    return np.array(found, np.float32)


def _needed(
    network: AudioNetwork, inputs: Tensor, terms: Sequence[Tensor], truth: Tensor
) -> Floats:
    parts = []
    with torch.no_grad():
        for rows in torch.split(torch.arange(len(inputs)), ROWS_AT_ONCE):
            _, shares = network.distribution(inputs[rows], [kind[rows] for kind in terms])
            parts.append(network.intervals.needed(shares, truth[rows]))
    needed: Floats = torch.cat(parts).numpy()
    return needed


def _groups(genre_rows: Tensor, n_genres: int) -> Floats:
    """Which genres a track has; shape (n, n_genres)."""
    groups = np.zeros((len(genre_rows), n_genres), np.float32)
    tracks, places = np.nonzero(genre_rows.numpy())
    groups[tracks, genre_rows.numpy()[tracks, places]] = 1
    return groups
