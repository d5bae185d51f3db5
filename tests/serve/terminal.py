"""A user at a terminal who runs ``hybridrec``."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil

from deployments import ports
from deployments.client import Client

HOST = "127.0.0.1"
READY_S, GONE_S = 120.0, 60.0


class Terminal:
    """Runs the command in a process group of its own, as a shell does, with an own state folder."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.client = Client(HOST, self.port)
        self._home, self.temporary = folder / "home", folder / "tmp"
        self.output = folder / "output"
        self.temporary.mkdir()
        self._home.mkdir()
        self.seen: set[psutil.Process] = set()

    @property
    def environment(self) -> dict[str, str]:
        own = {
            "HOME": str(self._home),
            "XDG_STATE_HOME": str(self._home / "state"),
            "TMPDIR": str(self.temporary),
        }
        return {name: value for name, value in os.environ.items() if "RAY" not in name} | own

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "deployments.cli", *arguments, "--port", str(self.port)]

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        with self.output.open("wb") as out:
            return subprocess.Popen(  # noqa: S603  our own command
                self.command(*arguments),
                stdout=out,
                stderr=subprocess.STDOUT,
                env=self.environment,
                start_new_session=True,
            )

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603  our own command
            self.command(*arguments),
            capture_output=True,
            text=True,
            env=self.environment,
            timeout=READY_S,
            check=False,
        )

    def wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        end = time.monotonic() + READY_S
        while "Ready at" not in self.output.read_text():
            assert process.poll() is None, self.output.read_text()
            assert time.monotonic() < end, self.output.read_text()
            time.sleep(0.2)
        self.look_around(process.pid)

    def look_around(self, pid: int) -> None:
        """Remembers all processes of a graph."""
        parent = psutil.Process(pid)
        self.seen |= {parent, *parent.children(recursive=True)}

    def assert_clean(self) -> None:
        """No process, port or file is left."""
        _, alive = psutil.wait_procs(list(self.seen), timeout=GONE_S)
        assert alive == []
        assert ports.is_free(HOST, self.port)
        assert list(self.temporary.iterdir()) == []
        assert [path for path in self._home.rglob("*") if path.is_file()] == []


def free_port() -> int:
    """A port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
