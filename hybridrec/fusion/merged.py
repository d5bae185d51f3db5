"""What a merger makes of both sources' scores, before any calibration."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from hybridrec.models.calibration import logit
from hybridrec.schema.names import Floats, Mask
from hybridrec.schema.records import AudioFeatures, QueryBatch
from hybridrec.schema.scores import ScoreBatch


@dataclass(frozen=True, slots=True, eq=False)
class Sources:
    """What both sources say of N candidates.

    Attributes:
        logits: shape (N, 2), of the calibrated scores of cf and content, 0 where unknown.
        known: shape (N, 2), 1 where a source has a score.
        confidence: shape (N, 2), 0 where unknown.
    """

    logits: Floats
    known: Floats
    confidence: Floats

    @classmethod
    def of(cls, cf: ScoreBatch, content: ScoreBatch) -> "Sources":
        scores = np.stack([cf.scores, content.scores], axis=1)
        known = ~np.isnan(scores)
        return cls(
            logits=np.where(known, logit(scores), 0.0).astype(np.float32),
            known=known.astype(np.float32),
            confidence=np.stack([cf.confidence, content.confidence], axis=1),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Merged:
    """Scores of N candidates, shared out between the sources.

    Attributes:
        known: shape (N,), whether any source has a score.
        shares: shape (N, 2), of the sources; they sum to 1 where one is known, an unknown one
            has 0.
        terms: shape (N, 4), additive terms of the logit: bias, cf, content and context.
        confidence: shape (N,), that of the sources, shared out.
    """

    known: Mask
    shares: Floats
    terms: Floats
    confidence: Floats

    @property
    def logits(self) -> Floats:
        """Shape (N,), the sum of the terms, NaN where nothing is known."""
        return np.where(self.known, self.terms.sum(axis=1), np.nan).astype(np.float32)


class Merger(Protocol):
    """A way to merge both sources, candidate by candidate."""

    @property
    def name(self) -> str:
        """One of ``FUSIONS``."""
        ...

    @property
    def providers(self) -> list[str]:
        """Where its network runs; empty if it has none."""
        ...

    def merge(
        self, queries: QueryBatch, cf: ScoreBatch, content: ScoreBatch, cold_audio: AudioFeatures
    ) -> Merged:
        """Shares and terms of all candidates, in the order of the queries."""
        ...


def shared_out(weights: Floats, sources: Sources, prior: float) -> Merged:
    """The sources' logits, mixed by weights: a source's term is what it says beyond the prior.

    Args:
        weights: shape (N, 2), at least 0, and above 0 where a source has a score; what an unknown
            source has goes to the other.
        sources: of N candidates.
        prior: score of a candidate of which no source says more than that it was retrieved, in
            (0, 1).
    """
    weights = weights * sources.known
    total = weights.sum(axis=1, keepdims=True)
    shares = np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
    base = logit(np.full(1, prior, np.float32))  # (1,)
    none = np.zeros((len(shares), 1), np.float32)
    parts = shares * (sources.logits - base)
    return Merged(
        known=sources.known.max(axis=1) > 0,
        shares=shares,
        terms=np.concatenate([none + base, parts, none], axis=1),
        confidence=(shares * sources.confidence).sum(axis=1),
    )
