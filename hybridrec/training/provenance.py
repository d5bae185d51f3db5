"""Where a model comes from: its data, options and libraries."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import version

import polars as pl

from hybridrec.datasets.table import Dataset
from hybridrec.persistence.manifest import Provenance
from hybridrec.training.config import TrainConfig
from hybridrec.training.data import TrainingData

ROWS_AT_ONCE = 100_000
LIBRARIES = (
    "hybridrec",
    "numpy",
    "onnx",
    "onnxscript",
    "polars",
    "scikit-learn",
    "scipy",
    "torch",
)


def provenance_of(
    dataset: Dataset,
    data: TrainingData,
    config: TrainConfig,
    seed: int,
    evaluation: dict[str, float],
    now: datetime,
) -> Provenance:
    """The provenance of a model that was trained at a time in UTC."""
    newest = dataset.interactions["timestamp"].max()
    return Provenance(
        created=now.isoformat(timespec="seconds"),
        data_fingerprint=_fingerprint((dataset.tracks, dataset.interactions)),
        data_cut_off=newest.isoformat() if isinstance(newest, datetime) else None,
        config=config.model_dump() | {"seed": seed},
        libraries={name: version(name) for name in LIBRARIES},
        counts={
            "n_users": len(data.user_ids),
            "n_tracks": len(data.track_ids),
            "n_interactions": len(data.interactions),
        },
        evaluation=evaluation,
    )


def _fingerprint(tables: Sequence[pl.DataFrame]) -> str:
    """SHA-256 of the tables as lines of JSON: whoever holds the data can compute it again."""
    digest = hashlib.sha256()
    for table in tables:
        for part in table.iter_slices(ROWS_AT_ONCE):
            digest.update(part.write_ndjson().encode())
    return digest.hexdigest()
