"""The real graph: five deployments on a cluster of their own, asked over HTTP."""

import ipaddress
import json
from pathlib import Path

import httpx
import psutil
import pytest

from deployments import processes
from deployments.local import LocalGraph
from hybridrec.answers.knowledge import Known
from hybridrec.hybrid import HybridModel
from hybridrec.schema.answers import ErrorResponse, RecommendResponse, ScoresResponse
from hybridrec.schema.profile import Interaction, Profile
from hybridrec.schema.wire import RecommendRequest, ScoresRequest
from hybridrec.store.sqlite import SQLiteProfileStore
from tests.serve.answers import RECOMMENDATIONS, SCORES, ask, same_numbers, without_the_way
from tests.serve.askers import (
    ASKERS,
    NEW_TRACK,
    Asker,
    known_user,
    preferences_of_new_tracks,
    user_of_new_tracks,
    user_of_new_tracks_without_predicted_audio,
    user_with_candidates,
    user_without_predicted_audio,
)

pytestmark = pytest.mark.serve

STAGES = {"nmf_scorer", "two_tower_scorer", "audio_predictor", "meta_fusion"}
ID = "x-request-id"


@pytest.mark.parametrize("asker", ASKERS, ids=lambda one: one.__name__)
def test_recommendations_equal_those_of_one_process(
    graph: LocalGraph, tiny_model: HybridModel, asker: Asker
) -> None:
    body = asker(tiny_model) | {"k": 7}

    reply = ask(graph, RECOMMENDATIONS, body)

    assert reply.status == 200, reply.detail
    answer = RecommendResponse.model_validate_json(reply.body)
    expected = tiny_model.get_recommendations(RecommendRequest.model_validate(body))
    assert len(answer.items) == 7
    assert answer.degraded == []
    assert set(answer.stages) - {"profile_store"} == STAGES
    same_numbers(without_the_way(answer), without_the_way(expected))


@pytest.mark.parametrize(
    "asker",
    [
        user_with_candidates,
        user_without_predicted_audio,
        user_of_new_tracks,
        user_of_new_tracks_without_predicted_audio,
        preferences_of_new_tracks,
    ],
    ids=lambda one: one.__name__,
)
def test_scores_equal_those_of_one_process(
    graph: LocalGraph, tiny_model: HybridModel, asker: Asker
) -> None:
    body = asker(tiny_model)

    reply = ask(graph, SCORES, body)

    assert reply.status == 200, reply.detail
    answer = ScoresResponse.model_validate_json(reply.body)
    expected = tiny_model.predict(ScoresRequest.model_validate(body))
    assert set(answer.unknown_track_ids) <= {"no such track"}
    assert len(answer.items) + len(answer.unknown_track_ids) == len(body["candidates"])
    same_numbers(without_the_way(answer), without_the_way(expected))


def test_a_score_does_not_depend_on_the_way_a_track_came_in(
    graph: LocalGraph, tiny_model: HybridModel
) -> None:
    user = known_user(tiny_model)
    shown = RecommendResponse.model_validate_json(ask(graph, RECOMMENDATIONS, user).body).items

    ids = [item.track_id for item in shown]
    scored = ScoresResponse.model_validate_json(
        ask(graph, SCORES, user | {"candidates": ids}).body
    ).items

    assert [item.score for item in scored] == [item.score for item in shown]


def test_all_five_deployments_work_on_a_track_without_audio(
    graph: LocalGraph, tiny_model: HybridModel
) -> None:
    body = known_user(tiny_model) | {"candidates": [NEW_TRACK]}

    answer = ScoresResponse.model_validate_json(ask(graph, SCORES, body).body)

    assert {name: answer.stages[name].status for name in STAGES} == dict.fromkeys(STAGES, "ok")
    assert answer.items[0].audio.predicted
    assert answer.items[0].method == "content"


