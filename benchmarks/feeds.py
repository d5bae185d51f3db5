"""What the networks of a bundle are fed when one user asks for the scores of some tracks."""

from dataclasses import dataclass

from hybridrec.answers.ask import scores_ask
from hybridrec.answers.desk import Desk
from hybridrec.answers.explainer import Explainer
from hybridrec.answers.knowledge import Known
from hybridrec.answers.plan import Plan, Scored
from hybridrec.features.item import tower_inputs
from hybridrec.features.leakage import intrinsic_inputs
from hybridrec.features.user import history_pool
from hybridrec.hybrid import NO_DEADLINE, HybridModel
from hybridrec.models.onnx import Feed
from hybridrec.models.two_tower import tower_user_rows
from hybridrec.schema.names import META_LEARNING
from hybridrec.schema.wire import InlineTrack, ScoresRequest


@dataclass(frozen=True, slots=True, eq=False)
class Feeds:
    """One row for the user, one for each candidate."""

    user: Feed
    items: Feed
    metadata: Feed
    fusion: Feed

    @classmethod
    def of(cls, model: HybridModel, planned: Plan, scored: Scored) -> "Feeds":
        """The feeds of a plan of one query and no cold items."""
        queries, knowledge, content = planned.queries, model.knowledge, model.content
        rows = queries.candidate_rows
        session, session_known = content.sessions.transform(queries.session)
        items, audio = knowledge.items.take(rows), knowledge.audio.take(rows)
        fusion = model.fusions.meta_learning.merger.features.inputs(
            queries, scored.cf, scored.content, scored.cold_audio
        )
        return cls(
            user={
                "user_rows": tower_user_rows(queries.user_rows),
                "history_pool": history_pool(content.items.embeddings, *queries.history(0))[None],
                "genre_rows": queries.genre_rows,
                "mood_rows": queries.mood_rows,
                "session": session,
                "session_known": session_known,
            },
            items=tower_inputs(items, audio),
            metadata=intrinsic_inputs(items),
            fusion=fusion.feed(),
        )


def plan_of(model: HybridModel, n_candidates: int) -> tuple[ScoresRequest, Plan]:
    """A request of the first user for the first tracks, and its plan."""
    ids: list[str | InlineTrack] = list(model.knowledge.catalog.tracks.ids[:n_candidates])
    request = ScoresRequest(user_id=model.knowledge.users.ids[0], candidates=ids)
    explainer = Explainer(model.explanations, model.fusions.meta_learning.interval.widest)
    desk = Desk(model.knowledge, model.ranking, explainer)
    ask = scores_ask(request, Known.nothing(), model.knowledge, META_LEARNING)
    return request, desk.plan_asks([ask], NO_DEADLINE)
