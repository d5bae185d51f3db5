"""What is done to each request before Ray sees it, and to each answer after Ray.

Ray's proxies ask ``middlewares`` where ``RAY_SERVE_HTTP_PROXY_CALLBACK_IMPORT_PATH`` names it.
"""

import re
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID = "x-request-id"
RAY_TIMEOUT = "x-request-timeout-seconds"
_SANE_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")


class RequestIds:
    """Gives each request its id: the caller's ``x-request-id`` if it is sane, else a new one."""

    def __init__(self, app: ASGIApp, *, is_sent: bool = True) -> None:
        """Wraps an application.

        Args:
            app: finds the id in the headers of its request.
            is_sent: whether the answer carries the id, and no other; not so where Ray adds it.
        """
        self.app = app
        self._is_sent = is_sent

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        wanted = Headers(scope=scope).get(REQUEST_ID, "")
        request_id = wanted if _SANE_ID.fullmatch(wanted) else uuid.uuid4().hex
        MutableHeaders(scope=scope)[REQUEST_ID] = request_id

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[REQUEST_ID] = request_id  # in place of all others
            await send(message)

        await self.app(scope, receive, send_with_id if self._is_sent else send)


class OwnDeadlines:
    """Hides the header by which a caller could shorten or lift Ray's own time limit.

    Ray's answer to a request beyond it is plain text; the service keeps to ``deadline_s``.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] == "http":
            del MutableHeaders(scope=scope)[RAY_TIMEOUT]
        await self.app(scope, receive, send)


def middlewares() -> list[Middleware]:
    """What Ray puts around its own proxies, innermost first."""
    return [Middleware(OwnDeadlines), Middleware(RequestIds)]


def id_of(request: Request) -> str:
    """The id of a request that passed ``RequestIds``."""
    return request.headers[REQUEST_ID]
