"""Fusion by a meta-learner: shares by session, items, and agreement, candidate by candidate."""

from dataclasses import dataclass, field

import numpy as np

from hybridrec.features.session_scaler import SessionScaler
from hybridrec.fusion.context import ItemContext
from hybridrec.fusion.merged import Merged, Sources
from hybridrec.fusion.network import run_network
from hybridrec.fusion.plays_context import PlaysContext
from hybridrec.models.onnx import OnnxNetwork
from hybridrec.schema.names import META_LEARNING, Floats, Rows
from hybridrec.schema.ragged import Places
from hybridrec.schema.records import AudioFeatures, QueryBatch
from hybridrec.schema.scores import ScoreBatch

INPUTS = ("logits", "known", "sources", "session", "session_known", "items", "plays")


@dataclass(frozen=True, slots=True, eq=False)
class FusionInputs:
    """What the meta-learner sees of N candidates.

    Attributes:
        logits: shape (N, 2), of the calibrated scores of cf and content, 0 where unknown.
        known: shape (N, 2), 1 where a source has a score.
        sources: shape (N, F), by the columns of ``SOURCE_FEATURES``; 0 where unknown.
        session: shape (N, 18), scaled.
        session_known: shape (N, 18), its mask.
        items: shape (N, 10), audio confidences, completeness, predicted flag.
        plays: shape (N, 6), by the columns of ``PLAYS_CONTEXT``.
    """

    logits: Floats
    known: Floats
    sources: Floats
    session: Floats
    session_known: Floats
    items: Floats
    plays: Floats

    def take(self, places: Places) -> "FusionInputs":
        """The inputs of some candidates, in the order of their places."""
        return FusionInputs(**{name: array[places] for name, array in self.feed().items()})

    def feed(self) -> dict[str, Floats]:
        """By name, as the network takes them."""
        return {name: getattr(self, name) for name in INPUTS}


@dataclass(frozen=True, slots=True, eq=False)
class FusionFeatures:
    """Makes the meta-learner's inputs, in training and in serving alike.

    Attributes:
        items: how much is known of the tracks.
        plays: of tracks and listeners.
        sessions: scales session features.
    """

    items: ItemContext
    plays: PlaysContext
    sessions: SessionScaler

    @property
    def interactions(self) -> Rows:
        """Shape (n_items,), users who played each track in training.

        They tell the groups of confidence apart.
        """
        return self.plays.interactions

    def inputs(
        self, queries: QueryBatch, cf: ScoreBatch, content: ScoreBatch, cold_audio: AudioFeatures
    ) -> FusionInputs:
        """The inputs for all candidates of a batch."""
        said = Sources.of(cf, content)
        sources = np.concatenate([said.confidence, cf.signals, content.signals], axis=1)
        session, session_known = self.sessions.transform(queries.session)
        query = queries.query_of_candidate
        return FusionInputs(
            logits=said.logits,
            known=said.known,
            sources=sources,
            session=session[query],
            session_known=session_known[query],
            items=self.items.of(queries, cold_audio),
            plays=self.plays.of(queries),
        )


@dataclass(frozen=True, slots=True, eq=False)
class MetaLearning:
    """Shares out a candidate's score between the sources by what is known of both.

    Attributes:
        network: gives the sources' shares and the additive terms of the raw logit.
        features: makes its inputs.
    """

    network: OnnxNetwork
    features: FusionFeatures
    name: str = field(default=META_LEARNING, init=False)

    @property
    def providers(self) -> list[str]:
        """Where the network runs."""
        return self.network.providers

    def merge(
        self, queries: QueryBatch, cf: ScoreBatch, content: ScoreBatch, cold_audio: AudioFeatures
    ) -> Merged:
        """Shares and terms of all candidates."""
        inputs = self.features.inputs(queries, cf, content, cold_audio)
        return run_network(self.network, inputs.feed(), inputs.sources[:, :2])
