"""Who asks: what the bundle, the store and the request know of a listener."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hybridrec.answers.knowledge import Knowledge, Known
from hybridrec.features.user import derived_preferences
from hybridrec.histories import interaction_weight, newest
from hybridrec.schema.names import (
    MAX_PREFERRED_GENRES,
    MAX_PREFERRED_MOODS,
    SESSION_FEATURES,
    Floats,
    Rows,
)
from hybridrec.schema.records import N_SESSION
from hybridrec.schema.wire import Listener, Session
from hybridrec.vocabulary import OUT_OF_VOCABULARY, TermVocabulary

_PRAISE = ("like", "save")


@dataclass(frozen=True, slots=True, eq=False)
class Asker:
    """The listener of one question.

    Attributes:
        user_id: None for a stranger.
        user_row: -1 if the bundle does not know the user.
        history: shape (h,), the newest tracks that scorers see, none of them disliked, and their
            weights.
        weights: shape (h,).
        played: every track that the listener is known to have played, and every disliked one.
        genres: shape (MAX_PREFERRED_GENRES,), stated or derived from the history.
        moods: shape (MAX_PREFERRED_MOODS,).
        genres_stated: whether the genres were stated.
        moods_stated: whether the moods were.
        idle_days: days from the newest play to the data's cut-off, 0 if store or request tell of a
            play, NaN if unknown.
        session: shape (18,), NaN if unknown.
        played_elsewhere: ids of played and disliked tracks that the bundle does not hold, as store
            and request tell of them.
        unknown_track_ids: ids in the request's history that the bundle does not hold.
        unknown_preferences: stated genres, then moods, that the bundle does not know, each once.
    """

    user_id: str | None
    user_row: int
    history: Rows
    weights: Floats
    played: Rows
    genres: Rows
    moods: Rows
    genres_stated: bool
    moods_stated: bool
    idle_days: float
    session: Floats
    played_elsewhere: frozenset[str]
    unknown_track_ids: tuple[str, ...]
    unknown_preferences: tuple[str, ...]


def asker_of(listener: Listener, known: Known, knowledge: Knowledge) -> Asker:
    """The listener, from what the bundle, the store and the request say, in this order of age."""
    user_row = -1 if known.is_erased else knowledge.users.row(listener.user_id)
    tracks = knowledge.catalog.tracks
    old_rows, old_weights = knowledge.histories.of(user_row)
    heard = [one for one in known.interactions if one.plays > 0]
    ids = [one.track_id for one in heard] + [play.track_id for play in listener.history]
    plays = [one.plays for one in heard] + [play.plays for play in listener.history]
    new_rows, new_plays = tracks.rows(ids), np.array(plays, np.float32)
    inside = new_rows >= 0
    played = np.concatenate([old_rows, new_rows[inside]])
    weights = np.concatenate([old_weights, interaction_weight(new_plays[inside])])
    disliked = _disliked(known)
    rejected = tracks.rows(disliked)
    is_liked = ~np.isin(played, rejected)
    history, history_weights = newest(played[is_liked], weights[is_liked])
    profile = known.profile
    genres = listener.preferred_genres or (profile.preferred_genres if profile else ())
    moods = listener.preferred_moods or (profile.preferred_moods if profile else ())
    items, encoder = knowledge.items, knowledge.encoder
    stated_genres = _stated(genres, encoder.genres, MAX_PREFERRED_GENRES)
    stated_moods = _stated(moods, encoder.moods, MAX_PREFERRED_MOODS)
    return Asker(
        user_id=listener.user_id,
        user_row=user_row,
        history=history,
        weights=history_weights,
        played=np.unique(np.concatenate([played, rejected[rejected >= 0]])),
        genres=stated_genres
        if stated_genres.any()
        else derived_preferences(history, history_weights, items.genre_rows, MAX_PREFERRED_GENRES),
        moods=stated_moods
        if stated_moods.any()
        else derived_preferences(history, history_weights, items.mood_rows, MAX_PREFERRED_MOODS),
        genres_stated=bool(stated_genres.any()),
        moods_stated=bool(stated_moods.any()),
        idle_days=_idle_days(user_row, knowledge, has_news=bool(inside.any())),
        session=_session(listener.session, user_row, knowledge),
        played_elsewhere=frozenset(name for name in (*ids, *disliked) if name not in tracks),
        unknown_track_ids=tuple(
            play.track_id for play in listener.history if play.track_id not in tracks
        ),
        unknown_preferences=tuple(
            dict.fromkeys(_unknown(genres, encoder.genres) + _unknown(moods, encoder.moods))
        ),
    )


def _disliked(known: Known) -> tuple[str, ...]:
    """Ids of disliked tracks, whose plays speak for nothing; a later like or save takes it back."""
    verdicts = {
        one.track_id: one.event for one in known.interactions if one.event in ("dislike", *_PRAISE)
    }
    return tuple(name for name, event in verdicts.items() if event == "dislike")


def _stated(names: Sequence[str], terms: TermVocabulary, width: int) -> Rows:
    """Rows of the terms that the bundle knows; nothing was learnt of a taste for the others."""
    unknown = _unknown(names, terms)
    padded: Rows = terms.padded([[name for name in names if name not in unknown]], width)[0]
    return padded


def _unknown(names: Sequence[str], terms: TermVocabulary) -> list[str]:
    return [name for name in names if terms.row(name) == OUT_OF_VOCABULARY]


def _idle_days(user_row: int, knowledge: Knowledge, *, has_news: bool) -> float:
    """Days since the newest play, as of the data's cut-off: what came after it is new."""
    if has_news:
        return 0.0
    return float(knowledge.idle_days[user_row]) if user_row >= 0 else float("nan")


def _session(session: Session | None, user_row: int, knowledge: Knowledge) -> Floats:
    """What the request says of the session, else what the data's cut-off left of it."""
    if session is None:
        unknown = np.full(N_SESSION, np.nan, np.float32)
        return knowledge.sessions[user_row] if user_row >= 0 else unknown
    said = session.model_dump(exclude={"user_type"})
    if session.user_type is not None:
        said["is_explorer"] = float(session.user_type == "explorer")
        said["is_loyalist"] = float(session.user_type == "loyalist")
    values = [said.get(name) for name in SESSION_FEATURES]
    return np.array([np.nan if value is None else value for value in values], np.float32)
