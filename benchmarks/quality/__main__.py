"""Judges the hybrid, its parts and public baselines on a folder of tables, by one protocol."""

import json
import os
import time
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.baselines.shelf import BASELINES, shelf_of
from benchmarks.measure import machine
from benchmarks.quality.run import Plan, run
from benchmarks.quality.tables import show
from hybridrec.datasets.table import Dataset
from hybridrec.datasets.world import TRUTH_FILE, load_truth


def main(
    data: Annotated[Path, typer.Option()] = Path(".demo/data"),
    seed: Annotated[int, typer.Option(min=0)] = 0,
    threads: Annotated[int, typer.Option(min=1)] = os.cpu_count() or 1,
    baselines: Annotated[str, typer.Option(help="Names, parted by commas.")] = ",".join(BASELINES),
    json_: Annotated[Path | None, typer.Option("--json")] = None,
) -> None:
    """Prints a table a slice, and writes every figure with its interval as JSON.

    Of a large catalogue some baselines take long: name those to compare with.
    """
    began = time.perf_counter()
    shelf = shelf_of(baselines)

    def tell(what: str) -> None:
        typer.echo(f"{time.perf_counter() - began:7.0f} s  {what}", err=True)

    truth = load_truth(data) if (data / TRUTH_FILE).exists() else None
    report = run(data.name, Dataset.load(data), Plan(seed, threads, shelf=shelf), tell, truth)
    show(report)
    if json_ is not None:
        figures = {"benchmark": "quality", **report.model_dump(), "machine": machine()}
        json_.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    typer.run(main)