def test_k_above_the_catalogue_gives_what_there_is(
    graph: LocalGraph, tiny_model: HybridModel
) -> None:
    ids = list(tiny_model.knowledge.catalog.tracks.ids[:15])

    reply = ask(graph, RECOMMENDATIONS, {"candidates": ids, "k": 200})

    answer = RecommendResponse.model_validate_json(reply.body)
    assert sorted(item.track_id for item in answer.items) == sorted(ids)


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        (RECOMMENDATIONS, b"{", 400, "malformed_json"),
        (RECOMMENDATIONS, b'{"k": "many"}', 422, "invalid_request"),
        (RECOMMENDATIONS, b'{"k": 0}', 422, "invalid_request"),
        (RECOMMENDATIONS, b'{"mood": "blue"}', 422, "invalid_request"),
        (RECOMMENDATIONS, b'{"candidates": []}', 422, "invalid_request"),
        (SCORES, b'{"user_id": "u"}', 422, "invalid_request"),
        ("/v1/nothing", b"{}", 404, "not_found"),
    ],
    ids=["malformed", "wrong_type", "too_small", "unknown_field", "empty", "missing", "no_route"],
)
def test_a_wrong_request_gets_the_one_error_schema(
    graph: LocalGraph, path: str, body: bytes, status: int, code: str
) -> None:
    reply = graph.client.post(path, body)

    assert reply.status == status
    assert ErrorResponse.model_validate_json(reply.body).code == code


@pytest.mark.parametrize(
    "headers",
    [{}, {ID: "mine-1"}, {ID: "not sane"}, {ID: "mine-2", "x-request-timeout-seconds": "0.0001"}],
    ids=["none", "own", "odd", "with_a_time_limit"],
)
@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (RECOMMENDATIONS, '{"k": 3}', 200),
        (SCORES, "{", 400),
        (SCORES, "{}", 422),
        ("/v1/nothing", "", 404),
    ],
    ids=["answered", "malformed", "invalid", "no_route"],
)
def test_an_answer_has_the_id_of_its_request_once(
    graph: LocalGraph, path: str, body: str, status: int, headers: dict[str, str]
) -> None:
    response = httpx.post(graph.url + path, content=body, headers=headers)

    assert response.status_code == status
    request_id = response.json()["request_id"]
    assert response.headers.get_list(ID) == [request_id]
    assert request_id == headers.get(ID) or headers.get(ID) in {None, "not sane"}
    assert request_id != "not sane"


def test_no_other_machine_can_reach_a_port_of_the_graph(graph: LocalGraph) -> None:
    assert graph.client.get("/healthz").is_ok

    ours = {psutil.Process(), *processes.descendants()}
    listening = {
        (process.name(), connection.laddr.ip)
        for process in ours
        for connection in process.net_connections("inet")
        if connection.status in {psutil.CONN_LISTEN, psutil.CONN_NONE}  # TCP, UDP
    }

    assert any("ServeReplica" in name for name, _ in listening)
    assert {(name, ip) for name, ip in listening if not is_loopback(ip)} == set()


def is_loopback(ip: str) -> bool:
    address = ipaddress.ip_address(ip)
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


def test_too_many_candidates_are_refused(graph: LocalGraph) -> None:
    reply = ask(graph, SCORES, {"candidates": [str(number) for number in range(10_001)]})

    assert reply.status == 422
    assert "candidates" in reply.detail


def test_the_bundle_and_its_stages_are_told(graph: LocalGraph, tiny_model: HybridModel) -> None:
    bundle = json.loads(graph.client.get("/v1/bundle").body)
    ready = json.loads(graph.client.get("/readyz").body)

    assert bundle["bundle_version"] == tiny_model.knowledge.version
    assert bundle["n_tracks"] == len(tiny_model.knowledge.catalog)
    assert bundle["providers"]["two_tower_scorer"] == ["CPUExecutionProvider"]
    assert set(ready["stages"].values()) == {tiny_model.knowledge.version}
    assert graph.client.get("/healthz").status == 200


def test_the_next_request_knows_what_the_store_was_told(
    graph: LocalGraph, store_folder: Path, tiny_model: HybridModel
) -> None:
    store = SQLiteProfileStore(store_folder)
    listener = RecommendRequest(user_id="a new listener", k=5)
    body = listener.model_dump(include={"user_id", "k"})
    before = RecommendResponse.model_validate_json(ask(graph, RECOMMENDATIONS, body).body)
    played = before.items[0].track_id
    genre = tiny_model.knowledge.encoder.genres.terms.ids[1]
    interactions = (Interaction("a new listener", played, plays=1),)
    profile = Profile("a new listener", preferred_genres=(genre,))

    store.add_interactions(interactions)
    store.put_profile(profile)
    reply = ask(graph, RECOMMENDATIONS, body)
    store.close()

    after = RecommendResponse.model_validate_json(reply.body)
    expected = tiny_model.get_recommendations(listener, Known(profile, interactions))
    assert before.metadata.generation_method == "popularity"
    assert after.metadata.generation_method == "hybrid_meta_learning"
    assert played not in [item.track_id for item in after.items]
    same_numbers(without_the_way(after), without_the_way(expected))
