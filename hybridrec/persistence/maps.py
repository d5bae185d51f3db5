"""Maps of scores, confidences and intervals as JSON, and back."""

from typing import Annotated, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from hybridrec.models.calibration import ConfidenceCalibrator, MonotoneMap, ScoreCalibrator
from hybridrec.models.groups import N_GROUPS
from hybridrec.models.interval import N_INTERVAL_GROUPS, IntervalCalibrator

Bounded = Annotated[float, Field(ge=-1e9, le=1e9)]
"""What no calibrator goes beyond; further out, arithmetic would overflow some day."""
Offset = Annotated[float, Field(ge=-100, le=100)]
ByGroup = Field(min_length=N_INTERVAL_GROUPS, max_length=N_INTERVAL_GROUPS)
Offsets = Annotated[list[list[Offset]], ByGroup]
"""Logits that the ends of intervals lie off their scores, by group and bin."""


class Stored(BaseModel):
    """A part of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @model_validator(mode="after")
    def _has_whole_knots(self) -> Self:
        """Each column of knots is of one length, at least 1."""
        columns = [one for _, one in self if isinstance(one, list)]
        sizes = {len(one) for one in columns if not isinstance(one[0] if one else 0, list)}
        if len(sizes) > 1 or 0 in sizes:
            raise ValueError("its columns of knots differ in length, or are empty")
        return self


class StoredMap(Stored):
    """Knots of a map."""

    x: list[Bounded]
    y: list[Bounded]

    @classmethod
    def of_score(cls, calibrator: ScoreCalibrator) -> Self:
        return cls(x=calibrator.to_logit.x.tolist(), y=calibrator.to_logit.y.tolist())

    def score(self) -> ScoreCalibrator:
        return ScoreCalibrator(MonotoneMap(np.array(self.x), np.array(self.y)))


class StoredConfidence(Stored):
    """Knots of a confidence, and a map of them for each group."""

    x: list[Bounded]
    y: Annotated[list[list[float]], Field(min_length=N_GROUPS, max_length=N_GROUPS)]

    @classmethod
    def of(cls, calibrator: ConfidenceCalibrator) -> Self:
        return cls(x=calibrator.raw.tolist(), y=calibrator.calibrated.tolist())

    @model_validator(mode="after")
    def _has_maps_that_rise(self) -> Self:
        """Each group has a value for each knot, which do not fall and stay within [0, 1]."""
        if any(len(row) != len(self.x) for row in self.y):
            raise ValueError("its maps differ from its knots in length")
        if not _rises(self.x) or not all(_rises([0.0, *row, 1.0]) for row in self.y):
            raise ValueError("the knots of a confidence fall, or leave [0, 1]")
        return self

    def confidence(self) -> ConfidenceCalibrator:
        return ConfidenceCalibrator(np.array(self.x), np.array(self.y))


class StoredInterval(Stored):
    """Edges of the bins of scores, and how far the ends lie off a score, group by group."""

    edges: list[Bounded]
    low: Offsets
    high: Offsets
    widest: Annotated[float, Field(ge=0, le=200)] | None

    @classmethod
    def of(cls, interval: IntervalCalibrator) -> Self:
        return cls(
            edges=interval.edges.tolist(),
            low=interval.low.tolist(),
            high=interval.high.tolist(),
            widest=None if np.isnan(interval.widest) else interval.widest,
        )

    @model_validator(mode="after")
    def _holds_scores(self) -> Self:
        """Its edges rise, and of each bin of each group the ends lie on both sides of the score."""
        n_bins = len(self.edges) + 1
        if not _rises(self.edges) or {len(row) for row in (*self.low, *self.high)} != {n_bins}:
            raise ValueError("the edges of an interval fall, or differ from its ends in length")
        if np.max(self.low) > 0 or np.min(self.high) < 0:
            raise ValueError("the ends of an interval lie on one side of its score")
        return self

    def interval(self) -> IntervalCalibrator:
        columns = np.array(self.edges), np.array(self.low), np.array(self.high)
        return IntervalCalibrator(*columns, np.nan if self.widest is None else self.widest)


def _rises(values: list[float]) -> bool:
    return bool((np.diff(values) >= 0).all())
