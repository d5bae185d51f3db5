"""All stages in one process, with no server: for evaluation, batch jobs, tests and notebooks."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from hybridrec.answers.ask import Ask, about
from hybridrec.answers.batch import RankedTracks
from hybridrec.answers.desk import Desk
from hybridrec.answers.explainer import Explainer
from hybridrec.answers.knowledge import Knowledge, Known
from hybridrec.answers.plan import Plan, Scored
from hybridrec.answers.present import views
from hybridrec.errors import InvalidQuery
from hybridrec.evaluation.card import ModelCard
from hybridrec.explanations.config import ExplanationConfig
from hybridrec.fusion.fusions import Fusions
from hybridrec.models.audio import AudioPredictor
from hybridrec.models.nmf import NMFScorer
from hybridrec.models.onnx import CPU
from hybridrec.models.two_tower import TwoTowerScorer
from hybridrec.persistence.manifest import Manifest, Provenance
from hybridrec.persistence.whole import Parts, load_parts, save_parts
from hybridrec.ranking.rules import RankingConfig
from hybridrec.schema.answers import RecommendResponse, ScoresResponse, StageReport
from hybridrec.schema.names import (
    AUDIO_PREDICTOR,
    META_FUSION,
    META_LEARNING,
    NMF_SCORER,
    TWO_TOWER_SCORER,
    FusionName,
)
from hybridrec.schema.records import AudioFeatures
from hybridrec.schema.wire import RecommendRequest, ScoresRequest

BATCH_SIZE = 100
"""Users that batch recommendation answers at once."""
NO_DEADLINE = float("inf")
SHOW_BEST = RankingConfig(
    genre_divisor=None, max_per_artist=None, min_score_of_best=None, min_confidence=None
)
"""No rule on what is shown: the order by score, as evaluation judges it."""


@dataclass(frozen=True, slots=True, eq=False)
class HybridModel:
    """The recommender: two scorers, an audio predictor, and a fusion of what they say.

    Attributes:
        knowledge: the tracks and users that it knows.
        cf: the collaborative scorer.
        content: the content scorer.
        audio: the audio predictor, None where no audio was there to learn from.
        fusions: merge what both scorers say, each query's by its own way.
        provenance: where it comes from.
        card: how good it is.
        ranking: the rules of what is shown.
        fusion: merges where a request does not say how.
        explanations: how it is explained.
    """

    knowledge: Knowledge
    cf: NMFScorer
    content: TwoTowerScorer
    audio: AudioPredictor | None
    fusions: Fusions
    provenance: Provenance
    card: ModelCard
    ranking: RankingConfig = field(default_factory=RankingConfig)
    fusion: FusionName = META_LEARNING
    explanations: ExplanationConfig = field(default_factory=ExplanationConfig)

    @classmethod
    def load(cls, path: Path | str, providers: Sequence[str] = CPU) -> "HybridModel":
        """The model of a bundle, every file of it verified.

        Args:
            path: of the bundle's folder.
            providers: where ONNX networks run, best first.

        Raises:
            ArtifactError: naming the file that is missing or damaged.
        """
        return cls(**load_parts(Path(path), providers))

    def save(self, path: Path | str) -> Manifest:
        """Writes a sealed bundle: whole, or not at all.

        Raises:
            InvalidConfig: the path holds something that is no bundle, or cannot be written.
            ArtifactError: the model cannot be served, such as one with infinite factors.
        """
        parts = Parts(
            knowledge=self.knowledge,
            cf=self.cf,
            content=self.content,
            audio=self.audio,
            fusions=self.fusions,
            provenance=self.provenance,
            card=self.card,
        )
        return save_parts(parts, Path(path))

    def predict(self, request: ScoresRequest, known: Known | None = None) -> ScoresResponse:
        """Scores of given candidates with all their parts; nothing is left out."""
        desk = self._desk()
        planned = desk.plan([request], [known or Known.nothing()], NO_DEADLINE)
        return desk.scores(planned, self.score(planned), [""])[0]

    def get_recommendations(
        self, request: RecommendRequest, known: Known | None = None
    ) -> RecommendResponse:
        """The answer to one request, filtered and explained."""
        desk = self._desk()
        planned = self.candidates(desk.plan([request], [known or Known.nothing()], NO_DEADLINE))
        return desk.recommendations(planned, self.score(planned), [""])[0]

    def explain_recommendation(
        self, request: RecommendRequest, track_id: str, known: Known | None = None
    ) -> str:
        """Why a track is, or would be, recommended: one sentence.

        Raises:
            InvalidQuery: neither the bundle holds the track nor the request describes it.
        """
        answer = self.get_recommendations(about(request, track_id), known)
        if not answer.items:
            raise InvalidQuery("track_id", f"{track_id} is unknown; describe it as a candidate")
        return answer.items[0].explanation or ""

    def generate_batch_recommendations(
        self, asks: Iterable[Ask], batch_size: int = BATCH_SIZE, ranking: RankingConfig = SHOW_BEST
    ) -> Iterator[RankedTracks]:
        """One list per question, in their order, by score alone unless a ranking says otherwise.

        Args:
            asks: questions, taken as they come.
            batch_size: how many share one pass through the stages.
            ranking: the rules of what is shown.
        """
        desk = self._desk()
        waiting = iter(asks)
        while batch := list(islice(waiting, batch_size)):
            planned = self.candidates(desk.plan_asks(batch, NO_DEADLINE))
            for view in views(planned, self.score(planned), self.knowledge):
                chosen = desk.select(view, ranking).places
                fused, places = view.scored.fused, view.part.start + chosen
                yield RankedTracks(
                    user_id=view.ask.asker.user_id,
                    track_ids=tuple(view.track(place).track_id for place in chosen.tolist()),
                    scores=fused.scores[places],
                    confidence=fused.confidence[places],
                )

    def candidates(self, planned: Plan) -> Plan:
        """The plan with a pool for each query that brought no candidates."""
        if not planned.needs_retrieval:
            return planned
        queries = planned.queries
        return self._desk().fill(planned, self.cf.retrieve(queries), self.content.retrieve(queries))

    def score(self, planned: Plan) -> Scored:
        """What the stages say of a plan's candidates."""
        queries = planned.queries
        cold_audio = AudioFeatures.measured(queries.cold_items.audio)
        ok = StageReport(status="ok")
        audio = StageReport(status="absent" if self.audio is None else "not_needed")
        if planned.needs_audio and self.audio is not None:
            cold_audio = self.audio.complete(queries.cold_items, planned.predicts_audio)
            audio = ok
        cf = self.cf.score(queries)
        content = self.content.score(queries, cold_audio)
        fused = self.fusions.fuse(queries, cf, content, cold_audio)
        stages = {NMF_SCORER: ok, TWO_TOWER_SCORER: ok, AUDIO_PREDICTOR: audio, META_FUSION: ok}
        return Scored(cf, content, cold_audio, fused, stages)

    def _desk(self) -> Desk:
        widest = self.fusions.meta_learning.interval.widest
        return Desk(self.knowledge, self.ranking, Explainer(self.explanations, widest), self.fusion)
