"""Ends the processes that this one started, by their ids and no others."""

from collections.abc import Iterable
from contextlib import suppress

import psutil

_POLITE_S = 5.0


def descendants() -> set[psutil.Process]:
    """All processes below this one, whoever started them."""
    return set(psutil.Process().children(recursive=True))


def end(processes: Iterable[psutil.Process], patience_s: float) -> None:
    """Returns when all of the processes are gone.

    Args:
        processes: known with their times of birth, so that a reused id does no harm.
        patience_s: how long they may take to end by themselves, before they are told to.
    """
    _, alive = psutil.wait_procs(list(processes), timeout=patience_s)
    for process in alive:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    _, alive = psutil.wait_procs(alive, timeout=_POLITE_S)
    for process in alive:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=_POLITE_S)


def is_running(process: psutil.Process) -> bool:
    """Whether a process still does anything."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
