"""Trains on a folder of tables and seals a bundle, with progress on the terminal."""

from datetime import UTC, datetime
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TimeElapsedColumn

from deployments.asides import tell
from deployments.options_file import read_options
from deployments.outputs import check_writable
from deployments.probe import check_survivable
from hybridrec.datasets.look_alikes import look_alikes
from hybridrec.datasets.table import (
    INTERACTIONS_FILE,
    TRACKS_FILE,
    Dataset,
    check_times,
    source_of,
)
from hybridrec.persistence.writing import check_replaceable


def train_bundle(data: Path, out: Path, seed: int, config_path: Path | None = None) -> None:
    """Trains and seals, with progress on the terminal.

    Raises:
        InvalidData: a table is refused.
        InvalidConfig: an option is refused, or the path holds something that is no bundle.
    """
    from hybridrec.training.config import TrainConfig  # noqa: PLC0415  the extra `train`
    from hybridrec.training.pipeline import train as train_model  # noqa: PLC0415  imports torch

    check_replaceable(out)
    check_writable("--out", out)
    config = TrainConfig() if config_path is None else read_options(config_path, TrainConfig)
    check_survivable(data / TRACKS_FILE, data / INTERACTIONS_FILE)
    dataset, now = Dataset.load(data), datetime.now(UTC)
    plays_source = source_of(data / INTERACTIONS_FILE)
    check_times(dataset.interactions, plays_source, now)
    for warning in look_alikes(dataset, source_of(data / TRACKS_FILE), plays_source):
        tell(warning)
    columns = (SpinnerColumn(), *Progress.get_default_columns(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks = {}

        def report(stage: str, done: float) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=1.0)
            bars.update(tasks[stage], completed=done)

        model = train_model(dataset, config, seed, now, report)
    manifest = model.save(out)
    found = model.provenance.evaluation.get("hybrid_ndcg_at_10")
    quality = "" if found is None else f"; NDCG@10 on held-out plays {found:.3f}"
    typer.echo(f"bundle {manifest.bundle_version} written to {out}{quality}")
