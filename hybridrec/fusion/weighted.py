"""Fixed shares."""

from dataclasses import dataclass, field

import numpy as np
from typing_extensions import override

from hybridrec.fusion.by_rule import ByRule
from hybridrec.fusion.merged import Merged, Sources, shared_out
from hybridrec.schema.names import WEIGHTED_SUM


@dataclass(frozen=True, slots=True)
class WeightedSum(ByRule):
    """Mixes the sources' logits by shares that are the same for every candidate.

    Attributes:
        cf_weight: share of the collaborative view, in (0, 1); content has the rest. Where one of
            them has no score, the other has all.
        prior: score of a candidate of which no source says anything, in (0, 1).
    """

    cf_weight: float
    prior: float
    name: str = field(default=WEIGHTED_SUM, init=False)

    @override
    def share_out(self, sources: Sources) -> Merged:
        weights = np.array([[self.cf_weight, 1.0 - self.cf_weight]], np.float32)
        return shared_out(weights, sources, self.prior)
