"""What a listener's history and statements tell of their taste, looked up once a question."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hybridrec.answers.ask import Ask
from hybridrec.answers.asker import Asker
from hybridrec.answers.knowledge import NO_ROWS, Knowledge
from hybridrec.features.user import derived_preferences
from hybridrec.schema.names import MAX_PREFERRED_GENRES, Rows

N_TOP_ARTISTS = 20
"""Artists of the most plays that count as the listener's top ones."""


@dataclass(frozen=True, slots=True)
class Taste:
    """The taste of one listener.

    Attributes:
        history_genres: rows of the genres played most, each with its share of the history.
        stated_genres: rows of the genres that the listener stated.
        moods: rows of preferred moods, each with its share of the history, or 1 if stated.
        plays_by_artist: rows of the history by artist, newest first.
        top_artists: those of the most plays.
        near_plays: rows of the tracks that the nearest users of the training played, each as many
            times as such users did.
        fits_hour: whether the hour of the question is one in which the listener mostly listens,
            and sessions of theirs are known.
    """

    history_genres: Mapping[int, float]
    stated_genres: frozenset[int]
    moods: Mapping[int, float]
    plays_by_artist: Mapping[str, tuple[int, ...]]
    top_artists: frozenset[str]
    near_plays: Rows
    fits_hour: bool


def taste_of(ask: Ask, knowledge: Knowledge, near_users: Rows) -> Taste:
    """The taste of the listener who asks.

    Args:
        ask: the question.
        knowledge: of the bundle.
        near_users: rows of the users of the training who are nearest, -1 for none.
    """
    asker, genre_rows = ask.asker, knowledge.items.genre_rows
    played_most = derived_preferences(
        asker.history, asker.weights, genre_rows, MAX_PREFERRED_GENRES
    )
    by_artist, top = _artists(asker, knowledge)
    moods = _shares(asker, asker.moods, knowledge.items.mood_rows)
    return Taste(
        history_genres=_shares(asker, played_most, genre_rows),
        stated_genres=frozenset(asker.genres[asker.genres > 0].tolist())
        if asker.genres_stated
        else frozenset(),
        moods=dict.fromkeys(moods, 1.0) if asker.moods_stated else moods,
        plays_by_artist=by_artist,
        top_artists=top,
        near_plays=np.concatenate(
            [NO_ROWS, *(knowledge.histories.of(user)[0] for user in near_users.tolist())]
        ),
        fits_hour=_fits_hour(ask, knowledge),
    )


def _shares(asker: Asker, terms: Rows, term_rows: Rows) -> dict[int, float]:
    """Terms, each with its share of the history by interaction weight; 0 without a history."""
    total = max(float(asker.weights.sum()), 1e-9)
    of_history = term_rows[asker.history]  # (h, w)
    return {
        term: float(asker.weights[(of_history == term).any(axis=1)].sum()) / total
        for term in terms[terms > 0].tolist()
    }


def _artists(
    asker: Asker, knowledge: Knowledge
) -> tuple[dict[str, tuple[int, ...]], frozenset[str]]:
    names = knowledge.catalog.artists
    rows: dict[str, list[int]] = defaultdict(list)
    plays: Counter[str] = Counter()
    counts = np.exp(asker.weights - 1.0)  # undoes ``interaction_weight``
    for row, count in zip(asker.history[::-1].tolist(), counts[::-1].tolist(), strict=True):
        if names[row]:
            rows[names[row]].append(row)
            plays[names[row]] += count
    top = sorted(plays, key=lambda name: (-plays[name], name))[:N_TOP_ARTISTS]
    return {name: tuple(found) for name, found in rows.items()}, frozenset(top)


def _fits_hour(ask: Ask, knowledge: Knowledge) -> bool:
    asker = ask.asker
    if ask.hour is None or asker.user_row < 0 or np.isnan(asker.session).all():
        return False
    return bool(knowledge.listening_hours[asker.user_row, ask.hour])
