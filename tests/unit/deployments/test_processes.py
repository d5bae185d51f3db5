import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import pytest

from deployments import processes

READY = "print(flush=True); "


def start(code: str) -> subprocess.Popen[bytes]:
    child = subprocess.Popen(  # noqa: S603  our own interpreter
        [sys.executable, "-c", code], stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    child.stdout.readline()
    return child


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with start(f"{READY}import time; time.sleep(60)") as child:
        yield child
        child.kill()


def test_descendants_are_found(sleeper: subprocess.Popen[bytes]) -> None:
    assert psutil.Process(sleeper.pid) in processes.descendants()


def test_a_process_that_does_not_end_by_itself_is_told_to(
    sleeper: subprocess.Popen[bytes],
) -> None:
    process = psutil.Process(sleeper.pid)
    assert processes.is_running(process)

    processes.end([process], patience_s=0.1)

    assert not processes.is_running(process)


def test_a_process_that_ends_by_itself_is_awaited() -> None:
    with start(f"{READY}import time; time.sleep(0.3)") as child:
        began = time.monotonic()

        processes.end([psutil.Process(child.pid)], patience_s=30.0)

        assert time.monotonic() - began < 15.0


@pytest.mark.slow
def test_a_process_that_will_not_listen_is_killed() -> None:
    code = f"import signal, time; signal.signal(15, signal.SIG_IGN); {READY}time.sleep(60)"
    with start(code) as child:
        process = psutil.Process(child.pid)

        processes.end([process], patience_s=0.1)

        assert not processes.is_running(process)


def test_a_dead_child_that_nobody_took_leave_of_does_not_run() -> None:
    with start(f"{READY}") as child:
        process = psutil.Process(child.pid)
        while process.status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.01)

        assert not processes.is_running(process)
