"""Asks a running graph over HTTP."""

import http
import http.client
import json
from dataclasses import dataclass

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Reply:
    """Status and body of one answer."""

    status: int
    body: bytes

    @property
    def is_ok(self) -> bool:
        """Whether it is a success."""
        return self.status == http.HTTPStatus.OK

    @property
    def detail(self) -> str:
        """What an error answer says; the bare body where Ray answered in our place."""
        try:
            return str(json.loads(self.body)["detail"])
        except (ValueError, KeyError, TypeError):
            return self.body.decode("utf-8", "replace").strip()


@dataclass(frozen=True, slots=True)
class Client:
    """A client of one service on this machine.

    Attributes:
        timeout_s: longest wait for one answer.
    """

    host: str
    port: int
    timeout_s: float = 10.0

    def get(self, path: str) -> Reply:
        """Asks with no body.

        Raises:
            OSError: nobody answers, or not in time.
        """
        return self._ask("GET", path, None)

    def post(self, path: str, body: bytes) -> Reply:
        """Asks with a JSON body.

        Raises:
            OSError: nobody answers, or not in time.
        """
        return self._ask("POST", path, body)

    def _ask(self, method: str, path: str, body: bytes | None) -> Reply:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=self.timeout_s)
        try:
            connection.request(method, path, body, {"content-type": JSON})
            response = connection.getresponse()
            return Reply(response.status, response.read())
        except http.client.HTTPException as error:
            raise ConnectionError(f"{self.host}:{self.port}: {error!r}") from error
        finally:
            connection.close()
