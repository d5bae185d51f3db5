"""Trains on a folder of tables, with a part of the plays held out: time, memory, quality."""

import resource
import tempfile
import time
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from benchmarks.measure import report
from deployments.lists import rank
from deployments.train import train_bundle
from hybridrec.datasets.table import Dataset
from hybridrec.evaluation.ranking import evaluate_table
from hybridrec.evaluation.splits import hold_out_tracks
from hybridrec.hybrid import HybridModel

LIST_LENGTH = 200


def main(
    data: Annotated[Path, typer.Option()] = Path(".demo/data"),
    share: Annotated[float, typer.Option(min=0.01, max=0.9)] = 0.25,
    min_tracks: Annotated[int, typer.Option(min=2)] = 8,
    users: Annotated[int, typer.Option(min=1)] = 2_000,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    json: Annotated[Path | None, typer.Option()] = None,
) -> None:
    """Prints seconds, peak memory, and NDCG@10 of warm users."""
    dataset = Dataset.load(data)
    rng = np.random.default_rng(seed)
    split = hold_out_tracks(dataset.interactions, share, min_tracks, users, rng)
    with tempfile.TemporaryDirectory() as folder:
        seen, bundle = Path(folder) / "data", Path(folder) / "bundle"
        Dataset(dataset.tracks, split.train).save(seen)
        start = time.perf_counter()
        train_bundle(seen, bundle, seed)
        seconds = time.perf_counter() - start
        peak_gib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        user_ids = tuple(split.test["user_id"].unique().sort().to_list())
        ranked = rank(HybridModel.load(bundle), user_ids, LIST_LENGTH, {}, None)
        quality = evaluate_table(ranked, split.test).mean().as_dict()
        size = sum(file.stat().st_size for file in bundle.iterdir())
    figures: dict[str, object] = {
        "data": data.name,
        "interactions": len(split.train),
        "seconds": round(seconds, 1),
        "peak_memory_gib": round(peak_gib, 2),
        "bundle_mb": round(size / 1e6, 1),
        **{name: round(value, 4) for name, value in quality.items()},
    }
    report("training", figures, json)


if __name__ == "__main__":
    typer.run(main)
