"""What surrounds Ray's proxy, around an application that does what Ray's proxy does."""

import asyncio

import httpx
import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deployments.edge import RequestIds, id_of, middlewares


async def echo(request: Request) -> Response:
    return JSONResponse({"request_id": id_of(request), "headers": request.headers.keys()})


APP = Starlette(routes=[Route("/", echo)])


def like_ray(app: ASGIApp) -> ASGIApp:
    """Adds the id of the request to the answer, whatever is there."""

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("X-Request-ID", Headers(scope=scope)[ID])
            await send(message)

        await app(scope, receive, send_with_id)

    return call


ID = "x-request-id"


def ask(app: ASGIApp, headers: dict[str, str]) -> httpx.Response:
    async def once() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.get("/", headers=headers)

    return asyncio.run(once())


@pytest.mark.parametrize("headers", [{}, {ID: "mine"}, {ID: "not sane"}], ids=str)
def test_around_ray_there_is_one_id_and_it_is_that_of_the_request(headers: dict[str, str]) -> None:
    app: ASGIApp = like_ray(RequestIds(APP, is_sent=False))
    for one in middlewares():
        app = one.cls(app, *one.args, **one.kwargs)

    response = ask(app, headers)

    assert response.headers.get_list(ID) == [response.json()["request_id"]]
    assert (response.json()["request_id"] == headers.get(ID)) == (headers == {ID: "mine"})


def test_an_id_that_ray_adds_is_not_sent_twice() -> None:
    response = ask(like_ray(RequestIds(APP, is_sent=False)), {ID: "mine"})

    assert response.headers.get_list(ID) == [response.json()["request_id"]] == ["mine"]


def test_a_caller_has_no_say_in_rays_time_limit() -> None:
    app: ASGIApp = RequestIds(APP)
    for one in middlewares():
        app = one.cls(app, *one.args, **one.kwargs)

    response = ask(app, {"X-Request-Timeout-Seconds": "0.001", "X-Other": "1"})

    assert "x-other" in response.json()["headers"]
    assert "x-request-timeout-seconds" not in response.json()["headers"]
