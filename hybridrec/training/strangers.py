"""Users of the stack as a service would know them if it knew less."""

from dataclasses import dataclass, replace
from enum import Flag

import numpy as np

from hybridrec.answers.asker import Asker
from hybridrec.features.user import derived_preferences
from hybridrec.models.genres import NEW_LISTENER_PLAYS
from hybridrec.models.groups import MANY_PLAYS
from hybridrec.schema.names import MAX_PREFERRED_GENRES, MAX_PREFERRED_MOODS, Floats, Rows
from hybridrec.schema.records import ItemFeatures
from hybridrec.vocabulary import PADDING

ALL_PLAYS = 2**31 - 2
"""As many plays as there are."""


class Stated(Flag):
    """Which preferences a stranger states."""

    GENRES = 1
    MOODS = 2
    BOTH = 3


@dataclass(frozen=True, slots=True)
class Stranger:
    """What is known of a kind of stranger.

    Attributes:
        fewest: plays that such a stranger has, if there are so many.
        most: plays likewise.
        stated: preferences; None if half of such strangers state some.
    """

    fewest: int
    most: int
    stated: Stated | None = None


STRANGERS = (
    Stranger(0, 0, Stated.GENRES),
    Stranger(0, 0, Stated.MOODS),
    Stranger(0, 0, Stated.BOTH),
    Stranger(1, NEW_LISTENER_PLAYS - 1),
    Stranger(NEW_LISTENER_PLAYS, MANY_PLAYS - 1),
    Stranger(MANY_PLAYS, 4 * MANY_PLAYS),
    Stranger(ALL_PLAYS, ALL_PLAYS),
)
"""The kinds of stranger whom the stack asks for; of the last nothing is left out but dates."""


@dataclass(frozen=True, slots=True, eq=False)
class Taste:
    """The genres and moods that plays are full of, heaviest first.

    Attributes:
        items: the tracks.
    """

    items: ItemFeatures

    def genres(self, history: Rows, weights: Floats) -> Rows:
        """Shape (MAX_PREFERRED_GENRES,), 0 pads; arguments as of ``derived_preferences``."""
        terms = self.items.genre_rows
        return derived_preferences(history, weights, terms, MAX_PREFERRED_GENRES)

    def moods(self, history: Rows, weights: Floats) -> Rows:
        """Shape (MAX_PREFERRED_MOODS,), 0 pads; arguments as of ``derived_preferences``."""
        terms = self.items.mood_rows
        return derived_preferences(history, weights, terms, MAX_PREFERRED_MOODS)


def as_stranger(asker: Asker, kind: Stranger, taste: Taste, rng: np.random.Generator) -> Asker:
    """The same listener with some plays, or with some preferences and no play at all.

    Of whom nothing can be stated, a play is known. Dates and session are not.

    What was played is still left out of the candidates: it is neither liked nor disliked next.

    Args:
        asker: with all that is known.
        kind: what is left of it.
        taste: tells preferences from plays.
        rng: draws the plays and the preferences.
    """
    n_plays = int(rng.integers(kind.fewest, kind.most + 1))
    stated = _some(rng) if kind.stated is None else kind.stated
    of_genres, of_moods = Stated.GENRES in stated, Stated.MOODS in stated
    genres = _foremost(asker.genres, rng) if of_genres else np.zeros_like(asker.genres)
    moods = _foremost(asker.moods, rng) if of_moods else np.zeros_like(asker.moods)
    states_genres, states_moods = bool(genres.any()), bool(moods.any())
    if not states_genres and not states_moods:
        n_plays = max(n_plays, 1)
    kept = np.sort(rng.permutation(len(asker.history))[:n_plays])
    history, weights = asker.history[kept], asker.weights[kept]
    return replace(
        asker,
        history=history,
        weights=weights,
        genres=genres if states_genres else taste.genres(history, weights),
        moods=moods if states_moods else taste.moods(history, weights),
        genres_stated=states_genres,
        moods_stated=states_moods,
        idle_days=float("nan"),
        session=np.full_like(asker.session, np.nan),
    )


def in_part(session: Floats, rng: np.random.Generator) -> Floats:
    """A session as a request may tell it: nothing in half of the cases, else each feature or not.

    Args:
        session: shape (18,), NaN if unknown.
        rng: draws what is told.
    """
    told = (rng.random(len(session)) < 1 / 2) & (rng.random() < 1 / 2)
    return np.where(told, session, np.float32(np.nan))


def _some(rng: np.random.Generator) -> Stated:
    """Nothing in half of the cases, else genres, moods or both."""
    return Stated(int(rng.integers(1, 4)) if rng.random() < 1 / 2 else 0)


def _foremost(terms: Rows, rng: np.random.Generator) -> Rows:
    """The first one, two or more of the terms, heaviest first; 0 pads."""
    n_known = int((terms > PADDING).sum())
    n_kept = int(rng.integers(1, n_known + 1)) if n_known else 0
    return np.where(np.arange(len(terms)) < n_kept, terms, PADDING).astype(np.int32)
