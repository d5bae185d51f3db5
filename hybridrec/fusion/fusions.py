"""All ways to merge, each query of a batch by its own."""

from dataclasses import dataclass, fields, replace

import numpy as np

from hybridrec.fusion.calibrated import Fusion
from hybridrec.fusion.confidence import ConfidenceWeighted
from hybridrec.fusion.learned import Adaptive, LearnedWeights
from hybridrec.fusion.merged import Merger
from hybridrec.fusion.meta import FusionFeatures, MetaLearning
from hybridrec.fusion.ranked import Fused, best_candidates
from hybridrec.fusion.weighted import WeightedSum
from hybridrec.schema.names import FUSIONS, Rows
from hybridrec.schema.ragged import Places, places_of
from hybridrec.schema.records import AudioFeatures, QueryBatch
from hybridrec.schema.scores import FusedBatch, ScoreBatch, Terms


@dataclass(frozen=True, slots=True, eq=False)
class Fusions:
    """The fusions of a bundle, one for each of ``FUSIONS``."""

    meta_learning: Fusion[MetaLearning]
    weighted_sum: Fusion[WeightedSum]
    confidence_weighted: Fusion[ConfidenceWeighted]
    learned_weights: Fusion[LearnedWeights]
    adaptive: Fusion[Adaptive]

    def __getitem__(self, name: str) -> Fusion[Merger]:
        fusion: Fusion[Merger] = getattr(self, name)
        return fusion

    def beside(self, features: FusionFeatures) -> "Fusions":
        """The same fusions beside other base models."""
        learnt, counts = self.meta_learning, features.interactions
        merger = replace(learnt.merger, features=features)
        return Fusions(
            meta_learning=replace(learnt, merger=merger, interactions=counts),
            weighted_sum=replace(self.weighted_sum, interactions=counts),
            confidence_weighted=replace(self.confidence_weighted, interactions=counts),
            learned_weights=replace(self.learned_weights, interactions=counts),
            adaptive=replace(self.adaptive, interactions=counts),
        )

    @property
    def providers(self) -> list[str]:
        """Where the networks run, each place once."""
        found = [one for name in FUSIONS for one in self[name].merger.providers]
        return list(dict.fromkeys(found))

    def fuse(
        self, queries: QueryBatch, cf: ScoreBatch, content: ScoreBatch, cold_audio: AudioFeatures
    ) -> FusedBatch:
        """Fused scores of each query's best candidates; NaN where no source knows."""
        fused = self.score_all(queries, cf, content, cold_audio)
        return best_candidates(queries, cf, content, fused)

    def score_all(
        self, queries: QueryBatch, cf: ScoreBatch, content: ScoreBatch, cold_audio: AudioFeatures
    ) -> Fused:
        """Fused scores of all candidates, in the order of the queries."""
        wanted = np.unique(queries.fusion).tolist()
        if len(wanted) == 1:
            return self[FUSIONS[wanted[0]]].score_all(queries, cf, content, cold_audio)
        parts = []
        for number in wanted:
            chosen = np.flatnonzero(queries.fusion == number).astype(np.int32)
            places = places_of(queries.offsets, chosen)
            said = cf.take(chosen, places), content.take(chosen, places)
            fusion = self[FUSIONS[number]]
            parts.append((places, fusion.score_all(queries.take(chosen), *said, cold_audio)))
        return _joined(parts, queries.fusion)


def _joined(parts: list[tuple[Places, Fused]], fusion: Rows) -> Fused:
    """What was fused apart, with every candidate back in its place."""
    back = np.argsort(np.concatenate([places for places, _ in parts]), kind="stable")
    arrays = {
        one.name: np.concatenate([getattr(fused, one.name) for _, fused in parts])[back]
        for one in fields(Fused)
        if one.name not in {"terms", "fusion"}
    }
    terms = Terms(
        *(
            np.concatenate([getattr(fused.terms, one.name) for _, fused in parts])[back]
            for one in fields(Terms)
        )
    )
    return Fused(**arrays, terms=terms, fusion=fusion)
