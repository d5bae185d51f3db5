"""What the ingress does for one request, apart from HTTP and Ray."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from deployments import telemetry
from deployments.fanout import FanOut, Reply, Watch
from deployments.offload import Offload
from deployments.stage import PROFILE_STORE, StageState
from hybridrec.answers.desk import Desk
from hybridrec.answers.knowledge import Known
from hybridrec.answers.plan import Plan, Scored
from hybridrec.errors import ArtifactError, StageUnavailable
from hybridrec.persistence.manifest import Manifest
from hybridrec.protocols import ProfileStore
from hybridrec.schema.answers import BundleResponse, RecommendResponse, ScoresResponse
from hybridrec.schema.wire import RecommendRequest, ScoresRequest

STORE_BY = 0.15
"""Moment by which the profile store must have answered, as a share of the request's time."""


@dataclass(frozen=True, slots=True)
class Service:
    """Plans a request, asks the graph and presents the answer.

    Attributes:
        desk: knows the bundle.
        manifest: of the bundle.
        store: what users stated and did since; None if there is no store.
        fanout: asks the stages.
        probes: ask each stage, by name, whether it is ready.
        offload: where work runs that would hold up the event loop.
        deadline_s: how long a request may take.
    """

    desk: Desk
    manifest: Manifest
    store: ProfileStore | None
    fanout: FanOut
    probes: dict[str, Callable[[], Reply[StageState]]]
    offload: Offload
    deadline_s: float

    async def recommend(self, request: RecommendRequest, request_id: str) -> RecommendResponse:
        """The answer to ``POST /v1/recommendations``.

        Raises:
            InvalidQuery: the request cannot be answered as it stands.
        """
        watch = Watch(self.deadline_s)
        plan, scored = await self._ask(request, watch)
        answers = await self.offload(self.desk.recommendations, plan, scored, [request_id])
        telemetry.answered(answers[0], request.k, watch.ms)
        return answers[0]

    async def scores(self, request: ScoresRequest, request_id: str) -> ScoresResponse:
        """The answer to ``POST /v1/scores``.

        Raises:
            InvalidQuery: the request cannot be answered as it stands.
        """
        watch = Watch(self.deadline_s)
        plan, scored = await self._ask(request, watch)
        answers = await self.offload(self.desk.scores, plan, scored, [request_id])
        telemetry.answered(answers[0], len(request.candidates), watch.ms)
        return answers[0]

    async def states(self) -> dict[str, StageState]:
        """What each stage says of itself.

        Raises:
            StageUnavailable: a stage is lost, late, or serves another bundle version.
        """
        watch = Watch(self.deadline_s)
        states = await asyncio.gather(
            *(watch.ask(stage, probe, 1.0) for stage, probe in self.probes.items())
        )
        found = {}
        for stage, state in zip(self.probes, states, strict=True):
            if state is None:
                raise StageUnavailable(stage, f"is {watch.reports[stage].status}")
            if state.bundle_version != self.manifest.bundle_version:
                raise StageUnavailable(
                    stage,
                    f"serves bundle {state.bundle_version}, not {self.manifest.bundle_version}",
                )
            found[stage] = state
        return found

    async def bundle(self) -> BundleResponse:
        """The answer to ``GET /v1/bundle``.

        Raises:
            StageUnavailable: a stage does not say where it runs.
        """
        states = await self.states()
        provenance = self.manifest.provenance
        return BundleResponse(
            bundle_version=self.manifest.bundle_version,
            format_version=self.manifest.format_version,
            created=provenance.created,
            n_users=provenance.counts["n_users"],
            n_tracks=provenance.counts["n_tracks"],
            n_interactions=provenance.counts["n_interactions"],
            evaluation=provenance.evaluation,
            providers={name: list(state.providers) for name, state in states.items()},
        )

    async def _ask(
        self, request: RecommendRequest | ScoresRequest, watch: Watch
    ) -> tuple[Plan, Scored]:
        deadline = time.time() + self.deadline_s
        known = await self._known(request.user_id, watch)
        plan = await self.offload(self.desk.plan, [request], [known], deadline)
        if plan.needs_retrieval:
            cf, content = await self.fanout.retrieve(plan.queries, watch)
            plan = await self.offload(self.desk.fill, plan, cf, content)
        predicts_audio = plan.predicts_audio if plan.needs_audio else None
        scored = await self.fanout.score(plan.queries, watch, predicts_audio=predicts_audio)
        return plan, scored

    async def _known(self, user_id: str | None, watch: Watch) -> Known:
        """What the store says of the listener; nothing if it fails, and that is said."""
        if self.store is None or user_id is None:
            return Known.nothing()
        began = watch.clock()
        try:
            async with asyncio.timeout(watch.left(STORE_BY)):
                known = await self.offload(_read, self.store, user_id)
        except TimeoutError:
            watch.note(PROFILE_STORE, "late", began)
        except (StageUnavailable, ArtifactError) as error:
            telemetry.stage_failed(PROFILE_STORE, error)
            watch.note(PROFILE_STORE, "failed", began)
        else:
            watch.note(PROFILE_STORE, "ok", began)
            return known
        return Known.nothing()


def _read(store: ProfileStore, user_id: str) -> Known:
    return Known(store.profile(user_id), store.interactions(user_id), store.is_erased(user_id))
