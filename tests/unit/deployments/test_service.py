"""The service around the real stages of a bundle, in one process, with no Ray."""

import asyncio
import json
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from typing_extensions import override

from deployments.fanout import FanOut
from deployments.offload import Offload
from deployments.service import Service
from deployments.stage import StageState
from hybridrec.answers.desk import Desk
from hybridrec.answers.explainer import Explainer
from hybridrec.errors import StageUnavailable
from hybridrec.hybrid import HybridModel
from hybridrec.persistence.bundle import open_bundle
from hybridrec.protocols import ProfileStore
from hybridrec.schema.answers import RecommendResponse
from hybridrec.schema.names import STAGES
from hybridrec.schema.profile import Interaction, Profile
from hybridrec.schema.wire import RecommendRequest, ScoresRequest
from hybridrec.store.sqlite import SQLiteProfileStore
from tests.serve.fakes import FakeGraph, FakeStage

DEADLINE_S = 2.0


class BrokenStore(SQLiteProfileStore):
    @override
    def interactions(self, user_id: str, limit: int = 200) -> tuple[Interaction, ...]:
        raise StageUnavailable("profile_store", "is locked")


class SlowStore(SQLiteProfileStore):
    @override
    def profile(self, user_id: str) -> Profile | None:
        time.sleep(0.5)
        return None


@dataclass
class Parts:
    """A service and the stages that it asks."""

    graph: FakeGraph
    probes: dict[str, FakeStage[[], StageState]]
    service: Service


def build(
    model: HybridModel, bundle: Path, store: ProfileStore | None = None, deadline_s: float = 2.0
) -> Parts:
    graph, fallback = FakeGraph.of_model(model), model.fusions.confidence_weighted
    explainer = Explainer(model.explanations, model.fusions.meta_learning.interval.widest)
    desk, offload = Desk(model.knowledge, model.ranking, explainer), Offload(2)
    state = StageState(model.knowledge.version, ("CPUExecutionProvider",))
    probes = {stage: FakeStage(lambda: state) for stage in STAGES}
    service = Service(
        desk=desk,
        manifest=open_bundle(bundle).manifest,
        store=store,
        fanout=FanOut(graph.calls, fallback, offload, has_predictor=True),
        probes=dict(probes),
        offload=offload,
        deadline_s=deadline_s,
    )
    return Parts(graph, probes, service)


@pytest.fixture
def parts(tiny_model: HybridModel, tiny_bundle: Path) -> Parts:
    return build(tiny_model, tiny_bundle)


def recommend(parts: Parts, **body: object) -> RecommendResponse:
    request = RecommendRequest.model_validate(body)
    return asyncio.run(parts.service.recommend(request, "id"))


def ids(answer: RecommendResponse) -> Sequence[str]:
    return [item.track_id for item in answer.items]


def test_the_service_recommends_what_the_model_recommends(
    parts: Parts, tiny_model: HybridModel
) -> None:
    request = RecommendRequest(user_id=tiny_model.knowledge.users.ids[0], k=7)
    expected = tiny_model.get_recommendations(request)

    found = recommend(parts, **request.model_dump())

    assert found.request_id == "id"
    ignored = {"request_id", "stages"}
    assert found.model_dump(exclude=ignored) == expected.model_dump(exclude=ignored)


def test_the_service_scores_what_the_model_scores(parts: Parts, tiny_model: HybridModel) -> None:
    tracks = tiny_model.knowledge.catalog.tracks.ids
    request = ScoresRequest(user_id="nobody", candidates=["unknown", *tracks[:20]])

    found = asyncio.run(parts.service.scores(request, "id"))

    assert found.items == tiny_model.predict(request).items
    assert found.unknown_track_ids == ["unknown"]


