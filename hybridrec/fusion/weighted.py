"""Fixed shares."""

from dataclasses import dataclass, field

import numpy as np

from hybridrec.fusion.merged import Merged, Sources, shared_out
from hybridrec.schema.names import WEIGHTED_SUM
from hybridrec.schema.records import AudioFeatures, QueryBatch
from hybridrec.schema.scores import ScoreBatch


@dataclass(frozen=True, slots=True)
class WeightedSum:
    """Mixes the sources' logits by shares that are the same for every candidate.

    Attributes:
        cf_weight: share of the collaborative view, in (0, 1); content has the rest. Where one of
            them has no score, the other has all.
        prior: score of a candidate of which no source says anything, in (0, 1).
    """

    cf_weight: float
    prior: float
    name: str = field(default=WEIGHTED_SUM, init=False)

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
        weights = np.array([[self.cf_weight, 1.0 - self.cf_weight]], np.float32)
        return shared_out(weights, sources, self.prior)
