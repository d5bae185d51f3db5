"""Shares by confidence: also what is left when the meta-learner is lost."""

from dataclasses import dataclass, field

from typing_extensions import override

from hybridrec.fusion.by_rule import ByRule
from hybridrec.fusion.merged import Merged, Sources, shared_out
from hybridrec.schema.names import CONFIDENCE_WEIGHTED


@dataclass(frozen=True, slots=True)
class ConfidenceWeighted(ByRule):
    """Mixes the sources' logits by their confidence.

    Attributes:
        prior: score of a candidate of which no source says more than that it was retrieved, in
            (0, 1); what a source contributes is told from there.
    """

    prior: float
    name: str = field(default=CONFIDENCE_WEIGHTED, init=False)

    @override
    def share_out(self, sources: Sources) -> Merged:
        return shared_out(sources.confidence, sources, self.prior)
