"""Ways to rank that a model offers: whole, by another fusion, by one source, without one stage.

A stage that is added to ``HybridModel`` is judged once it has its place in ``WAYS``.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal, Protocol, cast

import numpy as np

from hybridrec.answers.ask import Ask
from hybridrec.answers.asker import Asker
from hybridrec.answers.plan import plan
from hybridrec.evaluation.protocol import Slice
from hybridrec.hybrid import NO_DEADLINE, HybridModel
from hybridrec.models.nmf import NMFScorer
from hybridrec.models.two_tower import TwoTowerScorer
from hybridrec.schema.names import (
    ADAPTIVE,
    AUDIO_PREDICTOR,
    CONFIDENCE_WEIGHTED,
    LEARNED_WEIGHTS,
    META_LEARNING,
    NMF_SCORER,
    TWO_TOWER_SCORER,
    WEIGHTED_SUM,
    Floats,
    FusionName,
    Rows,
)
from hybridrec.schema.records import AudioFeatures, QueryBatch
from hybridrec.schema.scores import Retrieved, ScoreBatch

HYBRID = "hybrid"
DESCRIBED = "hybrid_described"
"""The hybrid where its candidates are in no bundle and each request describes them."""
WITHOUT_SESSION = "without_session"
"""The hybrid where nothing is told of the listeners' sessions."""
ASKED_AT_ONCE = 20
"""Users whose whole catalogue is scored in one pass."""
Source = Literal["cf", "content"]


class Way(Protocol):
    """A way to rank."""

    @property
    def name(self) -> str:
        """How figures call it."""
        ...

    @property
    def is_described(self) -> bool:
        """Whether it is asked for tracks that only the request knows."""
        ...

    def ranks(self, one: Slice) -> bool:
        """Whether it has an answer to the questions of a slice."""
        ...

    def lists(self, model: HybridModel, asks: Iterable[Ask]) -> Iterator[Sequence[str]]:
        """Ids of tracks, best first, for each question; what is missing is not found."""
        ...


@dataclass(frozen=True, slots=True)
class AsServed:
    """By a fusion, from the candidates that serving retrieves, while some stages may be lost.

    Attributes:
        name: of the way.
        fusion: which one merges.
        lost: stages that answer nothing.
        is_described: as of ``Way``.
        is_silent: whether nothing is told of the listeners' sessions.
    """

    name: str
    fusion: FusionName = META_LEARNING
    lost: frozenset[str] = frozenset()
    is_described: bool = False
    is_silent: bool = False

    def ranks(self, one: Slice) -> bool:
        return one.candidates is not None or not self.is_described

    def lists(self, model: HybridModel, asks: Iterable[Ask]) -> Iterator[Sequence[str]]:
        fused_so = (replace(ask, fusion=self.fusion) for ask in asks)
        if self.is_silent:
            fused_so = (replace(ask, asker=_silent(ask.asker)) for ask in fused_so)
        for answer in without(model, self.lost).generate_batch_recommendations(fused_so):
            yield answer.track_ids


@dataclass(frozen=True, slots=True)
class Alone:
    """By one source, over the whole catalogue where no candidates are given.

    Attributes:
        name: of the way.
        source: whose scores rank, or one of whose signals.
        signal: which one; None for the scores.
    """

    name: str
    source: Source
    signal: str | None = None
    is_described: bool = False

    def ranks(self, one: Slice) -> bool:
        return one.candidates is not None or not self.is_described

    def lists(self, model: HybridModel, asks: Iterable[Ask]) -> Iterator[Sequence[str]]:
        everything = np.arange(len(model.knowledge.catalog), dtype=np.int32)
        waiting, ids = iter(asks), model.knowledge.catalog.tracks.ids
        while batch := list(islice(waiting, ASKED_AT_ONCE)):
            full = [replace(ask, rows=_rows(ask, everything)) for ask in batch]
            queries = plan(full, model.knowledge, NO_DEADLINE).queries
            scores = self._scores(model, queries)
            for query, ask in enumerate(full):
                part = queries.part(query)
                order = np.argsort(-scores[part], kind="stable")  # NaN last
                order = order[~np.isnan(scores[part][order])][: ask.k]
                yield [ids[row] for row in queries.candidate_rows[part][order].tolist()]

    def _scores(self, model: HybridModel, queries: QueryBatch) -> Floats:
        """Shape (N,), NaN where nothing is known."""
        if self.source == "cf":
            said = model.cf.score(queries)
        else:
            no_audio = AudioFeatures.measured(queries.cold_items.audio)
            said = model.content.score(queries, no_audio)
        return said.scores if self.signal is None else said.signal(self.signal)


WAYS: tuple[Way, ...] = (
    AsServed(HYBRID),
    AsServed(WEIGHTED_SUM, WEIGHTED_SUM),
    AsServed(CONFIDENCE_WEIGHTED, CONFIDENCE_WEIGHTED),
    AsServed(LEARNED_WEIGHTS, LEARNED_WEIGHTS),
    AsServed(ADAPTIVE, ADAPTIVE),
    AsServed(WITHOUT_SESSION, is_silent=True),
    Alone("cf", "cf"),
    Alone("co_listening", "cf", "co_listening"),
    Alone("factors", "cf", "factors"),
    Alone("content", "content"),
    AsServed(f"without_{NMF_SCORER}", lost=frozenset({NMF_SCORER})),
    AsServed(f"without_{TWO_TOWER_SCORER}", lost=frozenset({TWO_TOWER_SCORER})),
    AsServed(DESCRIBED, is_described=True),
    AsServed(f"without_{AUDIO_PREDICTOR}", lost=frozenset({AUDIO_PREDICTOR}), is_described=True),
)
"""All of them. Without the fusion's stage the ingress merges by ``confidence_weighted``, and the
audio predictor is asked only for tracks that a request describes: its loss is to be held against
``DESCRIBED``."""


def without(model: HybridModel, lost: frozenset[str]) -> HybridModel:
    """The model while some stages answer nothing, as the ingress then goes on.

    Args:
        model: whole.
        lost: names of stages; without the fusion's, ask for ``confidence_weighted``.
    """
    # a lost scorer answers as a scorer does: that nothing is known
    cf = cast("NMFScorer", _Lost("cf")) if NMF_SCORER in lost else model.cf
    content = (
        cast("TwoTowerScorer", _Lost("content")) if TWO_TOWER_SCORER in lost else model.content
    )
    audio = None if AUDIO_PREDICTOR in lost else model.audio
    return replace(model, cf=cf, content=content, audio=audio)


@dataclass(frozen=True, slots=True)
class _Lost:
    """A scorer that is down."""

    name: Source

    def score(self, queries: QueryBatch, cold_audio: AudioFeatures | None = None) -> ScoreBatch:
        del cold_audio  # the content scorer is given it
        return ScoreBatch.absent(self.name, queries)

    def retrieve(self, queries: QueryBatch) -> Retrieved:
        return Retrieved.nothing(len(queries))


def _silent(asker: Asker) -> Asker:
    """The same listener, of whose session nothing is known."""
    return replace(asker, session=np.full_like(asker.session, np.nan))


def _rows(ask: Ask, everything: Rows) -> Rows:
    """The candidates of a question; the whole catalogue but for what was played, if none."""
    if ask.rows is not None:
        return ask.rows
    return everything[~np.isin(everything, ask.exclude)]
