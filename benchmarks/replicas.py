"""Serves a bundle on this machine: time until ready, memory per replica, time of one request."""

import json as codec
import time
from pathlib import Path
from typing import Annotated

import psutil
import typer

from benchmarks.measure import interleaved, report
from deployments.config_file import ServeConfig, default_config
from deployments.local import LocalGraph
from hybridrec.hybrid import HybridModel

MB = 1e6


def main(
    bundle: Annotated[Path, typer.Option()] = Path(".demo/bundle"),
    port: Annotated[int, typer.Option(min=1)] = 8700,
    requests: Annotated[int, typer.Option(min=1)] = 200,
    json: Annotated[Path | None, typer.Option()] = None,
) -> None:
    """Prints seconds, megabytes and milliseconds."""
    users = HybridModel.load(bundle).knowledge.users.ids
    body = codec.dumps({"user_id": users[0], "k": 20}).encode()
    start = time.perf_counter()
    config = ServeConfig.read(default_config()).at("127.0.0.1", port)
    with LocalGraph(config.with_arguments(bundle=str(bundle.resolve()))) as graph:
        ready_s = time.perf_counter() - start
        work = {"request": lambda: graph.client.post("/v1/recommendations", body)}
        timings = interleaved(work, requests)
        memory = {
            name: round(process.memory_info().rss / MB)
            for process in psutil.Process().children(recursive=True)
            if (name := _replica(process)) is not None
        }
    report("replicas", {"ready_s": round(ready_s, 1), **timings, "memory_mb": memory}, json)


def _replica(process: psutil.Process) -> str | None:
    """The deployment that a process serves, if it serves one."""
    title = " ".join(process.cmdline())
    return title.split(":")[-1].strip() if "ServeReplica:" in title else None


if __name__ == "__main__":
    typer.run(main)
