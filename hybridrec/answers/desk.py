"""Where requests become plans, and scored plans become answers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hybridrec.answers import plan as planning
from hybridrec.answers.ask import Ask, recommend_ask, scores_ask
from hybridrec.answers.explainer import Explainer
from hybridrec.answers.knowledge import Knowledge, Known
from hybridrec.answers.plan import Plan, Scored
from hybridrec.answers.present import QueryView, numbers, scored_items, views
from hybridrec.ranking.filters import Selection, select
from hybridrec.ranking.rules import Choice, RankingConfig, rules_of
from hybridrec.schema.answers import (
    AnswerMetadata,
    RecommendedItem,
    RecommendResponse,
    ScoresResponse,
)
from hybridrec.schema.names import FUSIONS, META_LEARNING, SESSION_FEATURES, FusionName
from hybridrec.schema.scores import Retrieved
from hybridrec.schema.wire import Context, RecommendRequest, ScoresRequest

LOST = ("late", "failed")


@dataclass(frozen=True, slots=True, eq=False)
class Desk:
    """Takes requests in and gives answers out; the stages work in between.

    Attributes:
        knowledge: of the bundle.
        ranking: the rules of what is shown.
        explainer: says why.
        fusion: merges both sources where a request does not say how.
    """

    knowledge: Knowledge
    ranking: RankingConfig
    explainer: Explainer
    fusion: FusionName = META_LEARNING

    def plan(
        self,
        requests: Sequence[RecommendRequest | ScoresRequest],
        known: Sequence[Known],
        deadline: float,
    ) -> Plan:
        """The queries of some requests.

        Args:
            requests: at least one.
            known: what the profile store says of each listener.
            deadline: absolute Unix seconds, inf for none.
        """
        asks = [
            recommend_ask(request, one, self.knowledge, self.fusion)
            if isinstance(request, RecommendRequest)
            else scores_ask(request, one, self.knowledge, self.fusion)
            for request, one in zip(requests, known, strict=True)
        ]
        return self.plan_asks(asks, deadline)

    def plan_asks(self, asks: Sequence[Ask], deadline: float) -> Plan:
        """The queries of some questions."""
        return planning.plan(asks, self.knowledge, deadline)

    def fill(self, planned: Plan, cf: Retrieved, content: Retrieved) -> Plan:
        """The plan with a pool for each query that brought no candidates."""
        return planning.fill(planned, (cf, content), self.knowledge)

    def recommendations(
        self, planned: Plan, scored: Scored, request_ids: Sequence[str]
    ) -> list[RecommendResponse]:
        """One answer per request."""
        return [
            self._recommendation(view, request_id)
            for view, request_id in zip(
                views(planned, scored, self.knowledge), request_ids, strict=True
            )
        ]

    def scores(
        self, planned: Plan, scored: Scored, request_ids: Sequence[str]
    ) -> list[ScoresResponse]:
        """One answer per request, candidates in its order."""
        return [
            ScoresResponse(
                request_id=request_id,
                bundle_version=self.knowledge.version,
                items=scored_items(view),
                degraded=degraded(scored),
                stages=scored.stages,
                unknown_track_ids=list(view.ask.unknown_track_ids),
                unknown_preferences=list(view.ask.asker.unknown_preferences),
            )
            for view, request_id in zip(
                views(planned, scored, self.knowledge), request_ids, strict=True
            )
        ]

    def select(self, view: QueryView, ranking: RankingConfig) -> Selection:
        """The candidates of one query that are shown, as places of its view, best first."""
        fused = view.scored.fused
        tracks = [view.track(place) for place in range(len(view.rows))]
        choice = Choice(
            scores=fused.scores[view.part],
            source_confidence=fused.source_confidence[view.part],
            artists=[track.artist for track in tracks],
            genres=[track.genres for track in tracks],
        )
        return select(choice, rules_of(ranking, view.ask.k), view.ask.k)

    def _recommendation(self, view: QueryView, request_id: str) -> RecommendResponse:
        selection = self.select(view, self.ranking)
        places = selection.places.tolist()
        items = [
            RecommendedItem.model_construct(
                **vars(item),
                rank=rank,
                reasons=said.reasons,
                notes=said.notes,
                explanation=said.sentence,
            )
            for rank, (item, said) in enumerate(
                zip(view.items(places), self.explainer.explained(view, places), strict=True),
                start=1,
            )
        ]
        return RecommendResponse(
            request_id=request_id,
            bundle_version=self.knowledge.version,
            items=items,
            degraded=degraded(view.scored),
            stages=view.scored.stages,
            metadata=self._metadata(view, selection),
        )

    def _metadata(self, view: QueryView, selection: Selection) -> AnswerMetadata:
        asker, fused = view.ask.asker, view.scored.fused
        offsets = view.planned.queries.offsets
        query = view.query
        scores = fused.scores[view.part]
        knows_nothing = len(scores) > 0 and bool(np.isnan(scores).all())
        return AnswerMetadata(
            user_id=asker.user_id,
            user_known=asker.user_row >= 0,
            context=Context(hour=view.ask.hour),
            session_features=dict(zip(SESSION_FEATURES, numbers(asker.session), strict=True)),
            generation_method="popularity"
            if knows_nothing
            else f"hybrid_{FUSIONS[fused.fusion[query]]}",
            total_candidates_considered=int(offsets[query + 1] - offsets[query]),
            dropped=view.ask.dropped | selection.dropped,
            relaxed=list(selection.relaxed),
            unknown_track_ids=list(view.ask.unknown_track_ids),
            unknown_preferences=list(asker.unknown_preferences),
        )


def degraded(scored: Scored) -> list[str]:
    """Stages that were needed and lost."""
    return [name for name, report in scored.stages.items() if report.status in LOST]
