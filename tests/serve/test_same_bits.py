"""The same question gets the same bits, alone or among others, through the whole graph.

The ingress asks for one request at a time, so here the stages' replicas are asked directly, over
Ray, for batches of sixteen requests of every kind, five times, so that each kind is merged in every
way; and the service over HTTP for each alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from ray import serve
from ray.serve.handle import DeploymentHandle

from deployments.local import LocalGraph
from hybridrec.answers.knowledge import Known
from hybridrec.answers.plan import Scored
from hybridrec.hybrid import NO_DEADLINE, HybridModel
from hybridrec.schema.answers import RecommendResponse, StageReport
from hybridrec.schema.names import FUSIONS, STAGES, FusionName
from hybridrec.schema.wire import RecommendRequest
from tests.serve.askers import ASKERS

pytestmark = pytest.mark.serve

N_TOGETHER = 16
TURNS = range(len(FUSIONS))
APPLICATION = "hybridrec"


@dataclass(frozen=True)
class RemoteStages:
    """The replicas of the graph, called as the ingress calls them."""

    cf: DeploymentHandle[Any]
    content: DeploymentHandle[Any]
    audio: DeploymentHandle[Any]
    fusion: DeploymentHandle[Any]

    @classmethod
    def of_graph(cls) -> "RemoteStages":
        names = ("NMFScorer", "TwoTowerScorer", "AudioPredictor", "MetaFusion")
        return cls(*(serve.get_deployment_handle(name, APPLICATION) for name in names))

    def answers(
        self, model: HybridModel, requests: Sequence[RecommendRequest]
    ) -> list[RecommendResponse]:
        """What the graph makes of some requests that travel in one batch."""
        desk = model._desk()
        planned = desk.plan(requests, [Known.nothing()] * len(requests), NO_DEADLINE)
        if planned.needs_retrieval:
            asked = [one.retrieve.remote(planned.queries) for one in (self.cf, self.content)]
            planned = desk.fill(planned, *(reply.result() for reply in asked))
        queries = planned.queries
        audio = self.audio.predict.remote(queries, planned.predicts_audio).result()
        cf = self.cf.score.remote(queries).result()
        content = self.content.score.remote(queries, audio).result()
        fused = self.fusion.fuse.remote(queries, cf, content, audio).result()
        stages = dict.fromkeys(STAGES, StageReport(status="ok"))
        scored = Scored(cf, content, audio, fused, stages)
        return desk.recommendations(planned, scored, [""] * len(requests))


def requests_of(model: HybridModel, turn: int) -> list[RecommendRequest]:
    """Sixteen requests, one of every kind; from turn to turn each is merged in another way."""
    bodies = [
        asker(model) | {"k": 7 + place, "fusion": FUSIONS[(place + turn) % len(FUSIONS)]}
        for place, asker in enumerate(ASKERS)
    ]
    return [RecommendRequest.model_validate(body) for body in bodies]


@pytest.fixture(scope="module")
def together(graph: LocalGraph, tiny_model: HybridModel) -> list[list[RecommendResponse]]:
    """The answers to the batch of each turn."""
    assert graph.client.get("/readyz").status == 200
    stages = RemoteStages.of_graph()
    return [stages.answers(tiny_model, requests_of(tiny_model, turn)) for turn in TURNS]


@pytest.mark.parametrize("fusion", FUSIONS)
@pytest.mark.parametrize("place", range(N_TOGETHER), ids=[one.__name__ for one in ASKERS])
def test_a_request_gets_the_same_bits_alone_and_among_sixteen(
    graph: LocalGraph,
    tiny_model: HybridModel,
    together: list[list[RecommendResponse]],
    place: int,
    fusion: FusionName,
) -> None:
    turn = (FUSIONS.index(fusion) - place) % len(FUSIONS)
    request, in_company = requests_of(tiny_model, turn)[place], together[turn][place]

    (alone,) = RemoteStages.of_graph().answers(tiny_model, [request])
    reply = graph.client.post("/v1/recommendations", request.model_dump_json().encode())

    assert request.fusion == fusion
    assert in_company.items == alone.items
    assert in_company.metadata == alone.metadata
    assert reply.status == 200, reply.detail
    # a float32 number goes through JSON and back unchanged
    over_http = RecommendResponse.model_validate_json(reply.body)
    assert over_http.model_dump()["items"] == alone.model_dump()["items"]


def test_the_sixteen_differ(together: list[list[RecommendResponse]]) -> None:
    for answers in together:
        lists = {tuple((item.track_id, item.score) for item in one.items) for one in answers}

        assert len(answers) == N_TOGETHER
        assert len(lists) > N_TOGETHER // 2
