"""Stages with scores by table between the two halves of the desk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from hybridrec.answers.desk import Desk
from hybridrec.answers.knowledge import Known
from hybridrec.answers.plan import Plan, Scored
from hybridrec.fusion.confidence import ConfidenceWeighted
from hybridrec.schema.answers import RecommendResponse, ScoresResponse, StageReport
from hybridrec.schema.records import AudioFeatures
from hybridrec.schema.scores import ScoreBatch
from hybridrec.schema.wire import RecommendRequest, ScoresRequest
from hybridrec.testing import FakeScorer, uncalibrated

OK = StageReport(status="ok")
STAGES = ("nmf_scorer", "two_tower_scorer", "audio_predictor", "meta_fusion")


@dataclass(frozen=True, slots=True)
class Stages:
    """Two scorers that give each row the score of a table, to known users alone."""

    cf: Mapping[int, float]
    content: Mapping[int, float]
    reports: Mapping[str, StageReport] = field(default_factory=dict)

    def scored(self, planned: Plan) -> Scored:
        cf = FakeScorer("cf", self.cf)
        content = FakeScorer("content", self.content)
        cold_audio = AudioFeatures.measured(planned.queries.cold_items.audio)
        said = self._said(cf, planned), self._said(content, planned)
        stages = dict.fromkeys(
            ("nmf_scorer", "two_tower_scorer", "audio_predictor", "meta_fusion"), OK
        )
        return Scored(
            *said,
            cold_audio,
            uncalibrated(ConfidenceWeighted(prior=0.5)).fuse(planned.queries, *said, cold_audio),
            stages | dict(self.reports),
        )

    def _said(self, scorer: FakeScorer, planned: Plan) -> ScoreBatch:
        stage = "nmf_scorer" if scorer.name == "cf" else "two_tower_scorer"
        if self.reports.get(stage, OK).status != "ok":
            return ScoreBatch.absent(scorer.name, planned.queries)
        return scorer.score(planned.queries)

    def recommend(
        self, desk: Desk, *requests: RecommendRequest, known: Sequence[Known] | None = None
    ) -> list[RecommendResponse]:
        said_of = known or [Known.nothing()] * len(requests)
        planned = desk.plan(requests, said_of, np.inf)
        if planned.needs_retrieval:
            found = [
                FakeScorer("", _of_bundle(table, desk)).retrieve(planned.queries)
                for table in (self.cf, self.content)
            ]
            planned = desk.fill(planned, found[0], found[1])
        names = [f"r{place}" for place in range(len(requests))]
        return desk.recommendations(planned, self.scored(planned), names)

    def score(self, desk: Desk, *requests: ScoresRequest) -> list[ScoresResponse]:
        planned = desk.plan(requests, [Known.nothing()] * len(requests), np.inf)
        names = [f"r{place}" for place in range(len(requests))]
        return desk.scores(planned, self.scored(planned), names)


def _of_bundle(table: Mapping[int, float], desk: Desk) -> Mapping[int, float]:
    """Without cold rows: nothing that a request alone knows can be retrieved."""
    n_items = len(desk.knowledge.catalog)
    return {row: score for row, score in table.items() if row < n_items}
