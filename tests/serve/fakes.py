"""Stages that answer in this process, on time, late, wrongly or not at all."""

import asyncio
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, Generic, ParamSpec, TypeVar

import numpy as np
from ray.exceptions import RayActorError

from deployments.fanout import Calls
from deployments.stage import tiny_query
from hybridrec.hybrid import HybridModel
from hybridrec.schema.names import Mask
from hybridrec.schema.records import AudioFeatures, QueryBatch
from hybridrec.schema.scores import FusedBatch, Retrieved, ScoreBatch
from hybridrec.testing import FakeMerger, uncalibrated

P = ParamSpec("P")
T = TypeVar("T")
QUERY = tiny_query("v1")


@dataclass(slots=True)
class FakeReply(Generic[T]):
    """An answer under way, as Ray gives one."""

    answer: Callable[[], T]
    delay_s: float = 0.0
    is_cancelled: bool = False

    def __await__(self) -> Generator[Any, None, T]:
        return self._answer().__await__()

    async def _answer(self) -> T:
        await asyncio.sleep(self.delay_s)
        return self.answer()

    def cancel(self) -> None:
        self.is_cancelled = True


@dataclass(slots=True)
class FakeStage(Generic[P, T]):
    """A method of a stage; keeps what it was asked and what it replied."""

    work: Callable[P, T]
    delay_s: float = 0.0
    asked: list[tuple[object, ...]] = field(default_factory=list)
    replies: list[FakeReply[T]] = field(default_factory=list)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> FakeReply[T]:
        self.asked.append(args)
        self.replies.append(FakeReply(lambda: self.work(*args, **kwargs), self.delay_s))
        return self.replies[-1]

    def is_late(self) -> None:
        """From now on it takes a minute."""
        self.delay_s = 60.0

    def dies(self) -> None:
        """From now on its replica is dead."""
        self.work = _die


@dataclass(slots=True)
class FakeGraph:
    """All methods of all stages."""

    retrieve_cf: FakeStage[[QueryBatch], Retrieved]
    retrieve_content: FakeStage[[QueryBatch], Retrieved]
    score_cf: FakeStage[[QueryBatch], ScoreBatch]
    score_content: FakeStage[[QueryBatch, AudioFeatures], ScoreBatch]
    predict_audio: FakeStage[[QueryBatch, Mask], AudioFeatures]
    fuse: FakeStage[[QueryBatch, ScoreBatch, ScoreBatch, AudioFeatures], FusedBatch]

    @property
    def calls(self) -> Calls:
        """As the fan-out takes them."""
        return Calls(
            self.retrieve_cf,
            self.retrieve_content,
            self.score_cf,
            self.score_content,
            self.predict_audio,
            self.fuse,
        )

    @classmethod
    def of_constants(cls) -> "FakeGraph":
        """Every candidate gets .25 from cf and .75 from content, with confidence .5."""
        return cls(
            FakeStage(lambda _: Retrieved(np.array([3], np.int32), np.array([0, 1], np.int32))),
            FakeStage(lambda _: Retrieved(np.array([4], np.int32), np.array([0, 1], np.int32))),
            FakeStage(lambda queries: constant("cf", 0.25, queries)),
            FakeStage(lambda queries, _: constant("content", 0.75, queries)),
            FakeStage(lambda queries, _: guessed(queries)),
            FakeStage(uncalibrated(FakeMerger()).fuse),
        )

    @classmethod
    def of_model(cls, model: HybridModel) -> "FakeGraph":
        """The stages of a bundle."""

        def predict(queries: QueryBatch, wanted: Mask) -> AudioFeatures:
            assert model.audio is not None
            return model.audio.complete(queries.cold_items, wanted)

        return cls(
            FakeStage(model.cf.retrieve),
            FakeStage(model.content.retrieve),
            FakeStage(model.cf.score),
            FakeStage(model.content.score),
            FakeStage(predict),
            FakeStage(model.fusions.fuse),
        )


def constant(scorer: str, score: float, queries: QueryBatch) -> ScoreBatch:
    """The same score for every candidate."""
    n_total = int(queries.offsets[-1])
    half = np.full(n_total, 0.5, np.float32)
    return ScoreBatch.plain(scorer, np.full(n_total, score, np.float32), half)


def guessed(queries: QueryBatch) -> AudioFeatures:
    """Every feature is .5, with confidence .1."""
    shape = queries.cold_items.audio.shape
    half = np.full(shape, 0.5, np.float32)
    return AudioFeatures(
        half, half, half, np.full(shape, 0.1, np.float32), np.ones(shape[0], np.bool_)
    )


def _die(*_: object, **__: object) -> Any:
    raise RayActorError
