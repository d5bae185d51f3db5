"""Seconds and memory of a piece of work."""

import gc
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import psutil

T = TypeVar("T")
EVERY_S = 0.05
"""How often memory is looked at; what comes and goes in between is missed."""


@dataclass(frozen=True, slots=True)
class Resources:
    """What a piece of work took.

    Attributes:
        seconds: from start to end.
        memory_mib: at most, beyond what the process held before.
    """

    seconds: float
    memory_mib: float


def measured(work: Callable[[], T]) -> tuple[T, Resources]:
    """Does the work, and says what it took."""
    gc.collect()
    process, is_done = psutil.Process(), threading.Event()
    before = peak = process.memory_info().rss

    def watch() -> None:
        nonlocal peak
        while not is_done.wait(EVERY_S):
            peak = max(peak, process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    start = time.perf_counter()
    try:
        result = work()
        seconds = time.perf_counter() - start
    finally:
        is_done.set()
        watcher.join()
    peak = max(peak, process.memory_info().rss)
    return result, Resources(round(seconds, 2), round((peak - before) / 2**20, 1))
