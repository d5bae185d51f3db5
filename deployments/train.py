"""Trains on a folder of tables and seals a bundle, and says how far it is."""

from datetime import UTC, datetime
from pathlib import Path

import typer

from deployments.asides import tell
from deployments.options_file import read_options
from deployments.outputs import check_writable
from deployments.probe import check_survivable
from deployments.progress import shown_progress
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
    """Trains and seals, and says on the error stream how far it is.

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
    with shown_progress() as report:
        model = train_model(dataset, config, seed, now, report)
    manifest = model.save(out)
    found = model.provenance.evaluation.get("hybrid_ndcg_at_10")
    quality = "" if found is None else f"; NDCG@10 on held-out plays {found:.3f}"
    typer.echo(f"bundle {manifest.bundle_version} written to {out}{quality}")
