"""Trains on canonical tables, seals bundles, and says how far it is."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

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
from hybridrec.hybrid import HybridModel
from hybridrec.persistence.writing import check_replaceable

if TYPE_CHECKING:
    from hybridrec.training.config import TrainConfig


def train_bundle(data: Path, out: Path, seed: int, config_path: Path | None = None) -> None:
    """Trains and seals, and says on the error stream how far it is.

    Raises:
        InvalidData: a table is refused.
        InvalidConfig: an option is refused, or the path holds something that is no bundle.
    """
    check_replaceable(out)
    check_writable("--out", out)
    config = training_options(config_path)
    model = trained(training_tables(data), config, seed)
    manifest = model.save(out)
    found = model.provenance.evaluation.get("hybrid_ndcg_at_10")
    quality = "" if found is None else f"; NDCG@10 on held-out plays {found:.3f}"
    typer.echo(f"bundle {manifest.bundle_version} written to {out}{quality}")


def training_options(path: Path | None) -> "TrainConfig":
    """The options of a TOML file; without one the defaults.

    Raises:
        InvalidConfig: the file cannot be read, or an option is refused.
    """
    from hybridrec.training.config import TrainConfig  # noqa: PLC0415  the extra `train`

    return TrainConfig() if path is None else read_options(path, TrainConfig)


def training_tables(data: Path) -> Dataset:
    """The tables of a folder, fit to train on; what looks odd in them is told.

    Raises:
        InvalidData: a table is refused.
    """
    check_survivable(data / TRACKS_FILE, data / INTERACTIONS_FILE)
    dataset = Dataset.load(data)
    plays_source = source_of(data / INTERACTIONS_FILE)
    check_times(dataset.interactions, plays_source, datetime.now(UTC))
    for warning in look_alikes(dataset, source_of(data / TRACKS_FILE), plays_source):
        tell(warning)
    return dataset


def trained(dataset: Dataset, config: "TrainConfig", seed: int) -> HybridModel:
    """A model of the tables; how far its training is goes to the error stream."""
    from hybridrec.training.pipeline import train  # noqa: PLC0415  imports torch

    with shown_progress() as report:
        return train(dataset, config, seed, datetime.now(UTC), report)
