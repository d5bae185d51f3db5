import http.server
import json
import threading
from collections.abc import Iterator

import pytest
from typing_extensions import override

from deployments.client import Client, Reply
from tests.serve.terminal import HOST, free_port


class Echo(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        if self.path == "/garbage":
            self.wfile.write(b"this is no HTTP\r\n\r\n")
            return
        self.send_response(503)
        self.end_headers()
        self.wfile.write(json.dumps({"detail": f"{self.path} is not ready"}).encode())

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def client() -> Iterator[Client]:
    server = http.server.HTTPServer((HOST, 0), Echo)
    thread = threading.Thread(
        target=server.serve_forever, args=[0.01]
    )  # s between looks for its end
    thread.start()
    yield Client(HOST, server.server_port)
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_body_arrives_and_comes_back(client: Client) -> None:
    assert client.post("/v1/scores", b'{"k": 1}') == Reply(200, b'{"k": 1}')


def test_an_error_is_an_answer_with_a_detail(client: Client) -> None:
    reply = client.get("/readyz")

    assert not reply.is_ok
    assert reply.detail == "/readyz is not ready"


@pytest.mark.parametrize("body", [b"plain text ", b'["plain text"]', b'{"code": "x"}'])
def test_an_answer_of_another_schema_is_told_as_it_is(body: bytes) -> None:
    assert Reply(503, body).detail == body.decode().strip()


def test_nobody_there_is_an_os_error() -> None:
    with pytest.raises(ConnectionRefusedError):
        Client(HOST, free_port()).get("/")


def test_an_answer_that_is_no_http_is_an_os_error(client: Client) -> None:
    with pytest.raises(ConnectionError, match=HOST):
        client.get("/garbage")
