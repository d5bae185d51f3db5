"""Shares by confidence: also what is left when the meta-learner is lost."""

from dataclasses import dataclass, field

from hybridrec.fusion.merged import Merged, Sources, shared_out
from hybridrec.schema.names import CONFIDENCE_WEIGHTED
from hybridrec.schema.records import AudioFeatures, QueryBatch
from hybridrec.schema.scores import ScoreBatch


@dataclass(frozen=True, slots=True)
class ConfidenceWeighted:
    """Mixes the sources' logits by their confidence.

    Attributes:
        prior: score of a candidate of which no source says more than that it was retrieved, in
            (0, 1); what a source contributes is told from there.
    """

    prior: float
    name: str = field(default=CONFIDENCE_WEIGHTED, init=False)

    @property
    def providers(self) -> list[str]:
        """It has no network."""
        return []

    def merge(
        self, queries: QueryBatch, cf: ScoreBatch, content: ScoreBatch, cold_audio: AudioFeatures
    ) -> Merged:
        """Shares and terms of all candidates."""
        del queries, cold_audio  # a part of the calling form, not of this rule
        return self.share_out(Sources.of(cf, content))

    def share_out(self, sources: Sources) -> Merged:
        """The same, of what both sources say."""
        return shared_out(sources.confidence, sources, self.prior)
