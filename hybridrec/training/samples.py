"""Samples for the towers: a play, what else the user is known for, and when."""

from dataclasses import dataclass

import numpy as np

from hybridrec.schema.names import (
    MAX_PREFERRED_GENRES,
    MAX_PREFERRED_MOODS,
    Floats,
    Rows,
)
from hybridrec.schema.records import N_SESSION, ItemFeatures
from hybridrec.training.config import TwoTowerConfig
from hybridrec.training.data import Interactions, Times
from hybridrec.vocabulary import N_RESERVED

LEAST_MASS = 1e-3
"""What is left of a sum of weights below this is rounding, not taste."""


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
    """One step's plays with the user's side of each.

    Attributes:
        users: shape (S,).
        items: shape (S,), the tracks played.
        history: shape (S, L), other tracks of the user, -1 is padding.
        weights: shape (S, L), interaction weights over their sum, 0 for padding.
        genres: shape (S, MAX_PREFERRED_GENRES).
        moods: shape (S, MAX_PREFERRED_MOODS).
        sessions: shape (S, 18), NaN if unknown.
    """

    users: Rows
    items: Rows
    history: Rows
    weights: Floats
    genres: Rows
    moods: Rows
    sessions: Floats


class Sampler:
    """Draws samples from interactions.

    Where plays are dated, a sample's history is what came before it; else all the user's others.
    """

    def __init__(
        self,
        interactions: Interactions,
        items: ItemFeatures,
        snapshots: Snapshots,
        config: TwoTowerConfig,
    ) -> None:
        self._plays, self._snapshots, self._config = interactions, snapshots, config
        self._offsets = interactions.offsets
        self._genres = _TermMass(interactions, items.genre_rows)
        self._moods = _TermMass(interactions, items.mood_rows)

    def draw(
        self, places: np.ndarray[tuple[int], np.dtype[np.int64]], rng: np.random.Generator
    ) -> Samples:
        """The samples of some plays.

        Args:
            places: shape (S,), into the interactions.
            rng: draws which part of a long history is used.
        """
        plays = self._plays
        users, items = plays.users[places], plays.items[places]
        history, weights = self._histories(places, rng)
        undated = np.isnan(plays.times[places])
        fresh = plays.times[places] >= self._snapshots.times[users]
        sessions = np.full((len(places), N_SESSION), np.nan, np.float32)
        sessions[fresh | undated] = self._snapshots.sessions[users][fresh | undated]
        return Samples(
            users=users,
            items=items,
            history=history,
            weights=weights,
            genres=self._genres.preferred(places, MAX_PREFERRED_GENRES),
            moods=self._moods.preferred(places, MAX_PREFERRED_MOODS),
            sessions=sessions,
        )

    def _histories(
        self, places: np.ndarray[tuple[int], np.dtype[np.int64]], rng: np.random.Generator
    ) -> tuple[Rows, Floats]:
        width = self._config.max_history
        history = np.full((len(places), width), -1, np.int32)
        weights = np.zeros((len(places), width), np.float32)
        for sample, place in enumerate(places):
            user = self._plays.users[place]
            first, last = self._offsets[user], self._offsets[user + 1]
            if not np.isnan(self._plays.times[place]):
                last = place
            others = np.arange(first, last)
            others = others[others != place]
            if len(others) > width:
                others = rng.choice(others, width, replace=False)
            history[sample, : len(others)] = self._plays.items[others]
            weights[sample, : len(others)] = self._plays.weights[others]
        total = np.maximum(weights.sum(axis=1, keepdims=True), 1e-9)
        return history, (weights / total).astype(np.float32)


class _TermMass:
    """How much of a user's plays falls on each genre (or mood)."""

    def __init__(self, interactions: Interactions, term_rows: Rows) -> None:
        self._plays, self._terms = interactions, term_rows
        n_terms = max(int(term_rows.max(initial=0)) + 1, N_RESERVED + 1)
        self._mass = np.zeros((interactions.n_users, n_terms), np.float32)
        terms = term_rows[interactions.items]  # (P, w)
        users = interactions.users[:, None].repeat(terms.shape[1], axis=1)
        weights = interactions.weights[:, None].repeat(terms.shape[1], axis=1)
        np.add.at(self._mass, (users, terms), weights)
        self._mass[:, :N_RESERVED] = 0.0

    def preferred(self, places: np.ndarray[tuple[int], np.dtype[np.int64]], width: int) -> Rows:
        """The terms that the user's other plays are full of, heaviest first; 0 is padding."""
        users, items = self._plays.users[places], self._plays.items[places]
        mass = self._mass[users]  # a copy
        terms = self._terms[items]
        sample = np.arange(len(places))[:, None].repeat(terms.shape[1], axis=1)
        own = self._plays.weights[places][:, None].repeat(terms.shape[1], axis=1)
        np.subtract.at(mass, (sample, terms), own)
        mass[:, :N_RESERVED] = 0.0
        best = np.argsort(-mass, axis=1, kind="stable")[:, :width]
        strong = np.take_along_axis(mass, best, axis=1) > LEAST_MASS
        preferred = np.zeros((len(places), width), np.int32)
        preferred[:, : best.shape[1]] = np.where(strong, best, 0)
        return preferred
