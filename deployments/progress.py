"""How far a training is: a bar for each stage on a terminal, elsewhere a line when it begins."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TimeElapsedColumn

from deployments.asides import tell

Report = Callable[[str, float], None]
"""Takes a stage's name and how much of it is done, 0 to 1."""


@contextmanager
def shown_progress() -> Iterator[Report]:
    """Shows what is reported, on the error stream."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines()
        return
    columns = (SpinnerColumn(), *Progress.get_default_columns(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bars:
        tasks = {}

        def report(stage: str, done: float) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=1.0)
            bars.update(tasks[stage], completed=done)

        yield report


def _lines() -> Report:
    begun: set[str] = set()

    def report(stage: str, _done: float) -> None:
        if stage not in begun:
            begun.add(stage)
            tell(f"training: {stage}")

    return report
