"""Users of the stack as a service would know them if it knew less."""

from dataclasses import dataclass, replace

import numpy as np

from hybridrec.answers.asker import Asker
from hybridrec.features.user import derived_preferences
from hybridrec.models.genres import NEW_LISTENER_PLAYS
from hybridrec.models.groups import MANY_PLAYS
from hybridrec.schema.names import MAX_PREFERRED_GENRES, MAX_PREFERRED_MOODS, Floats, Rows
from hybridrec.schema.records import ItemFeatures
from hybridrec.vocabulary import PADDING

N_PLAYS_OF_STRANGERS = (
    (0, 0),
    (1, NEW_LISTENER_PLAYS - 1),
    (NEW_LISTENER_PLAYS, MANY_PLAYS - 1),
    (MANY_PLAYS, 4 * MANY_PLAYS),
)
"""The fewest and the most plays that each kind of stranger has; fewer if there are not so many."""


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


def stranger(asker: Asker, n_plays: int, taste: Taste, rng: np.random.Generator) -> Asker:
    """The same listener with some plays, or with some preferences and no play at all.

    Half of those with plays state some preferences too: genres, moods or both. Of whom nothing can
    be stated, a play is known. Dates and session are not.

    What was played is still left out of the candidates: it is neither liked nor disliked next.

    Args:
        asker: with all that is known.
        n_plays: that are left, if there are so many.
        taste: tells preferences from plays.
        rng: draws the plays and the preferences.
    """
    states = n_plays == 0 or bool(rng.random() < 1 / 2)
    stated = int(rng.integers(1, 4)) if states else 0  # 1 genres, 2 moods, 3 both
    genres = _foremost(asker.genres, rng) if stated & 1 else np.zeros_like(asker.genres)
    moods = _foremost(asker.moods, rng) if stated & 2 else np.zeros_like(asker.moods)
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


def _foremost(terms: Rows, rng: np.random.Generator) -> Rows:
    """The first one, two or more of the terms, heaviest first; 0 pads."""
    n_known = int((terms > PADDING).sum())
    n_kept = int(rng.integers(1, n_known + 1)) if n_known else 0
    return np.where(np.arange(len(terms)) < n_kept, terms, PADDING).astype(np.int32)
