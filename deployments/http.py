"""The routes: parse, ask, present."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp
from typing_extensions import override

from deployments.client import JSON
from deployments.edge import RequestIds, id_of
from deployments.offload import Offload
from deployments.refusals import HANDLERS, Refusal, refusal_of
from deployments.stage import StageState
from hybridrec.schema.answers import BundleResponse, RecommendResponse, ScoresResponse
from hybridrec.schema.wire import RecommendRequest, ScoresRequest

MAX_BODY_BYTES = 2 * 2**20
"""Room for 10,000 candidate ids of 200 bytes or 1,000 inline tracks with long titles."""
_INLINE_BYTES = 16 * 2**10
"""A body of this size is parsed in well under a millisecond."""

M = TypeVar("M", bound=BaseModel)


class Answerer(Protocol):
    """What the routes need: see ``deployments.service.Service``."""

    @property
    def offload(self) -> Offload:
        """Where work runs that would hold up the event loop."""
        ...

    async def recommend(self, request: RecommendRequest, request_id: str) -> RecommendResponse: ...

    async def scores(self, request: ScoresRequest, request_id: str) -> ScoresResponse: ...

    async def states(self) -> dict[str, StageState]: ...

    async def bundle(self) -> BundleResponse: ...


@dataclass(frozen=True, slots=True)
class Api:
    """The routes, around one service."""

    service: Answerer

    async def recommend(self, request: Request) -> Response:
        """``POST /v1/recommendations``."""
        body = await self._parse(RecommendRequest, request)
        return await self._json(await self.service.recommend(body, id_of(request)))

    async def scores(self, request: Request) -> Response:
        """``POST /v1/scores``."""
        body = await self._parse(ScoresRequest, request)
        return await self._json(await self.service.scores(body, id_of(request)))

    async def bundle(self, _: Request) -> Response:
        """``GET /v1/bundle``."""
        return await self._json(await self.service.bundle())

    async def alive(self, _: Request) -> Response:
        """``GET /healthz``: whether this process answers, whatever the stages do."""
        return JSONResponse({"status": "alive"})

    async def ready(self, _: Request) -> Response:
        """``GET /readyz``: whether every stage answers."""
        states = await self.service.states()
        versions = {name: state.bundle_version for name, state in states.items()}
        return JSONResponse({"status": "ready", "stages": versions})

    async def _parse(self, model: type[M], request: Request) -> M:
        body = await _body(request)
        try:
            if len(body) <= _INLINE_BYTES:
                return model.model_validate_json(body, strict=True)
            return await self.service.offload(model.model_validate_json, body, strict=True)
        except ValidationError as error:
            raise refusal_of(error, model) from error

    async def _json(self, answer: BaseModel) -> Response:
        text = await self.service.offload(answer.model_dump_json)
        return Response(text, media_type=JSON)


class HttpApp(Starlette):
    """An application whose every answer belongs to a request with an id, bugs included."""

    def __init__(self, routes: Sequence[Route], *, is_behind_ray: bool) -> None:
        super().__init__(routes=routes, exception_handlers=HANDLERS)
        self._is_behind_ray = is_behind_ray

    @override
    def build_middleware_stack(self) -> ASGIApp:
        # around all of it: Starlette answers bugs outside of the middleware that it is given
        return RequestIds(super().build_middleware_stack(), is_sent=not self._is_behind_ray)


def build_http(service: Answerer, *, is_behind_ray: bool = False) -> Starlette:
    """The whole HTTP side of the service.

    Args:
        service: answers.
        is_behind_ray: whether Ray puts the id of a request on its answer, as its proxies do.
    """
    api = Api(service)
    routes = [
        Route("/v1/recommendations", api.recommend, methods=["POST"]),
        Route("/v1/scores", api.scores, methods=["POST"]),
        Route("/v1/bundle", api.bundle),
        Route("/healthz", api.alive),
        Route("/readyz", api.ready),
    ]
    return HttpApp(routes, is_behind_ray=is_behind_ray)


async def _body(request: Request) -> bytes:
    """The body, read no further than it may be long."""
    too_large = Refusal(413, "body_too_large", f"a body has at most {MAX_BODY_BYTES} bytes")
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > MAX_BODY_BYTES:
        raise too_large
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise too_large
    return bytes(body)
