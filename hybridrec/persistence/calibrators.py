"""Calibrators and scalers to one JSON file and back."""

from typing import Annotated, Self, TypeVar

import numpy as np
from pydantic import Field, model_validator

from hybridrec.features.session_scaler import SessionScaler
from hybridrec.fusion.calibrated import Fusion
from hybridrec.fusion.merged import Merger
from hybridrec.models.groups import LISTENERS
from hybridrec.persistence.bundle import Bundle
from hybridrec.persistence.documents import parse_document
from hybridrec.persistence.maps import (
    Bounded,
    Offset,
    Stored,
    StoredConfidence,
    StoredInterval,
    StoredMap,
)
from hybridrec.schema.names import FUSIONS, FusionName, Rows
from hybridrec.schema.records import N_SESSION

FILE = "calibrators.json"

M = TypeVar("M", bound=Merger)

Share = Annotated[float, Field(ge=1e-9, le=1 - 1e-9)]
"""A share with a logit that tells it from 0 and from 1."""
ByListener = Annotated[list[Offset], Field(min_length=len(LISTENERS), max_length=len(LISTENERS))]


class StoredFusion(Stored):
    """What gives one fusion's output its meaning."""

    score: StoredMap
    by_listener: ByListener
    confidence: StoredConfidence
    interval: StoredInterval

    @classmethod
    def of(cls, fusion: Fusion[Merger]) -> Self:
        return cls(
            score=StoredMap.of_score(fusion.calibrator),
            by_listener=fusion.by_listener.tolist(),
            confidence=StoredConfidence.of(fusion.confidence_calibrator),
            interval=StoredInterval.of(fusion.interval),
        )

    def fusion(self, merger: M, interactions: Rows) -> Fusion[M]:
        return Fusion(
            merger,
            self.score.score(),
            np.array(self.by_listener),
            self.interval.interval(),
            self.confidence.confidence(),
            interactions,
        )


class StoredScaler(Stored):
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


class Calibrators(Stored):
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


def read_calibrators(bundle: Bundle) -> Calibrators:
    """The calibrators of a bundle.

    Raises:
        ArtifactError: the file is damaged.
    """
    return parse_document(Calibrators, bundle.read(FILE), FILE)
