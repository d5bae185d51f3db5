"""A merger and what gives its output its meaning."""

from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

from hybridrec.fusion.merged import Merger
from hybridrec.fusion.ranked import Fused, best_candidates
from hybridrec.models.calibration import (
    ConfidenceCalibrator,
    ScoreCalibrator,
    for_listeners,
    sigmoid,
)
from hybridrec.models.groups import confidence_groups
from hybridrec.models.interval import IntervalCalibrator, interval_groups
from hybridrec.schema.names import FUSIONS, Rows
from hybridrec.schema.records import AudioFeatures, QueryBatch
from hybridrec.schema.scores import FusedBatch, ScoreBatch, Terms

M_co = TypeVar("M_co", bound=Merger, covariant=True)


@dataclass(frozen=True, slots=True, eq=False)
class Fusion(Generic[M_co]):
    """Calibrated scores, intervals and confidence by one way of merging.

    Attributes:
        merger: shares out each candidate's score between the sources.
        calibrator: merged logit to the logit of the probability.
        by_listener: shape (8,), what is added to that logit for each kind of ``LISTENER_KINDS``;
            all candidates of a query move together, so their order stays.
        interval: the interval of that probability.
        confidence_calibrator: shared-out confidence of the sources to that of the fused score.
        interactions: shape (n_items,), users who played each track in training: they tell the
            groups of confidence, and of intervals, apart.
    """

    merger: M_co
    calibrator: ScoreCalibrator
    by_listener: npt.NDArray[np.float64]
    interval: IntervalCalibrator
    confidence_calibrator: ConfidenceCalibrator
    interactions: Rows

    def fuse(
        self, queries: QueryBatch, cf: ScoreBatch, content: ScoreBatch, cold_audio: AudioFeatures
    ) -> FusedBatch:
        """Fused scores of the best candidates; NaN where no source knows."""
        fused = self.score_all(queries, cf, content, cold_audio)
        return best_candidates(queries, cf, content, fused)

    def score_all(
        self, queries: QueryBatch, cf: ScoreBatch, content: ScoreBatch, cold_audio: AudioFeatures
    ) -> Fused:
        """Fused scores of all candidates, in the order of the queries."""
        merged = self.merger.merge(queries, cf, content, cold_audio)
        raw = merged.logits
        groups = confidence_groups(queries, self.interactions)
        logits = for_listeners(self.calibrator.logits(raw), groups, self.by_listener)
        scores = sigmoid(logits)
        of_both = ~(np.isnan(cf.scores) | np.isnan(content.scores))
        low, high = self.interval(logits, interval_groups(groups, of_both))
        bias, of_cf, of_content, context = np.where(merged.known[:, None], merged.terms, np.nan).T
        return Fused(
            scores=scores,
            low=low,
            high=high,
            confidence=self.confidence_calibrator.known(merged.confidence, groups, merged.known),
            cf_weight=np.where(merged.known, merged.shares[:, 0], np.nan).astype(np.float32),
            terms=Terms(bias, of_cf, of_content, context, logits - raw),
            fusion=np.full(len(queries), FUSIONS.index(self.merger.name), np.int32),
        )
