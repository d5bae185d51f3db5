"""Calibrators and scalers to one JSON file and back."""

from typing import Annotated, Self, TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from hybridrec.features.session_scaler import SessionScaler
from hybridrec.fusion.calibrated import Fusion
from hybridrec.fusion.merged import Merger
from hybridrec.models.calibration import (
    ConfidenceCalibrator,
    IntervalCalibrator,
    MonotoneMap,
    ScoreCalibrator,
)
from hybridrec.models.groups import N_GROUPS
from hybridrec.persistence.bundle import Bundle
from hybridrec.persistence.documents import parse_document
from hybridrec.schema.names import FUSIONS, FusionName, Rows
from hybridrec.schema.records import N_SESSION

FILE = "calibrators.json"

M = TypeVar("M", bound=Merger)

Bounded = Annotated[float, Field(ge=-1e9, le=1e9)]
"""What no calibrator goes beyond; further out, arithmetic would overflow some day."""
Share = Annotated[float, Field(ge=1e-9, le=1 - 1e-9)]
"""A share with a logit that tells it from 0 and from 1."""


class _Stored(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @model_validator(mode="after")
    def _has_whole_knots(self) -> Self:
        """Each column of knots is of one length, at least 1."""
        columns = [one for _, one in self if isinstance(one, list)]
        sizes = {len(one) for one in columns if not isinstance(one[0] if one else 0, list)}
        if len(sizes) > 1 or 0 in sizes:
            raise ValueError("its columns of knots differ in length, or are empty")
        return self


class StoredMap(_Stored):
    """Knots of a map."""

    x: list[Bounded]
    y: list[Bounded]

    @classmethod
    def of_score(cls, calibrator: ScoreCalibrator) -> Self:
        return cls(x=calibrator.to_logit.x.tolist(), y=calibrator.to_logit.y.tolist())

    def score(self) -> ScoreCalibrator:
        return ScoreCalibrator(MonotoneMap(np.array(self.x), np.array(self.y)))


class StoredConfidence(_Stored):
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


class StoredInterval(_Stored):
    """Knots of an interval."""

    x: list[Bounded]
    low: list[float]
    high: list[float]

    @classmethod
    def of(cls, interval: IntervalCalibrator) -> Self:
        return cls(x=interval.x.tolist(), low=interval.low.tolist(), high=interval.high.tolist())

    @model_validator(mode="after")
    def _spans_probabilities(self) -> Self:
        """Its knots rise, and 0 <= low <= high <= 1 at each."""
        pairs = zip(self.low, self.high, strict=True)
        if not _rises(self.x) or not all(0 <= low <= high <= 1 for low, high in pairs):
            raise ValueError("the knots of an interval fall, or its ends leave [0, 1] or cross")
        return self

    def interval(self) -> IntervalCalibrator:
        return IntervalCalibrator(np.array(self.x), np.array(self.low), np.array(self.high))


class StoredFusion(_Stored):
    """What gives one fusion's output its meaning."""

    score: StoredMap
    confidence: StoredConfidence
    interval: StoredInterval

    @classmethod
    def of(cls, fusion: Fusion[Merger]) -> Self:
        return cls(
            score=StoredMap.of_score(fusion.calibrator),
            confidence=StoredConfidence.of(fusion.confidence_calibrator),
            interval=StoredInterval.of(fusion.interval),
        )

    def fusion(self, merger: M, interactions: Rows) -> Fusion[M]:
        return Fusion(
            merger,
            self.score.score(),
            self.interval.interval(),
            self.confidence.confidence(),
            interactions,
        )


class StoredScaler(_Stored):
    """Centre and scale of session features; null for one that training never saw."""

    center: Annotated[list[Bounded | None], Field(min_length=N_SESSION, max_length=N_SESSION)]
    scale: list[Annotated[float, Field(ge=1e-9, le=1e9)]]

    @classmethod
    def of(cls, scaler: SessionScaler) -> Self:
        center = [None if np.isnan(value) else float(value) for value in scaler.center]
        return cls(center=center, scale=scaler.scale.tolist())

    def scaler(self) -> SessionScaler:
        center = [np.nan if value is None else value for value in self.center]
        return SessionScaler(np.array(center, np.float32), np.array(self.scale, np.float32))


class Calibrators(_Stored):
    """Everything that was fitted on held-out data, and the scaling of session features."""

    cf: StoredMap
    cf_confidence: StoredConfidence
    content: StoredMap
    content_confidence: StoredConfidence
    fusions: dict[FusionName, StoredFusion]
    prior: Share
    cf_weight: Share
    sessions: StoredScaler
    embedding_size: Annotated[int, Field(ge=1, le=2**16)]

    @model_validator(mode="after")
    def _scores_rise(self) -> Self:
        """The maps of scores are such as can be applied, which building them checks."""
        for stored in (self.cf, self.content, *(one.score for one in self.fusions.values())):
            stored.score()
        return self

    @model_validator(mode="after")
    def _has_every_fusion(self) -> Self:
        """No fusion is missing, the fallback of the ingress among them."""
        if missing := sorted(set(FUSIONS) - set(self.fusions)):
            raise ValueError(f"it lacks the calibrators of {', '.join(missing)}")
        return self


def _rises(values: list[float]) -> bool:
    return bool((np.diff(values) >= 0).all())


def read_calibrators(bundle: Bundle) -> Calibrators:
    """The calibrators of a bundle.

    Raises:
        ArtifactError: the file is damaged.
    """
    return parse_document(Calibrators, bundle.read(FILE), FILE)
