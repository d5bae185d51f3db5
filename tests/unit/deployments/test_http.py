import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import pytest
from pydantic import ValidationError

from deployments.http import MAX_BODY_BYTES, build_http
from deployments.offload import Offload
from deployments.stage import StageState
from hybridrec.errors import InvalidQuery, StageUnavailable
from hybridrec.schema.answers import (
    AnswerMetadata,
    BundleResponse,
    ErrorResponse,
    RecommendResponse,
    ScoresResponse,
)
from hybridrec.schema.wire import Context, RecommendRequest, ScoresRequest

RECOMMENDATIONS, SCORES = "/v1/recommendations", "/v1/scores"
TRACK = {"track_id": "x", "title": "T", "artist": "A"}
METADATA = AnswerMetadata(
    user_id=None,
    user_known=False,
    context=Context(),
    session_features={},
    generation_method="hybrid_meta_learning",
    total_candidates_considered=0,
    dropped={},
    relaxed=[],
    unknown_track_ids=[],
    unknown_preferences=[],
)


@dataclass
class FakeService:
    """Answers with nothing, or fails."""

    failure: Exception | None = None
    offload: Offload = field(default_factory=lambda: Offload(1))
    asked: list[RecommendRequest | ScoresRequest] = field(default_factory=list)

    def _take(self, request: RecommendRequest | ScoresRequest) -> None:
        self.asked.append(request)
        if self.failure is not None:
            raise self.failure

    async def recommend(self, request: RecommendRequest, request_id: str) -> RecommendResponse:
        self._take(request)
        return RecommendResponse(
            request_id=request_id,
            bundle_version="v1",
            items=[],
            degraded=[],
            stages={},
            metadata=METADATA,
        )

    async def scores(self, request: ScoresRequest, request_id: str) -> ScoresResponse:
        self._take(request)
        return ScoresResponse(
            request_id=request_id,
            bundle_version="v1",
            items=[],
            degraded=[],
            stages={},
            unknown_track_ids=[],
            unknown_preferences=[],
        )

    async def states(self) -> dict[str, StageState]:
        if self.failure is not None:
            raise self.failure
        return {"nmf_scorer": StageState("v1")}

    async def bundle(self) -> BundleResponse:
        return BundleResponse(
            bundle_version="v1",
            format_version=1,
            created="2026-01-01T00:00:00+00:00",
            n_users=1,
            n_tracks=1,
            n_interactions=1,
            evaluation={},
            providers={},
        )


@pytest.fixture
def service() -> FakeService:
    return FakeService()


def send(service: FakeService, method: str, path: str, **options: object) -> httpx.Response:
    async def once() -> httpx.Response:
        transport = httpx.ASGITransport(build_http(service), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, path, **options)  # type: ignore[arg-type]  # httpx's

    return asyncio.run(once())


def refusal(response: httpx.Response) -> ErrorResponse:
    error = ErrorResponse.model_validate_json(response.content)
    assert response.headers["x-request-id"] == error.request_id
    return error


def test_a_request_reaches_the_service_and_comes_back(service: FakeService) -> None:
    response = send(service, "POST", RECOMMENDATIONS, json={"user_id": "u", "k": 3})

    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert service.asked == [RecommendRequest(user_id="u", k=3)]
    answer = RecommendResponse.model_validate_json(response.content)
    assert answer.request_id == response.headers["x-request-id"]


def test_scores_are_asked_in_the_order_of_the_request(service: FakeService) -> None:
    response = send(service, "POST", SCORES, json={"candidates": ["b", "a"]})

    assert response.status_code == 200
    assert service.asked == [ScoresRequest(candidates=["b", "a"])]


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/v1/bundle"])
def test_the_other_routes_answer(service: FakeService, path: str) -> None:
    assert send(service, "GET", path).status_code == 200


