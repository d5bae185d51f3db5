"""Asks all stages for one batch of queries, each within its budget; what is lost is said."""

import asyncio
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeVar

from ray.exceptions import RayError
from ray.serve.exceptions import RayServeException

from deployments import telemetry
from deployments.offload import Offload
from hybridrec.answers.plan import Scored
from hybridrec.errors import HybridRecError
from hybridrec.fusion.calibrated import Fusion
from hybridrec.fusion.confidence import ConfidenceWeighted
from hybridrec.schema.answers import StageReport
from hybridrec.schema.names import AUDIO_PREDICTOR, META_FUSION, NMF_SCORER, TWO_TOWER_SCORER, Mask
from hybridrec.schema.records import AudioFeatures, QueryBatch
from hybridrec.schema.scores import FusedBatch, Retrieved, ScoreBatch

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Status = Literal["ok", "absent", "not_needed", "late", "failed"]
_WORST_LAST: tuple[Status, ...] = ("not_needed", "ok", "absent", "late", "failed")

# Moments by which a stage must have answered, as shares of the time up to the deadline: what
# waits for a lost stage must leave enough for those that come after it.
RETRIEVE_BY = 0.35
AUDIO_BY = 0.55
SCORE_BY = 0.75
FUSE_BY = 0.9


class Reply(Protocol[T_co]):
    """An answer under way, such as Ray's ``DeploymentResponse``."""

    def __await__(self) -> Generator[Any, None, T_co]: ...

    def cancel(self) -> object:
        """Tells the stage that nobody waits any more: giving up waiting does not."""
        ...


@dataclass(frozen=True, slots=True)
class Calls:
    """How each stage is asked; the names are those of the replicas' methods."""

    retrieve_cf: Callable[[QueryBatch], Reply[Retrieved]]
    retrieve_content: Callable[[QueryBatch], Reply[Retrieved]]
    score_cf: Callable[[QueryBatch], Reply[ScoreBatch]]
    score_content: Callable[[QueryBatch, AudioFeatures], Reply[ScoreBatch]]
    predict_audio: Callable[[QueryBatch, Mask], Reply[AudioFeatures]]
    fuse: Callable[[QueryBatch, ScoreBatch, ScoreBatch, AudioFeatures], Reply[FusedBatch]]


@dataclass(slots=True)
class Watch:
    """The time of one request, and what became of each stage in it.

    Attributes:
        seconds: from the start to the deadline.
        reports: by stage; of several calls to one stage the worst, their times added up.
    """

    seconds: float
    clock: Callable[[], float] = time.monotonic
    started: float = field(init=False)
    reports: dict[str, StageReport] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.started = self.clock()

    @property
    def ms(self) -> float:
        """Milliseconds since the start."""
        return (self.clock() - self.started) * 1e3

    def left(self, by: float) -> float:
        """Seconds until a share of the request's time has passed; below 0 if it has."""
        return self.started + by * self.seconds - self.clock()

    async def ask(self, stage: str, call: Callable[[], Reply[T]], by: float) -> T | None:
        """The answer of a stage, None if it failed or was late.

        Args:
            stage: its name in the answer.
            call: sends the question.
            by: when the answer must be there, as a share of the request's time.
        """
        began = self.clock()
        status: Status = "failed"
        reply: Reply[T] | None = None
        try:
            reply = call()
            async with asyncio.timeout(self.left(by)):
                answer = await reply
            status = "ok"
        except TimeoutError:
            status = "late"
        except (RayError, RayServeException, HybridRecError) as error:
            telemetry.stage_failed(stage, error)
        else:
            return answer
        finally:
            self.note(stage, status, began)
            if reply is not None and status != "ok":
                reply.cancel()
        return None

    def note(self, stage: str, status: Status, began: float | None = None) -> None:
        """Keeps what became of a call."""
        ms = None if began is None else (self.clock() - began) * 1e3
        before = self.reports.get(stage)
        if before is not None:
            status = max(before.status, status, key=_WORST_LAST.index)
            ms = (before.ms or 0.0) + (ms or 0.0)
        rounded = None if ms is None else round(ms, 3)
        self.reports[stage] = StageReport(status=status, ms=rounded)


@dataclass(frozen=True, slots=True)
class FanOut:
    """The graph as one question: retrieval, then scores of both views, then their fusion.

    Attributes:
        calls: ask the stages.
        fallback: fuses when the meta-learner is lost.
        offload: where that runs.
        has_predictor: whether the bundle holds an audio predictor.
    """

    calls: Calls
    fallback: Fusion[ConfidenceWeighted]
    offload: Offload
    has_predictor: bool

    async def retrieve(self, queries: QueryBatch, watch: Watch) -> tuple[Retrieved, Retrieved]:
        """The best tracks of both scorers; nothing from one that is lost."""
        cf, content = await asyncio.gather(
            watch.ask(NMF_SCORER, lambda: self.calls.retrieve_cf(queries), RETRIEVE_BY),
            watch.ask(TWO_TOWER_SCORER, lambda: self.calls.retrieve_content(queries), RETRIEVE_BY),
        )
        nothing = Retrieved.nothing(len(queries))
        return cf or nothing, content or nothing

    async def score(
        self, queries: QueryBatch, watch: Watch, *, predicts_audio: Mask | None
    ) -> Scored:
        """Scores, fusion and audio of all candidates, lost stages replaced by absences.

        Args:
            queries: with their candidates.
            watch: of the request.
            predicts_audio: shape (C,), whether the gaps in each cold item's audio are to be
                filled; None if there are none.
        """
        cf, (content, cold_audio) = await asyncio.gather(
            watch.ask(NMF_SCORER, lambda: self.calls.score_cf(queries), SCORE_BY),
            self._content(queries, watch, predicts_audio),
        )
        cf = cf or ScoreBatch.absent("cf", queries)
        content = content or ScoreBatch.absent("content", queries)
        fused = await watch.ask(
            META_FUSION, lambda: self.calls.fuse(queries, cf, content, cold_audio), FUSE_BY
        )
        if fused is None:
            fused = await self.offload(self.fallback.fuse, queries, cf, content, cold_audio)
        return Scored(cf, content, cold_audio, fused, dict(watch.reports))

    async def _content(
        self, queries: QueryBatch, watch: Watch, predicts_audio: Mask | None
    ) -> tuple[ScoreBatch | None, AudioFeatures]:
        cold_audio = await self._audio(queries, watch, predicts_audio)
        content = await watch.ask(
            TWO_TOWER_SCORER, lambda: self.calls.score_content(queries, cold_audio), SCORE_BY
        )
        return content, cold_audio

    async def _audio(
        self, queries: QueryBatch, watch: Watch, predicts_audio: Mask | None
    ) -> AudioFeatures:
        """Audio of the cold items: what was measured, and predictions where there are any."""
        completed = None
        if not self.has_predictor:
            watch.note(AUDIO_PREDICTOR, "absent")
        elif predicts_audio is None:
            watch.note(AUDIO_PREDICTOR, "not_needed")
        else:
            completed = await watch.ask(
                AUDIO_PREDICTOR, lambda: self.calls.predict_audio(queries, predicts_audio), AUDIO_BY
            )
        return AudioFeatures.measured(queries.cold_items.audio) if completed is None else completed
