"""``make demo`` as a newcomer meets it: from a fresh clone until ready, then a second time."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.measure import report
from deployments.client import Client

HOST = "127.0.0.1"
POLL_S = 0.5
GONE_S = 60


def main(
    repository: Annotated[Path, typer.Option()] = Path(),
    port: Annotated[int, typer.Option(min=1)] = 8701,
    patience_s: Annotated[int, typer.Option(min=1)] = 1_200,
    json: Annotated[Path | None, typer.Option()] = None,
) -> None:
    """Prints the seconds until ``/readyz`` says yes, twice."""
    folder = Path(tempfile.mkdtemp(prefix="demo-"))
    try:
        subprocess.run(["git", "clone", "-q", str(repository), str(folder / "clone")], check=True)  # noqa: S603, S607  our own repository
        first, second = (until_ready(folder / "clone", port, patience_s) for _ in range(2))
    finally:
        shutil.rmtree(folder)
    figures: dict[str, object] = {"first_s": round(first, 1), "second_s": round(second, 1)}
    report("demo", figures, json)


def until_ready(clone: Path, port: int, patience_s: int) -> float:
    """Seconds from the command to readiness; the demo is ended afterwards as by Ctrl-C."""
    environment = {**os.environ, "PIP_NO_CACHE_DIR": "1"}
    start = time.perf_counter()
    demo = subprocess.Popen(  # noqa: S603  our own Makefile
        ["make", "demo", f"PORT={port}"],  # noqa: S607  make of the path
        cwd=clone,
        env=environment,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while not _is_ready(port):
            if demo.poll() is not None or time.perf_counter() - start > patience_s:
                raise typer.BadParameter(f"the demo ended with {demo.poll()} and was never ready")
            time.sleep(POLL_S)
        return time.perf_counter() - start
    finally:
        with suppress(ProcessLookupError):  # it may have ended by itself
            os.killpg(demo.pid, signal.SIGINT)
        demo.wait(GONE_S)


def _is_ready(port: int) -> bool:
    try:
        return Client(HOST, port, timeout_s=2.0).get("/readyz").is_ok
    except OSError:
        return False


if __name__ == "__main__":
    typer.run(main)