@pytest.mark.parametrize(
    ("body", "field_path"),
    [
        pytest.param({"k": 0}, "k", id="k below 1"),
        pytest.param({"k": 201}, "k", id="k above the limit"),
        pytest.param({"k": "10"}, "k", id="number as text"),
        pytest.param({"k": True}, "k", id="truth for a number"),
        pytest.param({"k": None}, "k", id="null"),
        pytest.param({"user_id": 7}, "user_id", id="number for an id"),
        pytest.param({"user_id": ""}, "user_id", id="empty id"),
        pytest.param({"user": "u"}, "user", id="unknown field"),
        pytest.param({"candidates": []}, "candidates", id="empty list"),
        pytest.param({"candidates": ["a"] * 10_001}, "candidates", id="too many candidates"),
        pytest.param({"candidates": "a"}, "candidates", id="text for a list"),
        pytest.param({"candidates": ["a", 5]}, "candidates.1", id="number among candidates"),
        pytest.param(
            {"candidates": [{"track_id": "x", "title": "T", "artist": 3}]},
            "candidates.0.artist",
            id="inside an inline track",
        ),
        pytest.param(
            {"history": [{"track_id": "a"}, {"track_id": "b", "plays": -1}]},
            "history.1.plays",
            id="negative plays",
        ),
        pytest.param({"history": [{"track_id": "a"}] * 1_001}, "history", id="long history"),
        pytest.param({"session": {"skip_rate": 2}}, "session.skip_rate", id="share above 1"),
        pytest.param([], "body", id="no object"),
        pytest.param("text", "body", id="text"),
    ],
)
def test_a_wrong_field_is_named(service: FakeService, body: object, field_path: str) -> None:
    response = send(service, "POST", RECOMMENDATIONS, json=body)

    assert response.status_code == 422
    error = refusal(response)
    assert error.code == "invalid_request"
    assert error.detail.startswith(f"{field_path}: ")
    assert service.asked == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param({"kk": 3}, "kk: there is no such field; did you mean k?", id="outermost"),
        pytest.param(
            {"candidates": [{"track_id": "x", "title": "T", "artist": "A", "genre": ["jazz"]}]},
            "candidates.0.genre: there is no such field; did you mean genres?",
            id="inside an inline track",
        ),
        pytest.param({"zzz": 3}, "zzz: there is no such field", id="like none"),
        pytest.param({"K": 3}, "K: there is no such field; did you mean k?", id="another case"),
        pytest.param(
            {"user-id": "u"},
            "user-id: there is no such field; did you mean user_id?",
            id="with a hyphen",
        ),
        pytest.param(
            {"genres": ["jazz"]},
            "genres: there is no such field; did you mean preferred_genres?",
            id="the end of a name, and a field elsewhere",
        ),
        pytest.param(
            {"mood": ["calm"]},
            "mood: there is no such field; did you mean preferred_moods?",
            id="almost the end of a name",
        ),
        pytest.param(
            {"title": "x"},
            "title: there is no such field; did you mean candidates[].title?",
            id="below, in a list",
        ),
        pytest.param(
            {"hour": 3}, "hour: there is no such field; did you mean context.hour?", id="below"
        ),
        pytest.param(
            {"tempos": 3},
            "tempos: there is no such field; did you mean candidates[].audio.tempo?",
            id="almost one far below",
        ),
        pytest.param(
            {"track_id": "x"},
            "track_id: there is no such field; did you mean"
            " history[].track_id or candidates[].track_id?",
            id="in two places below",
        ),
        pytest.param(
            {"candidates": ["a", {**TRACK, "energy": 0.5}]},
            "candidates.1.energy: there is no such field; did you mean candidates[].audio.energy?",
            id="below an inline track",
        ),
        pytest.param(
            {"context": {"k": 3}},
            "context.k: there is no such field; did you mean k of the whole request?",
            id="above",
        ),
        pytest.param(
            {"session": {"hour": 3}},
            "session.hour: there is no such field; did you mean context.hour of the whole request?",
            id="beside",
        ),
        pytest.param(
            {"session": {"score": 1}},
            "session.score: there is no such field",
            id="the end of several names",
        ),
        pytest.param(
            {"context": {"str": 3}}, "context.str: there is no such field", id="a type's name"
        ),
        pytest.param(
            {"candidates": [{**TRACK, "InlineTrack": 1}]},
            "candidates.0.InlineTrack: there is no such field",
            id="a model's name",
        ),
        pytest.param({"": 3}, '"": there is no such field', id="no name"),
        pytest.param(
            {"history": [{"track": "x"}]},
            "history.0.track: there is no such field; did you mean track_id?",
            id="like the missing one",
        ),
        pytest.param(
            {"candidates": [{"track_id": "x", "foo": 1, "titel": "T", "artist": "A"}]},
            "candidates.0.titel: there is no such field; did you mean title?",
            id="like the missing one, after one like none",
        ),
        pytest.param(
            {"history": [{"title": "x"}]},
            "history.0.track_id: Field required",
            id="unlike the missing one",
        ),
    ],
)
def test_of_an_unknown_field_it_is_said_which_was_meant(
    service: FakeService, body: object, said: str
) -> None:
    response = send(service, "POST", RECOMMENDATIONS, json=body)

    assert response.status_code == 422
    assert refusal(response).detail == said


