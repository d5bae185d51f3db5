"""Keeps each query's best candidates of a fused batch."""

from dataclasses import dataclass

import numpy as np

from hybridrec.schema.names import Floats, Rows
from hybridrec.schema.ragged import offsets_of
from hybridrec.schema.records import QueryBatch
from hybridrec.schema.scores import FusedBatch, ScoreBatch, Terms


@dataclass(frozen=True, slots=True, eq=False)
class Fused:
    """Fused scores of all N candidates, in the order of the queries; shapes as in FusedBatch.

    ``fusion`` of shape (B,) says which one ran.
    """

    scores: Floats
    low: Floats
    high: Floats
    confidence: Floats
    cf_weight: Floats
    terms: Terms
    fusion: Rows

    @property
    def raw_logits(self) -> Floats:
        """Shape (N,), the logit of the score before its calibration; NaN if unknown."""
        return self.terms.bias + self.terms.cf + self.terms.content + self.terms.context


def best_candidates(
    queries: QueryBatch, cf: ScoreBatch, content: ScoreBatch, fused: Fused
) -> FusedBatch:
    """The ``n_keep`` best candidates of each query, best first, ties by row.

    Those of unknown score come last, in the order of the query.
    """
    parts = []
    for query in range(len(queries)):
        part = queries.part(query)
        places = np.arange(part.start, part.stop)
        scores = fused.scores[places]
        ties = np.where(np.isnan(scores), places, queries.candidate_rows[places])
        order = np.lexsort((ties, -np.nan_to_num(scores, nan=-1.0)))
        parts.append(places[order[: queries.n_keep[query]]])
    places = np.concatenate(parts).astype(np.int64)
    return FusedBatch(
        offsets=offsets_of(parts),
        places=places,
        rows=queries.candidate_rows[places],
        scores=fused.scores[places],
        low=fused.low[places],
        high=fused.high[places],
        confidence=fused.confidence[places],
        cf_weight=fused.cf_weight[places],
        source_scores=np.stack([cf.scores[places], content.scores[places]], axis=1),
        source_confidence=np.stack([cf.confidence[places], content.confidence[places]], axis=1),
        terms=fused.terms.take(places),
        fusion=fused.fusion,
    )
