"""One question, resolved against the bundle: ids have become rows, and gaps are known as gaps."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hybridrec.answers.asker import Asker, asker_of
from hybridrec.answers.knowledge import NO_ROWS, Knowledge, Known
from hybridrec.schema.names import FusionName, Rows
from hybridrec.schema.wire import InlineTrack, RecommendRequest, ScoresRequest

MIN_RETRIEVED = 200
"""Tracks that each scorer retrieves at least; three times k if that is more."""
MIN_KEPT = 200
"""Fused candidates that a ranking chooses from at least; ten times k if that is more."""


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
        fusion: how both sources are merged.
        explain: whether reasons are wanted.
        hour: of the day at the listener's, in UTC; None if it is not told.
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
    fusion: FusionName
    explain: bool
    hour: int | None = None


def recommend_ask(
    request: RecommendRequest, known: Known, knowledge: Knowledge, fusion: FusionName
) -> Ask:
    """The question of ``POST /v1/recommendations``; played tracks are left out unless wanted.

    Args:
        request: what is asked.
        known: what the profile store says of the listener.
        knowledge: of the bundle.
        fusion: merges the sources where the request does not say how.
    """
    asker = asker_of(request, known, knowledge)
    exclude = NO_ROWS if request.include_played else asker.played
    played_ids = frozenset() if request.include_played else asker.played_elsewhere
    ids, rows, cold = _candidates(request.candidates, knowledge)
    rows, dropped = kept_candidates(rows, exclude)
    new = tuple(track for track in cold if track.track_id not in played_ids)
    if len(new) < len(cold):
        dropped["already_played"] += len(cold) - len(new)
    return Ask(
        asker=asker,
        rows=rows,
        cold_tracks=new,
        asked_ids=ids,
        exclude=exclude,
        dropped=dropped,
        unknown_track_ids=_unknown(ids, cold, asker, knowledge),
        k=request.k,
        n_keep=max(MIN_KEPT, 10 * request.k),
        use_audio_prediction=request.use_audio_prediction,
        fusion=request.fusion or fusion,
        explain=request.explain,
        hour=request.context.hour if request.context else None,
    )


def scores_ask(
    request: ScoresRequest, known: Known, knowledge: Knowledge, fusion: FusionName
) -> Ask:
    """The question of ``POST /v1/scores``: every candidate, nothing left out.

    The arguments are those of ``recommend_ask``.
    """
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
        fusion=request.fusion or fusion,
        explain=False,
    )


def about(request: RecommendRequest, track_id: str) -> RecommendRequest:
    """The same request about one track, which is to be explained whether it was played or not."""
    described: list[str | InlineTrack] = [
        one
        for one in request.candidates or ()
        if isinstance(one, InlineTrack) and one.track_id == track_id
    ]
    only = {"candidates": described or [track_id], "k": 1}
    return request.model_copy(update=only | {"include_played": True, "explain": True})


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
    named = (one if isinstance(one, str) else one.track_id for one in candidates)
    ids = tuple(dict.fromkeys(named))
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
