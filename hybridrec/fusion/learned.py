"""Learned shares, without and with the user's embedding."""

from dataclasses import dataclass, field

import numpy as np

from hybridrec.fusion.merged import Merged, Sources
from hybridrec.fusion.network import run_network
from hybridrec.models.onnx import OnnxNetwork
from hybridrec.schema.names import ADAPTIVE, LEARNED_WEIGHTS, Floats, Mask
from hybridrec.schema.records import AudioFeatures, QueryBatch
from hybridrec.schema.scores import ScoreBatch

LEARNED_INPUTS = ("logits", "known", "confidence")
ADAPTIVE_INPUTS = (*LEARNED_INPUTS, "user", "user_known")


@dataclass(frozen=True, slots=True, eq=False)
class LearnedWeights:
    """Shares by what both sources say, and by their mean confidence.

    Attributes:
        network: gives shares and terms from ``LEARNED_INPUTS``.
    """

    network: OnnxNetwork
    name: str = field(default=LEARNED_WEIGHTS, init=False)

    @property
    def providers(self) -> list[str]:
        """Where the network runs."""
        return self.network.providers

    def merge(
        self, queries: QueryBatch, cf: ScoreBatch, content: ScoreBatch, cold_audio: AudioFeatures
    ) -> Merged:
        """Shares and terms of all candidates."""
        del queries, cold_audio  # a part of the calling form, not of this rule
        sources = Sources.of(cf, content)
        return run_network(self.network, learned_inputs(sources), sources.confidence)


@dataclass(frozen=True, slots=True, eq=False)
class Adaptive:
    """Shares that differ from user to user: the content scorer's user embedding joins.

    Attributes:
        network: gives shares and terms from ``ADAPTIVE_INPUTS``.
        embedding_size: of the user's embedding, where the content scorer is lost.
    """

    network: OnnxNetwork
    embedding_size: int
    name: str = field(default=ADAPTIVE, init=False)

    @property
    def providers(self) -> list[str]:
        """Where the network runs."""
        return self.network.providers

    def merge(
        self, queries: QueryBatch, cf: ScoreBatch, content: ScoreBatch, cold_audio: AudioFeatures
    ) -> Merged:
        """Shares and terms of all candidates."""
        del cold_audio  # a part of the calling form, not of this rule
        users, known = user_inputs(content, len(queries), self.embedding_size)
        query = queries.query_of_candidate
        sources = Sources.of(cf, content)
        feed = learned_inputs(sources) | {"user": users[query], "user_known": known[query]}
        return run_network(self.network, feed, sources.confidence)


def learned_inputs(sources: Sources) -> dict[str, Floats]:
    """Inputs by name for N candidates: logits and known (N, 2), mean confidence (N, 1)."""
    mean = sources.confidence.mean(axis=1, keepdims=True)
    return {"logits": sources.logits, "known": sources.known, "confidence": mean}


def user_inputs(content: ScoreBatch, n_queries: int, size: int) -> tuple[Floats, Floats]:
    """Embeddings of B users, 0 where unknown, and 1 where known; shapes (B, d) and (B, 1)."""
    if not content.user_state.size:
        return np.zeros((n_queries, size), np.float32), np.zeros((n_queries, 1), np.float32)
    known: Mask = ~np.isnan(content.user_state[:, :1])  # a row is known wholly or not at all
    users = np.where(known, content.user_state, np.float32(0))
    return users, known.astype(np.float32)
