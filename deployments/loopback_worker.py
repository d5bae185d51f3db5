"""Imported by the workers of a local graph: their replicas listen on loopback alone.

Each replica of Ray Serve 2.60 opens a port for its peers on all addresses, asks nobody who
comes who they are, and unpickles what they send; there is no option for its address.
"""

from ray._common.tls_utils import add_port_to_grpc_server
from ray.serve._private import replica

from deployments import loopback


def _on_loopback(server: object, _address: str) -> int:
    port: int = add_port_to_grpc_server(  # type: ignore[no-untyped-call]  # Ray has no types here
        server, f"{loopback.ADDRESS}:0"
    )
    return port


replica.add_port_to_grpc_server = _on_loopback  # type: ignore[attr-defined]  # Ray's inside