@pytest.mark.parametrize("name", ["explain", "hour", "k"])
def test_what_another_route_alone_takes_is_not_likened_to_anything(
    service: FakeService, name: str
) -> None:
    response = send(service, "POST", SCORES, json={"candidates": ["a"], name: 1})

    assert refusal(response).detail == f"{name}: there is no such field"


def work_s(service: FakeService, path: str, body: object) -> tuple[ErrorResponse, float]:
    """How a body is refused, and the seconds of work that it takes, whatever else goes on here."""
    start = time.process_time()
    response = send(service, "POST", path, json=body)
    return refusal(response), time.process_time() - start


@pytest.mark.slow
def test_a_hundred_thousand_unknown_fields_hold_nobody_up(service: FakeService) -> None:
    body = {f"x{n}": 1 for n in range(100_000)}
    start = time.process_time()
    with pytest.raises(ValidationError) as found:
        ScoresRequest.model_validate_json(json.dumps(body))
    assert found.value.errors()
    found_s = time.process_time() - start

    error, told_s = work_s(service, SCORES, body)

    assert error.detail == "candidates: Field required"
    assert told_s < 10 * found_s  # and not the hundred times of likening each to all fields


def test_the_name_of_a_field_without_end_is_told_in_part_and_likened_to_nothing(
    service: FakeService,
) -> None:
    long = "s" * 1_000_000
    _, of_a_value_s = work_s(service, RECOMMENDATIONS, {"kk": long})

    error, of_a_name_s = work_s(service, RECOMMENDATIONS, {f"preferred_genre{long}": 1})

    assert error.detail.startswith("preferred_genresss")
    assert error.detail.endswith("s: there is no such field")
    assert len(error.detail) < 200
    assert of_a_name_s < 10 * of_a_value_s  # and not some hundred times


@pytest.mark.parametrize("path", [RECOMMENDATIONS, SCORES])
def test_a_track_that_is_described_twice_is_named(service: FakeService, path: str) -> None:
    track = {"track_id": "new", "title": "Dawn", "artist": "Ada"}

    response = send(service, "POST", path, json={"candidates": [track, "new", track]})

    assert response.status_code == 422
    error = refusal(response)
    assert error.code == "invalid_request"
    assert error.detail.startswith("candidates: ")
    assert "'new'" in error.detail
    assert service.asked == []


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b'{"k": 1', id="cut off"),
        pytest.param(b"{'k': 1}", id="single quotes"),
        pytest.param(b'{"k": 1} x', id="something behind"),
        pytest.param(b'{"user_id": "\xff"}', id="no UTF-8"),
        pytest.param(b'{"user_id": "\\ud800"}', id="half a character"),
        pytest.param(b"[" * 100_000, id="nested without end"),
    ],
)
def test_malformed_json_is_told_apart(service: FakeService, body: bytes) -> None:
    response = send(service, "POST", RECOMMENDATIONS, content=body)

    assert response.status_code == 400
    assert refusal(response).code == "malformed_json"


