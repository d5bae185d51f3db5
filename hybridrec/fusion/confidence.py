"""Shares by confidence: what is left when the meta-learner is lost."""

from dataclasses import dataclass

import numpy as np

from hybridrec.fusion.ranked import Fused, best_candidates
from hybridrec.models.calibration import logit, sigmoid
from hybridrec.schema.records import AudioFeatures, QueryBatch
from hybridrec.schema.scores import FusedBatch, ScoreBatch, Terms


@dataclass(frozen=True, slots=True, eq=False)
class ConfidenceFusion:
    """Mixes the sources' logits by their confidence. It knows no interval: both ends are NaN.

    Attributes:
        prior: score of a candidate of which no source says more than that it was retrieved, in
            (0, 1); what a source contributes is told from there.
    """

    prior: float
    name: str = "confidence_weighted"

    def fuse(
        self, queries: QueryBatch, cf: ScoreBatch, content: ScoreBatch, cold_audio: AudioFeatures
    ) -> FusedBatch:
        """Fused scores of the best candidates; NaN where no source knows."""
        del cold_audio  # a part of the calling form, not of this rule
        return best_candidates(queries, cf, content, self.score_all(cf, content))

    def score_all(self, cf: ScoreBatch, content: ScoreBatch) -> Fused:
        """Fused scores of all candidates, in the order of the queries."""
        confidence = np.stack([cf.confidence, content.confidence], axis=1)  # (N, 2)
        total = confidence.sum(axis=1, keepdims=True)
        known = total[:, 0] > 0
        shares = np.divide(confidence, total, out=np.zeros_like(confidence), where=total > 0)
        prior = logit(np.full(1, self.prior, np.float32))  # (1,)
        above = logit(np.stack([cf.scores, content.scores], axis=1)) - prior  # (N, 2)
        unknown = np.full(len(known), np.nan, np.float32)
        nothing = np.where(known, np.float32(0), unknown)
        parts = np.where(shares > 0, shares * above, nothing[:, None]).astype(np.float32)
        return Fused(
            scores=sigmoid(prior + parts.sum(axis=1)),
            low=unknown,
            high=unknown,
            confidence=(shares * confidence).sum(axis=1).astype(np.float32),
            cf_weight=np.where(known, shares[:, 0], unknown),
            terms=Terms(nothing + prior, parts[:, 0], parts[:, 1], nothing, nothing),
            method=self.name,
        )
