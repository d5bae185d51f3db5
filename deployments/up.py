"""Serves in the foreground until it is told to end."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from rich.console import Console

from deployments import ports, running
from deployments.args import AppArgs
from deployments.config_file import ServeConfig, default_config
from deployments.local import LocalGraph
from hybridrec.errors import HybridRecError
from hybridrec.persistence.bundle import open_bundle

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PREFIX = "hybridrec: "
"""How a failure begins on the terminal."""
_ONE_KEYSTROKE_S = 1.0
_POLL_S = 0.5
_PATIENCE_S = 120.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What `up` was told.

    Attributes:
        config: the file, None for the default one.
        bundle: replaces the file's, if given.
    """

    config: Path | None
    bundle: Path | None
    host: str
    port: int
    is_verbose: bool

    def serve_config(self) -> ServeConfig:
        """The configuration to serve, checked as far as it can be without Ray.

        Raises:
            InvalidConfig: the file, or one of its arguments, is refused.
            ArtifactError: there is no bundle, or it is damaged.
        """
        path = self.config or default_config()
        replaced = {} if self.bundle is None else {"bundle": str(self.bundle)}
        config = ServeConfig.read(path, **replaced).at(self.host, self.port)
        args = AppArgs.model_validate(config.arguments)
        open_bundle(args.bundle).verify()
        return config.with_arguments(bundle=str(args.bundle.absolute()))

    def arguments(self) -> list[str]:
        """The same as options of `hybridrec up`."""
        given = {"--config": self.config, "--bundle": self.bundle}
        options = [str(part) for pair in given.items() if pair[1] for part in pair]
        verbose = ["--verbose"] if self.is_verbose else []
        return ["--host", self.host, "--port", str(self.port), *options, *verbose]


def serve(wanted: Wanted, console: Console, then: Callable[[LocalGraph], None]) -> None:
    """Serves until a signal comes, and leaves nothing behind.

    Args:
        wanted: what to serve.
        console: where to say so.
        then: called once the graph is ready.

    Raises:
        StageUnavailable: the graph does not become ready, or breaks down.
    """
    ports.claim(wanted.host, wanted.port)
    running.clear_remains(wanted.port)
    graph = LocalGraph(wanted.serve_config(), is_verbose=wanted.is_verbose, patience_s=_PATIENCE_S)
    with running.held(wanted.port), ending_signals(graph) as rearm, ExitStack() as stack:
        graph.after_ray_started = rearm
        with console.status("Starting Ray and five deployments, some 15 s …"):
            stack.enter_context(graph)
        rearm()
        stack.enter_context(running.noted(wanted.port, graph.folder))
        try:
            then(graph)
            while True:
                graph.check()
                time.sleep(_POLL_S)
        except KeyboardInterrupt:
            with suppress(OSError):  # the terminal itself may be what went away
                console.print("Stopping, some 5 s …")


@contextmanager
def ending_signals(graph: LocalGraph) -> Iterator[Callable[[], None]]:
    """Turns signals into ``KeyboardInterrupt``, but none while the graph is being taken down.

    Yields:
        Does so again: Ray takes SIGTERM for itself when it starts. What came where Python passes
        over exceptions, as in the hooks of a fork, interrupts then.
    """
    last = -_ONE_KEYSTROKE_S
    is_told = False

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        nonlocal last, is_told
        now = time.monotonic()
        is_new, last = now - last >= _ONE_KEYSTROKE_S, now
        if is_new and not graph.is_stopping:
            is_told = True
            raise KeyboardInterrupt

    def arm() -> None:
        for one in _SIGNALS:
            signal.signal(one, interrupt)
        if is_told:
            raise KeyboardInterrupt

    before = {one: signal.getsignal(one) for one in _SIGNALS}
    arm()
    try:
        yield arm
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def detach(wanted: Wanted) -> None:
    """Serves in a process of its own, and returns once it is ready.

    Raises:
        HybridRecError: it did not become ready; says the last line that it wrote.
    """
    ports.claim(wanted.host, wanted.port)
    log = running.log_path(wanted.port)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        child = subprocess.Popen(  # noqa: S603  our own command
            [sys.executable, "-m", "deployments.cli", "up", *wanted.arguments()],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        while child.poll() is None:
            note = running.read_note(wanted.port)
            if note is not None and note.pid == child.pid:
                return
            time.sleep(_POLL_S)
    except KeyboardInterrupt:
        child.send_signal(signal.SIGINT)  # it has no terminal that would tell it
        child.wait()
        log.unlink(missing_ok=True)
        raise
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    said = [line.strip() for line in lines if line.strip()]
    log.unlink(missing_ok=True)
    raise HybridRecError((said or [f"ended with {child.returncode}"])[-1].removeprefix(PREFIX))
