"""One question, resolved against the bundle: ids have become rows, and gaps are known as gaps."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hybridrec.answers.knowledge import NO_ROWS, Knowledge, Known
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
from hybridrec.schema.wire import InlineTrack, Listener, RecommendRequest, ScoresRequest, Session
from hybridrec.vocabulary import OUT_OF_VOCABULARY, TermVocabulary

MIN_RETRIEVED = 200
"""Tracks that each scorer retrieves at least; three times k if that is more."""
MIN_KEPT = 200
"""Fused candidates that a ranking chooses from at least; ten times k if that is more."""


@dataclass(frozen=True, slots=True, eq=False)
class Asker:
    """The listener of one question.

    Attributes:
        user_id: None for a stranger.
        user_row: -1 if the bundle does not know the user.
        history: shape (h,), the newest tracks that scorers see, and their weights.
        weights: shape (h,).
        played: every track that the listener is known to have played.
        genres: shape (MAX_PREFERRED_GENRES,), stated or derived from the history.
        moods: shape (MAX_PREFERRED_MOODS,).
        session: shape (18,), NaN if unknown.
        unknown_track_ids: ids in the request's history that the bundle does not hold.
    """

    user_id: str | None
    user_row: int
    history: Rows
    weights: Floats
    played: Rows
    genres: Rows
    moods: Rows
    session: Floats
    unknown_track_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Ask:
    """One question.

    Attributes:
        asker: who asks.
        rows: the bundle's tracks to choose from; None for the whole catalogue.
        cold_tracks: tracks to choose from that only the request knows.
        asked_ids: ids of the request's candidates, each once, in its order.
        exclude: tracks that retrieval leaves out.
        dropped: candidates of the request that were left out, by rule.
        unknown_track_ids: ids of the request that the bundle does not hold, each once.
        k: length of the answer.
        n_keep: fused candidates to keep.
        use_audio_prediction: whether predicted audio may be used.
        explain: whether reasons are wanted.
    """

    asker: Asker
    rows: Rows | None
    cold_tracks: tuple[InlineTrack, ...]
    asked_ids: tuple[str, ...]
    exclude: Rows
    dropped: dict[str, int]
    unknown_track_ids: tuple[str, ...]
    k: int
    n_keep: int
    use_audio_prediction: bool
    explain: bool


def asker_of(listener: Listener, known: Known, knowledge: Knowledge) -> Asker:
    """The listener, from what the bundle, the store and the request say, in this order of age."""
    user_row = -1 if known.is_erased else knowledge.users.row(listener.user_id)
    tracks = knowledge.catalog.tracks
    old_rows, old_weights = knowledge.histories.of(user_row)
    heard = [event for event in known.interactions if event.plays > 0]
    ids = [event.track_id for event in heard] + [play.track_id for play in listener.history]
    plays = [event.plays for event in heard] + [play.plays for play in listener.history]
    new_rows, new_plays = tracks.rows(ids), np.array(plays, np.float32)
    inside = new_rows >= 0
    played = np.concatenate([old_rows, new_rows[inside]])
    weights = np.concatenate([old_weights, interaction_weight(new_plays[inside])])
    history, history_weights = newest(played, weights)
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
        played=np.unique(played),
        genres=stated_genres
        if stated_genres.any()
        else derived_preferences(history, history_weights, items.genre_rows, MAX_PREFERRED_GENRES),
        moods=stated_moods
        if stated_moods.any()
        else derived_preferences(history, history_weights, items.mood_rows, MAX_PREFERRED_MOODS),
        session=_session(listener.session, user_row, knowledge),
        unknown_track_ids=tuple(
            play.track_id for play in listener.history if play.track_id not in tracks
        ),
    )


def recommend_ask(request: RecommendRequest, known: Known, knowledge: Knowledge) -> Ask:
    """The question of ``POST /v1/recommendations``; played tracks are left out unless wanted."""
    asker = asker_of(request, known, knowledge)
    exclude = NO_ROWS if request.include_played else asker.played
    ids, rows, cold = _candidates(request.candidates, knowledge)
    rows, dropped = kept_candidates(rows, exclude)
    return Ask(
        asker=asker,
        rows=rows,
        cold_tracks=cold,
        asked_ids=ids,
        exclude=exclude,
        dropped=dropped,
        unknown_track_ids=_unknown(ids, cold, asker, knowledge),
        k=request.k,
        n_keep=max(MIN_KEPT, 10 * request.k),
        use_audio_prediction=request.use_audio_prediction,
        explain=request.explain,
    )


def scores_ask(request: ScoresRequest, known: Known, knowledge: Knowledge) -> Ask:
    """The question of ``POST /v1/scores``: every candidate, nothing left out."""
    asker = asker_of(request, known, knowledge)
    ids, rows, cold = _candidates(request.candidates, knowledge)
    return Ask(
        asker=asker,
        rows=rows,
        cold_tracks=cold,
        asked_ids=ids,
        exclude=NO_ROWS,
        dropped={},
        unknown_track_ids=_unknown(ids, cold, asker, knowledge),
        k=len(ids),
        n_keep=len(ids),
        use_audio_prediction=request.use_audio_prediction,
        explain=False,
    )


def kept_candidates(rows: Rows | None, exclude: Rows) -> tuple[Rows | None, dict[str, int]]:
    """The candidates that were not played yet, and how many were."""
    if rows is None:
        return None, {}
    fresh = rows[~np.isin(rows, exclude)]
    return fresh, {"already_played": len(rows) - len(fresh)}


def _candidates(
    candidates: Sequence[str | InlineTrack] | None, knowledge: Knowledge
) -> tuple[tuple[str, ...], Rows | None, tuple[InlineTrack, ...]]:
    """The ids, each once; the bundle's rows among them; tracks that only the request knows."""
    if candidates is None:
        return (), None, ()
    tracks = knowledge.catalog.tracks
    described = {one if isinstance(one, str) else one.track_id: one for one in candidates}
    ids = tuple(described)
    rows = tracks.rows(ids)
    # an id may come as a text and as a track: what describes it counts
    inline = {one.track_id: one for one in candidates if not isinstance(one, str)}
    missing = [ids[place] for place in np.flatnonzero(rows < 0).tolist()]
    return ids, rows[rows >= 0], tuple(inline[name] for name in missing if name in inline)


def _unknown(
    ids: Sequence[str], cold: Sequence[InlineTrack], asker: Asker, knowledge: Knowledge
) -> tuple[str, ...]:
    """Ids of the request that neither the bundle nor the request itself describes."""
    described = {track.track_id for track in cold}
    missing = np.flatnonzero(knowledge.catalog.tracks.rows(ids) < 0).tolist()
    unknown = [ids[place] for place in missing if ids[place] not in described]
    return tuple(dict.fromkeys((*unknown, *asker.unknown_track_ids)))


def _stated(names: Sequence[str], terms: TermVocabulary, width: int) -> Rows:
    """Rows of the terms that the bundle knows; nothing was learnt of a taste for the others."""
    known = [name for name in names if terms.row(name) != OUT_OF_VOCABULARY]
    padded: Rows = terms.padded([known], width)[0]
    return padded


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
