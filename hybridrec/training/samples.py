"""Samples for the towers: a listener, cut into what is known and what is to be found."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hybridrec.features.user import preferences_of_each
from hybridrec.histories import Histories
from hybridrec.schema.names import (
    MAX_PREFERRED_GENRES,
    MAX_PREFERRED_MOODS,
    Floats,
    Mask,
    Rows,
)
from hybridrec.schema.records import N_SESSION, ItemFeatures
from hybridrec.training.config import TwoTowerConfig
from hybridrec.training.data import Interactions, Times

Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Snapshots:
    """Session features of each user as of one moment, none of them later than that.

    Attributes:
        sessions: shape (n_users, 18), NaN if unknown.
        times: shape (n_users,), Unix seconds, inf where there is no snapshot.
    """

    sessions: Floats
    times: Times


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """One step's listeners, the plays of each in three parts.

    Attributes:
        users: shape (S,).
        history: what is known of each.
        wanted: what is to be found of each, of one track at least.
        unused: what is neither, where a listener has too many tracks for one sample.
        genres: shape (S, MAX_PREFERRED_GENRES), by the history alone.
        moods: shape (S, MAX_PREFERRED_MOODS), by the history alone.
        sessions: shape (S, 18), NaN if unknown.
    """

    users: Rows
    history: Histories
    wanted: Histories
    unused: Histories
    genres: Rows
    moods: Rows
    sessions: Floats

    def __len__(self) -> int:
        return len(self.users)


class Sampler:
    """Draws samples from interactions.

    A listener's plays are cut at a random moment where they are dated, else at random: what comes
    before is known, what comes after is to be found. Plays of one moment are in random order.
    """

    def __init__(
        self,
        interactions: Interactions,
        items: ItemFeatures,
        snapshots: Snapshots,
        config: TwoTowerConfig,
    ) -> None:
        self._plays, self._snapshots, self._config = interactions, snapshots, config
        self._offsets = interactions.offsets.astype(np.int64)
        self._times = np.where(np.isnan(interactions.times), np.inf, interactions.times)
        self._genre_rows, self._mood_rows = items.genre_rows, items.mood_rows

    @property
    def listeners(self) -> Rows:
        """Users with something to know and something to find: two tracks, if anybody has two."""
        n_tracks = np.diff(self._offsets)
        enough = n_tracks >= min(2, n_tracks.max(initial=1))
        return np.flatnonzero(enough).astype(np.int32)

    def draw(self, users: Rows, rng: np.random.Generator) -> Samples:
        """The samples of some listeners.

        Args:
            users: shape (S,), each with a track at least.
            rng: draws where each listener's plays are cut, and which are left out.
        """
        places, starts, n_used, n_known = self._ordered(users, rng)
        owner = np.arange(len(users)).repeat(np.diff(starts))
        rank = np.arange(len(places)) - starts[owner]
        is_known = rank < n_known[owner]
        is_used = rank < n_used[owner]
        history = self._part(places, owner, is_known, len(users))
        first_wanted = self._times[places[starts[:-1] + n_known]]
        is_later = first_wanted >= self._snapshots.times[users]
        sessions = np.full((len(users), N_SESSION), np.nan, np.float32)
        sessions[is_later] = self._snapshots.sessions[users[is_later]]
        return Samples(
            users=users,
            history=history,
            wanted=self._part(places, owner, is_used & ~is_known, len(users)),
            unused=self._part(places, owner, ~is_used, len(users)),
            genres=preferences_of_each(history, self._genre_rows, MAX_PREFERRED_GENRES),
            moods=preferences_of_each(history, self._mood_rows, MAX_PREFERRED_MOODS),
            sessions=sessions,
        )

    def _ordered(
        self, users: Rows, rng: np.random.Generator
    ) -> tuple[Places, Places, Places, Places]:
        """The plays of the listeners, those to use first and oldest first, and how to cut them.

        Returns:
            places of plays; where each listener's begin; how many are used, how many are known.
        """
        config = self._config
        n_tracks = self._offsets[users + 1] - self._offsets[users]
        starts = np.concatenate([[0], np.cumsum(n_tracks)])
        owner = np.arange(len(users)).repeat(n_tracks)
        rank = np.arange(len(owner)) - starts[owner]
        places = self._offsets[users][owner] + rank
        chance = rng.random(len(places))
        is_unused = np.zeros(len(places), bool)
        is_unused[np.lexsort((chance, owner))] = rank >= config.max_history
        order = np.lexsort((chance, self._times[places], is_unused, owner))
        n_used = np.minimum(n_tracks, config.max_history)
        share = rng.uniform(config.least_wanted, 1 - config.least_wanted, len(users))
        n_wanted = np.clip(np.rint(n_used * share), 1, np.maximum(n_used - 1, 1)).astype(np.int64)
        return places[order], starts, n_used, n_used - n_wanted

    def _part(self, places: Places, owner: Places, kept: Mask, n: int) -> Histories:
        offsets = np.searchsorted(owner[kept], np.arange(n + 1)).astype(np.int32)
        part = places[kept]
        return Histories(self._plays.items[part], self._plays.weights[part], offsets)