def test_with_every_scorer_lost_the_popular_tracks_remain(
    parts: Parts, tiny_model: HybridModel
) -> None:
    for stage in (parts.graph.retrieve_cf, parts.graph.score_cf):
        stage.dies()
    for other in (parts.graph.retrieve_content, parts.graph.score_content):
        other.dies()

    answer = recommend(parts, user_id=tiny_model.knowledge.users.ids[0], k=10)

    assert len(answer.items) == 10
    assert answer.metadata.generation_method == "popularity"
    assert sorted(answer.degraded) == ["nmf_scorer", "two_tower_scorer"]


def test_the_store_is_asked_for_known_listeners(
    tiny_model: HybridModel, tiny_bundle: Path, tmp_path: Path
) -> None:
    store = SQLiteProfileStore(tmp_path)
    parts = build(tiny_model, tiny_bundle, store)
    first = ids(recommend(parts, user_id="newcomer", k=10))[0]
    store.add_interactions([Interaction("newcomer", first, plays=1)])

    answer = recommend(parts, user_id="newcomer", k=10)

    assert first not in ids(answer)  # played by now
    assert answer.stages["profile_store"].status == "ok"
    assert "profile_store" not in recommend(parts, k=1).stages  # a stranger has no profile


@pytest.mark.parametrize(
    ("kind", "deadline_s", "status"),
    [
        pytest.param(BrokenStore, DEADLINE_S, "failed", id="broken"),
        pytest.param(SlowStore, DEADLINE_S, "late", id="slow"),
    ],
)
def test_a_lost_store_is_named_and_done_without(
    tiny_model: HybridModel,
    tiny_bundle: Path,
    tmp_path: Path,
    kind: type[SQLiteProfileStore],
    deadline_s: float,
    status: str,
) -> None:
    parts = build(tiny_model, tiny_bundle, kind(tmp_path), deadline_s)

    answer = recommend(parts, user_id=tiny_model.knowledge.users.ids[0], k=5)

    assert len(answer.items) == 5
    assert answer.degraded == ["profile_store"]
    assert answer.stages["profile_store"].status == status


def test_all_stages_tell_the_bundle_and_where_they_run(
    parts: Parts, tiny_model: HybridModel
) -> None:
    bundle = asyncio.run(parts.service.bundle())

    assert bundle.bundle_version == tiny_model.knowledge.version
    assert bundle.n_users == len(tiny_model.knowledge.users)
    assert bundle.providers == {stage: ["CPUExecutionProvider"] for stage in STAGES}


def test_a_stage_with_another_bundle_is_not_ready(parts: Parts) -> None:
    parts.probes["meta_fusion"].work = lambda: StageState("other")

    with pytest.raises(StageUnavailable, match=r"meta_fusion.*other"):
        asyncio.run(parts.service.states())


def test_a_dead_stage_is_not_ready(parts: Parts) -> None:
    parts.probes["nmf_scorer"].dies()

    with pytest.raises(StageUnavailable, match=r"nmf_scorer.*failed"):
        asyncio.run(parts.service.states())


def test_a_request_is_one_line_that_tells_nothing_of_the_listener(
    parts: Parts, tiny_model: HybridModel, caplog: pytest.LogCaptureFixture
) -> None:
    track = tiny_model.knowledge.catalog.tracks.ids[7]
    parts.graph.fuse.dies()

    with caplog.at_level(logging.INFO, "hybridrec.service"):
        recommend(parts, user_id="wilhelmina", history=[{"track_id": track}], k=3)

    failed, answered = [json.loads(line) for line in caplog.messages]
    assert failed == {"event": "stage_failed", "stage": "meta_fusion", "error": "RayActorError"}
    assert answered["request_id"] == "id"
    assert (answered["k"], answered["n"]) == (3, 3)
    assert answered["degraded"] == ["meta_fusion"]
    assert answered["bundle_version"] == tiny_model.knowledge.version
    assert answered["stages"]["nmf_scorer"] >= 0
    assert "wilhelmina" not in caplog.text
    assert track not in caplog.text