def test_a_body_that_says_it_is_too_large_is_not_read(service: FakeService) -> None:
    response = send(service, "POST", SCORES, content=b" " * (MAX_BODY_BYTES + 1))

    assert response.status_code == 413
    assert refusal(response).code == "body_too_large"


def test_a_body_in_chunks_is_limited_too(service: FakeService) -> None:
    n_sent = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal n_sent
        for _ in range(64):
            n_sent += 1
            yield b" " * 2**16

    response = send(service, "POST", SCORES, content=chunks())

    assert response.status_code == 413


def test_a_body_of_the_largest_size_passes(service: FakeService) -> None:
    body = json.dumps({"k": 1}).encode().ljust(MAX_BODY_BYTES)

    assert send(service, "POST", RECOMMENDATIONS, content=body).status_code == 200


def test_an_unknown_path_is_404_in_the_one_schema(service: FakeService) -> None:
    response = send(service, "GET", "/v2/nothing")

    assert response.status_code == 404
    assert refusal(response).code == "not_found"


def test_a_wrong_method_is_405_and_says_what_is_allowed(service: FakeService) -> None:
    response = send(service, "GET", RECOMMENDATIONS)

    assert response.status_code == 405
    assert refusal(response).code == "method_not_allowed"
    assert response.headers["allow"] == "POST"


def test_a_request_that_cannot_be_answered_is_422(service: FakeService) -> None:
    service.failure = InvalidQuery("candidates", "hold nothing that can be scored")

    response = send(service, "POST", RECOMMENDATIONS, json={})

    assert response.status_code == 422
    assert refusal(response).code == "invalid_query"
    assert refusal(response).detail == "candidates: hold nothing that can be scored"


def test_a_stage_that_is_not_ready_is_named(service: FakeService) -> None:
    service.failure = StageUnavailable("two_tower_scorer", "is late")

    response = send(service, "GET", "/readyz")

    assert response.status_code == 503
    assert refusal(response).code == "not_ready"
    assert "two_tower_scorer" in refusal(response).detail


def test_a_bug_is_a_500_that_tells_nothing_of_its_inside(service: FakeService) -> None:
    service.failure = KeyError("secret")

    response = send(service, "POST", RECOMMENDATIONS, json={})

    assert response.status_code == 500
    assert refusal(response).code == "internal_error"
    assert "secret" not in response.text


@pytest.mark.parametrize("request_id", ["abc-1.2_3", "3c232612-d547-4080-a9d4-3e72354be101"])
def test_a_sane_request_id_is_kept(service: FakeService, request_id: str) -> None:
    response = send(service, "POST", RECOMMENDATIONS, json={}, headers={"x-request-id": request_id})

    assert response.headers["x-request-id"] == response.json()["request_id"] == request_id


@pytest.mark.parametrize("request_id", ["", "two words", "x" * 129, '"quoted"', "ümlaut"])
def test_an_odd_request_id_is_replaced(service: FakeService, request_id: str) -> None:
    headers = {"x-request-id": request_id.encode("latin-1")}

    response = send(service, "POST", RECOMMENDATIONS, json={}, headers=headers)

    assert response.headers["x-request-id"] not in {"", request_id}


def test_errors_are_logged_without_the_request(
    service: FakeService, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "hybridrec.service"):
        send(service, "POST", RECOMMENDATIONS, json={"user_id": "bob", "k": 0})

    said = [one.getMessage() for one in caplog.records if one.name == "hybridrec.service"]
    assert json.loads(said[-1]).keys() == {"event", "request_id", "status", "code"}
    assert "bob" not in "".join(said)
