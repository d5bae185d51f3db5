"""A bundle of each format that a release reads, as a training wrote it, and what it answers.

After a change of the format, make those of the new number; it takes a minute::

    python -m tests.golden.bundles

A bundle that is there is kept, and its answers are written anew: read what changed.
"""

from pathlib import Path

import numpy as np

from hybridrec.datasets.synthetic import WorldConfig, make_world
from hybridrec.hybrid import HybridModel
from hybridrec.persistence.manifest import FORMAT_VERSION
from hybridrec.training.config import (
    AudioConfig,
    CoListeningConfig,
    FusionConfig,
    NMFConfig,
    StackConfig,
    TrainConfig,
    TwoTowerConfig,
)
from hybridrec.training.pipeline import train
from tests.conftest import NOW
from tests.golden.answers import Answers
from tests.golden.questions import questions

FOLDER = Path(__file__).parent
BUNDLE, ANSWERS = "bundle", "answers.json"
WORLD = WorldConfig(n_users=110, n_tracks=125)
OPTIONS = TrainConfig(
    co_listening=CoListeningConfig(n_neighbours=20),
    nmf=NMFConfig(n_factors=8, n_sweeps=5),
    two_tower=TwoTowerConfig(
        embedding_size=8,
        description_size=8,
        hidden_size=16,
        text_size=2,
        artist_size=96,
        n_epochs=30,
        batch_size=256,
    ),
    audio=AudioConfig(n_name_rows=64, n_members=2, hidden_size=8),
    fusion=FusionConfig(hidden_size=8, n_epochs=30, n_reference_items=32),
    stack=StackConfig(n_random=20),
)
"""Small enough to be kept beside the code: its files are below 1.25 MiB together."""
SEED = 9


def folder_of(format_version: int) -> Path:
    """Where the bundle of a format and its answers lie."""
    return FOLDER / f"v{format_version}"


def make(folder: Path) -> None:
    """Trains the bundle of a folder if it has none, and writes what the bundle answers."""
    bundle = folder / BUNDLE
    if not bundle.exists():
        dataset = make_world(WORLD, np.random.default_rng(SEED)).dataset
        train(dataset, OPTIONS, SEED, NOW, lambda _stage, _done: None).save(bundle)
    model = HybridModel.load(bundle)
    answers = Answers.of(questions(model.knowledge), model)
    (folder / ANSWERS).write_text(answers.as_text(), encoding="utf-8")


if __name__ == "__main__":
    make(folder_of(FORMAT_VERSION))
