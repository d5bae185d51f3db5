"""Warm-up, repetitions, median and spread; and where it ran."""

import gc
import json
import os
import platform
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import typer

from hybridrec.errors import InvalidConfig


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds over repetitions.

    Attributes:
        median_ms: middle of all.
        low_ms: 10th percentile.
        high_ms: 90th percentile.
        n: repetitions.
    """

    median_ms: float
    low_ms: float
    high_ms: float
    n: int


def interleaved(work: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, Timing]:
    """Times several pieces of work in turn, so that a busy moment hurts all alike.

    Args:
        work: by name.
        rounds: repetitions of each, after one to warm up.
    """
    taken: dict[str, list[float]] = {name: [] for name in work}
    for piece in work.values():
        piece()
    gc.collect()
    for _ in range(rounds):
        for name, piece in work.items():
            start = time.perf_counter()
            piece()
            taken[name].append((time.perf_counter() - start) * 1e3)
    return {name: _timing(values) for name, values in taken.items()}


def _timing(values: list[float]) -> Timing:
    low, middle, high = np.percentile(values, [10, 50, 90])
    return Timing(round(middle, 3), round(low, 3), round(high, 3), len(values))


def report(name: str, figures: dict[str, object], path: Path | None) -> None:
    """Prints a benchmark's figures with the machine as one JSON line, and writes them."""
    line = json.dumps({"benchmark": name, **figures, "machine": machine()}, default=asdict)
    typer.echo(line)
    if path is not None:
        path.write_text(line + "\n")


def chosen(option: str, told: str, among: Collection[str]) -> list[str]:
    """Names that an option tells, parted by commas.

    Raises:
        InvalidConfig: for a name that is not among those there are.
    """
    names = told.split(",")
    unknown = [name for name in names if name not in among]
    if unknown:
        said = f"knows nothing of {', '.join(unknown)}; choose among {', '.join(among)}"
        raise InvalidConfig(option, said)
    return names


def machine() -> dict[str, object]:
    """Where and when it ran."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "date": time.strftime("%Y-%m-%d"),
    }


def _cpu() -> str:
    """The processor's name, where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":")[1].strip() for line in lines if "model name" in line), "unknown")
