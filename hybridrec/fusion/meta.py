"""Fusion by a meta-learner: shares, calibrated score and interval, candidate by candidate."""

from dataclasses import dataclass

import numpy as np

from hybridrec.features.session_scaler import SessionScaler
from hybridrec.fusion.context import ItemContext, SourceContext
from hybridrec.fusion.ranked import Fused, best_candidates
from hybridrec.models.calibration import (
    ConfidenceCalibrator,
    IntervalCalibrator,
    ScoreCalibrator,
    logit,
    sigmoid,
)
from hybridrec.models.onnx import OnnxNetwork
from hybridrec.schema.names import Floats, Mask
from hybridrec.schema.records import AudioFeatures, QueryBatch
from hybridrec.schema.scores import FusedBatch, ScoreBatch, Terms

INPUTS = ("logits", "known", "sources", "session", "session_known", "items")
OUTPUTS = ("shares", "terms")


@dataclass(frozen=True, slots=True, eq=False)
class FusionInputs:
    """What the meta-learner sees of N candidates.

    Attributes:
        logits: shape (N, 2), of the calibrated scores of cf and content, 0 where unknown.
        known: shape (N, 2), 1 where a source has a score.
        sources: shape (N, 6), of cf and content: confidence, percentile, agreement.
        session: shape (N, 18), scaled.
        session_known: shape (N, 18), its mask.
        items: shape (N, 10), audio confidences, completeness, predicted flag.
    """

    logits: Floats
    known: Floats
    sources: Floats
    session: Floats
    session_known: Floats
    items: Floats

    def take(self, places: np.ndarray[tuple[int], np.dtype[np.int64]]) -> "FusionInputs":
        """The inputs of some candidates, in the order of their places."""
        return FusionInputs(**{name: array[places] for name, array in self.feed().items()})

    def feed(self) -> dict[str, Floats]:
        """By name, as the network takes them."""
        return {name: getattr(self, name) for name in INPUTS}


@dataclass(frozen=True, slots=True, eq=False)
class FusionFeatures:
    """Makes the meta-learner's inputs, in training and in serving alike.

    Attributes:
        cf: item factors and reference tracks of the collaborative source.
        content: item embeddings and reference tracks of the content source.
        items: how much is known of the tracks.
        sessions: scales session features.
    """

    cf: SourceContext
    content: SourceContext
    items: ItemContext
    sessions: SessionScaler

    def inputs(
        self, queries: QueryBatch, cf: ScoreBatch, content: ScoreBatch, cold_audio: AudioFeatures
    ) -> FusionInputs:
        """The inputs for all candidates of a batch."""
        scores = np.stack([cf.scores, content.scores], axis=1)  # (N, 2)
        known = ~np.isnan(scores)
        cf_context = self.cf.of(queries, cf)
        content_context = self.content.of(queries, content)
        sources = np.stack(
            [cf.confidence, content.confidence]
            + [array for pair in zip(cf_context, content_context, strict=True) for array in pair],
            axis=1,
        )
        session, session_known = self.sessions.transform(queries.session)
        query = queries.query_of_candidate
        return FusionInputs(
            logits=np.where(known, logit(scores), 0.0).astype(np.float32),
            known=known.astype(np.float32),
            sources=sources.astype(np.float32),
            session=session[query],
            session_known=session_known[query],
            items=self.items.of(queries, cold_audio),
        )


@dataclass(frozen=True, slots=True, eq=False)
class RawOutputs:
    """What the network says of N candidates, before any calibration.

    Attributes:
        known: shape (N,), whether any source has a score.
        shares: shape (N, 2), of the sources; they sum to 1 where one is known.
        terms: shape (N, 4), bias, cf, content and context.
        logits: shape (N,), the sum of the terms, NaN where nothing is known.
        confidence: shape (N,), that of the sources, shared out.
    """

    known: Mask
    shares: Floats
    terms: Floats
    logits: Floats
    confidence: Floats


def raw_outputs(network: OnnxNetwork, inputs: FusionInputs) -> RawOutputs:
    """The network's outputs, read in training as they are in serving."""
    shares, terms = network.run(inputs.feed())
    known = inputs.known.max(axis=1) > 0
    return RawOutputs(
        known=known,
        shares=shares,
        terms=terms,
        logits=np.where(known, terms.sum(axis=1), np.nan).astype(np.float32),
        confidence=(shares * inputs.sources[:, :2]).sum(axis=1),
    )


@dataclass(frozen=True, slots=True, eq=False)
class MetaFusion:
    """Shares out a candidate's score between the sources by what is known of both.

    Attributes:
        network: gives the sources' shares and the additive terms of the raw logit.
        features: makes its inputs.
        calibrator: raw logit to the logit of the probability.
        interval: the interval of that probability.
        confidence_calibrator: shared-out confidence of the sources to that of the fused score.
        prior: share of the held-out candidates that were played, in (0, 1); what fuses in its
            place when it is lost starts from there.
    """

    network: OnnxNetwork
    features: FusionFeatures
    calibrator: ScoreCalibrator
    interval: IntervalCalibrator
    confidence_calibrator: ConfidenceCalibrator
    prior: float
    name: str = "meta_learning"

    @property
    def providers(self) -> list[str]:
        """Where the network runs."""
        return self.network.providers

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
        raw = raw_outputs(self.network, self.features.inputs(queries, cf, content, cold_audio))
        logits = self.calibrator.logits(raw.logits)
        scores = sigmoid(logits)
        low, high = self.interval(raw.logits, scores)
        bias, of_cf, of_content, context = np.where(raw.known[:, None], raw.terms, np.nan).T
        return Fused(
            scores=scores,
            low=low,
            high=high,
            confidence=self.confidence_calibrator.known(raw.confidence, raw.known),
            cf_weight=np.where(raw.known, raw.shares[:, 0], np.nan).astype(np.float32),
            terms=Terms(bias, of_cf, of_content, context, logits - raw.logits),
            method=self.name,
        )
