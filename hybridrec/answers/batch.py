"""Questions of a batch job, many users, one length, one set of candidates; and their answers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from hybridrec.answers.ask import Ask, kept_candidates
from hybridrec.answers.asker import asker_of
from hybridrec.answers.knowledge import Knowledge, Known
from hybridrec.schema.names import META_LEARNING, Floats, FusionName, Rows
from hybridrec.schema.profile import Interaction
from hybridrec.schema.wire import Listener


@dataclass(frozen=True, slots=True, eq=False)
class RankedTracks:
    """The answer to one question of a batch job.

    Attributes:
        user_id: whose list it is.
        track_ids: best first.
        scores: shape (k,), NaN if unknown.
        confidence: shape (k,), in [0, 1].
    """

    user_id: str | None
    track_ids: tuple[str, ...]
    scores: Floats
    confidence: Floats


def plays_by_user(table: pl.DataFrame) -> dict[str, tuple[Interaction, ...]]:
    """What a canonical table of interactions tells of each user, oldest first where dated."""
    ordered = table.sort("timestamp", maintain_order=True)
    plays: dict[str, list[Interaction]] = {}
    for user_id, track_id, n_plays, event in ordered.select(
        "user_id", "track_id", "plays", "event"
    ).iter_rows():
        plays.setdefault(user_id, []).append(Interaction(user_id, track_id, n_plays, event))
    return {user_id: tuple(found) for user_id, found in plays.items()}


def batch_asks(
    user_ids: Sequence[str],
    history: Mapping[str, tuple[Interaction, ...]],
    rows: Rows | None,
    k: int,
    knowledge: Knowledge,
    fusion: FusionName = META_LEARNING,
) -> Iterator[Ask]:
    """One question per user; tracks already played are left out.

    Args:
        user_ids: whom to ask for.
        history: plays of users since training, or of users that training never saw.
        rows: the tracks to choose from; None for the whole catalogue.
        k: length of each answer.
        knowledge: of the bundle.
        fusion: merges both sources.
    """
    for user_id in user_ids:
        listener = Listener.model_construct(user_id=user_id)
        asker = asker_of(listener, Known(interactions=history.get(user_id, ())), knowledge)
        fresh, dropped = kept_candidates(rows, asker.played)
        yield Ask(
            asker=asker,
            rows=fresh,
            cold_tracks=(),
            asked_ids=(),
            exclude=asker.played,
            dropped=dropped,
            unknown_track_ids=(),
            k=k,
            n_keep=k,
            use_audio_prediction=True,
            fusion=fusion,
            explain=False,
        )
