"""Keeps the servers of a Ray that serves one machine away from the network.

Ray listens on all addresses where it believes that other machines may join.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from ray._private import ray_constants

ADDRESS = "127.0.0.1"
WORKER_MODULE = "deployments.loopback_worker"
"""What every worker imports first."""


@contextmanager
def alone() -> Iterator[None]:
    """Ray that starts meanwhile takes this machine for all there is, as it does on macOS."""
    before = ray_constants.ENABLE_RAY_CLUSTER
    ray_constants.ENABLE_RAY_CLUSTER = False
    try:
        yield
    finally:
        ray_constants.ENABLE_RAY_CLUSTER = before
