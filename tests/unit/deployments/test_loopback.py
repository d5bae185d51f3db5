"""Where Ray listens on one machine."""

from dataclasses import dataclass, field

import pytest
from ray._private import ray_constants, services
from ray.serve._private import replica

from deployments import loopback, loopback_worker  # noqa: F401  changes what replicas do


def test_ray_takes_loopback_for_its_node_and_only_while_it_starts() -> None:
    before = ray_constants.ENABLE_RAY_CLUSTER

    with loopback.alone():
        address = services.get_node_ip_address()  # type: ignore[no-untyped-call]  # Ray's

    assert address == loopback.ADDRESS
    assert before == ray_constants.ENABLE_RAY_CLUSTER


def test_what_was_before_comes_back_if_ray_does_not_start() -> None:
    before = ray_constants.ENABLE_RAY_CLUSTER

    with pytest.raises(OSError, match="no"), loopback.alone():
        raise OSError("no")

    assert before == ray_constants.ENABLE_RAY_CLUSTER


@dataclass
class FakeServer:
    """Keeps where it was told to listen, as a server of gRPC does."""

    addresses: list[str] = field(default_factory=list)

    def add_insecure_port(self, address: str) -> int:
        self.addresses.append(address)
        return 1234


def test_a_replica_listens_on_loopback_whatever_ray_asks_for() -> None:
    server = FakeServer()

    port = vars(replica)["add_port_to_grpc_server"](server, "[::]:0")

    assert port == 1234
    assert server.addresses == ["127.0.0.1:0"]
