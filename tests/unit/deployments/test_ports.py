import os
import socket
from collections.abc import Iterator

import pytest

from deployments import ports
from hybridrec.errors import InvalidConfig
from tests.serve.terminal import HOST, free_port


@pytest.fixture
def listener() -> Iterator[int]:
    with socket.create_server((HOST, 0)) as server:
        yield server.getsockname()[1]


def test_a_port_that_nobody_holds_can_be_claimed() -> None:
    port = free_port()

    ports.claim(HOST, port)

    assert ports.is_free(HOST, port)
    assert ports.port_owner(port) is None


def test_the_owner_is_named_with_its_command(listener: int) -> None:
    owner = ports.port_owner(listener)

    assert owner is not None
    assert owner.startswith(f"process {os.getpid()} (")


def test_a_port_in_use_is_refused_with_the_cure(listener: int) -> None:
    with pytest.raises(InvalidConfig) as refusal:
        ports.claim(HOST, listener)

    assert f"process {os.getpid()}" in refusal.value.detail
    assert f"PORT={listener + 1}" in refusal.value.detail


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(InvalidConfig, match=r"192\.0\.2\.99"):
        ports.is_free("192.0.2.99", free_port())


def test_a_connection_that_lingers_does_not_hold_a_port() -> None:
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection((HOST, port)):
            server.accept()[0].close()  # the side that closes first is the one that lingers

    assert ports.is_free(HOST, port)


def test_a_long_command_is_shortened() -> None:
    assert len(ports.command_of(os.getpid())) <= 120


def test_the_command_of_nobody_is_unknown() -> None:
    assert ports.command_of(2**22 + 1) == "command unknown"
