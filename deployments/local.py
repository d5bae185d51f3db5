"""A graph of its own on this machine: own Ray, own Serve, and nothing of it left behind."""

import contextlib
import logging
import os
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil
import ray
from ray import serve
from ray._private import worker as ray_worker
from ray.exceptions import RayError
from ray.serve.context import _get_global_client
from ray.serve.exceptions import RayServeException
from ray.serve.schema import ApplicationStatus

from deployments import folders, loopback, ports, processes
from deployments.client import Client
from deployments.config_file import ServeConfig
from deployments.failures import failure_of
from hybridrec.errors import StageUnavailable

_ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",  # nothing leaves this machine, and no notice about it
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # no warning about GPUs from each replica
    "RAY_SERVE_HTTP_PROXY_CALLBACK_IMPORT_PATH": "deployments.edge:middlewares",
    "RAY_AUTH_TOKEN": secrets.token_hex(),  # else Ray leaves one of its own in the home folder
}
_SYSTEM_CONFIG = {
    # workers import Serve while Ray itself still starts, and wait for their replicas
    "prestart_worker_first_driver": True,
    "enable_worker_prestart": True,
    "preload_python_modules": ["ray.serve._private.replica", loopback.WORKER_MODULE],
}
_MIN_LOGICAL_CPUS = 8
"""CPUs that Ray may give away at least: stages wait for each other more than they compute."""
_OBJECT_STORE_BYTES = 128 * 2**20  # messages between stages are below 400 KB
_POLL_S = 0.5  # asking Serve costs CPU that the replicas need to start
_GONE_S = 10.0


class LocalGraph:
    """Serves a configuration on a Ray that belongs to this process alone.

    A context manager: inside, the graph answers; after it, no process, port or file is left.

    Attributes:
        client: asks the graph.
        folder: where Ray keeps its sockets and logs.
        is_stopping: whether the graph is being taken down, or is down.
        after_ray_started: called once Ray runs, which takes signals for itself.
    """

    def __init__(
        self, config: ServeConfig, *, is_verbose: bool = False, patience_s: float = 120.0
    ) -> None:
        """Starts nothing yet.

        Args:
            config: what to serve.
            is_verbose: whether Ray and the replicas may write to this terminal.
            patience_s: how long the graph may take until it is ready.
        """
        self._schema = config.schema
        self._is_verbose = is_verbose
        self._patience_s = patience_s
        self._before: set[psutil.Process] = set()
        self._core: list[psutil.Process] = []
        self._stack = contextlib.ExitStack()
        options = self._schema.http_options
        self.client = Client(options.host, options.port)
        self.folder = Path()
        self.is_stopping = False
        self.after_ray_started: Callable[[], None] = lambda: None

    @property
    def url(self) -> str:
        """Where the graph answers."""
        return f"http://{self.client.host}:{self.client.port}"

    def __enter__(self) -> Self:
        ports.claim(self.client.host, self.client.port)
        self._before = processes.descendants()
        folders.sweep()
        self.folder = self._stack.enter_context(folders.own_folder())
        with self._silence():
            try:
                self._start()
                self._wait_until_ready()
            except BaseException:  # also Ctrl-C: whatever already runs must end
                self._stop()
                raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def check(self) -> None:
        """Looks whether Ray's own processes are still there.

        Raises:
            StageUnavailable: one of them ended.
        """
        for process in self._core:
            if not processes.is_running(process):
                raise StageUnavailable("ray", f"its process {process.pid} ended")

    def _start(self) -> None:
        with _environment(_ENVIRONMENT), loopback.alone():
            ray.init(
                address="local",  # never joins a Ray that already runs
                include_dashboard=False,
                num_cpus=max(os.cpu_count() or 1, _MIN_LOGICAL_CPUS),
                object_store_memory=_OBJECT_STORE_BYTES,
                log_to_driver=self._is_verbose,
                logging_level=logging.INFO if self._is_verbose else logging.ERROR,
                _temp_dir=str(self.folder),
                _system_config=_SYSTEM_CONFIG,
            )
        self.after_ray_started()
        self._core = psutil.Process().children()
        self._core = [process for process in self._core if process not in self._before]
        if not self._is_verbose:
            logging.getLogger("ray.serve").setLevel(logging.ERROR)
        serve.start(
            proxy_location=self._schema.proxy_location,
            http_options=self._schema.http_options.model_dump(),
            logging_config=self._schema.logging_config,
        )
        controller = _get_global_client(raise_if_no_controller_running=True)
        assert controller is not None  # noqa: S101  for mypy: it raises instead
        controller.deploy_apps(self._schema, _blocking=False)  # as `serve run` does

    def _wait_until_ready(self) -> None:
        name = self._schema.applications[0].name
        said = "no answer yet"
        end = time.monotonic() + self._patience_s
        while time.monotonic() < end:
            self.check()
            status = serve.status().applications.get(name)
            if status is not None and (failure := failure_of(status)):
                raise failure
            if status is not None and status.status == ApplicationStatus.RUNNING:
                try:
                    reply = self.client.get("/readyz")
                except OSError as error:
                    said = str(error)
                else:
                    if reply.is_ok:
                        return
                    said = reply.detail
            time.sleep(_POLL_S)
        raise StageUnavailable("graph", f"not ready after {self._patience_s:g} s: {said}")

    def _stop(self) -> None:
        self.is_stopping = True
        ours = processes.descendants()
        with self._silence():
            with contextlib.suppress(RayError, RayServeException):
                if ray.is_initialized():
                    serve.shutdown()  # type: ignore[no-untyped-call]  # Ray has no types here
            ours |= processes.descendants()
            ray.shutdown()
        processes.end(ours - self._before, _GONE_S)
        self._stack.close()

    @contextlib.contextmanager
    def _silence(self) -> Iterator[None]:
        """Keeps Ray from telling on the terminal what an error tells in one line, or what is none.

        Such are the tracebacks of a graph that cannot be built, and the end of Ray's controller.
        """
        before = ray_worker._worker_logs_enabled  # noqa: SLF001  Ray has no other switch
        ray_worker._worker_logs_enabled = before and self._is_verbose  # noqa: SLF001
        try:
            yield
        finally:
            ray_worker._worker_logs_enabled = before  # noqa: SLF001


@contextlib.contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """Sets environment variables where the operator did not, for as long as Ray starts."""
    missing = {name: value for name, value in values.items() if name not in os.environ}
    os.environ.update(missing)
    try:
        yield
    finally:
        for name in missing:
            del os.environ[name]
