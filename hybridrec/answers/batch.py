"""Questions of a batch job: many users, one length, one set of candidates."""

from collections.abc import Iterator, Mapping, Sequence

from hybridrec.answers.ask import Ask, kept_candidates
from hybridrec.answers.asker import asker_of
from hybridrec.answers.knowledge import Knowledge, Known
from hybridrec.schema.names import Rows
from hybridrec.schema.profile import Interaction
from hybridrec.schema.wire import Listener


def batch_asks(
    user_ids: Sequence[str],
    history: Mapping[str, tuple[Interaction, ...]],
    rows: Rows | None,
    k: int,
    knowledge: Knowledge,
) -> Iterator[Ask]:
    """One question per user; tracks already played are left out.

    Args:
        user_ids: whom to ask for.
        history: plays of users since training, or of users that training never saw.
        rows: the tracks to choose from; None for the whole catalogue.
        k: length of each answer.
        knowledge: of the bundle.
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
            explain=False,
        )
