"""Fixtures that many suites share."""

from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import numpy as np
import pytest
import torch

from hybridrec.datasets.synthetic import WorldConfig, make_world
from hybridrec.datasets.table import Dataset
from hybridrec.hybrid import HybridModel
from hybridrec.training.config import (
    AudioConfig,
    FusionConfig,
    NMFConfig,
    StackConfig,
    TrainConfig,
    TwoTowerConfig,
)
from hybridrec.training.pipeline import train

pytest_plugins = ["tests.parts"]

# how long an example takes tells of the machine, and of what else runs on it
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TINY = TrainConfig(
    nmf=NMFConfig(n_factors=16, n_sweeps=5),
    two_tower=TwoTowerConfig(
        embedding_size=16, description_size=32, hidden_size=32, n_epochs=30, batch_size=256
    ),
    audio=AudioConfig(n_name_rows=256, n_members=2, hidden_size=16),
    fusion=FusionConfig(hidden_size=8, n_epochs=30, n_reference_items=64),
    stack=StackConfig(n_random=20),
)
"""Enough to learn something from a tiny world within seconds."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Training takes most of a minute: whoever asks for what it made is slow."""
    for item in items:
        if "tiny_bundle" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """What torch draws for a test, and for the fixtures that it is the first to ask for, goes by
    no other test: networks of tests that fit without ``train`` would differ with the order."""
    torch.manual_seed(0)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20_260_101)


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tables of a small listening world."""
    folder = tmp_path_factory.mktemp("world")
    make_world(WorldConfig(n_users=200, n_tracks=300), np.random.default_rng(0)).save(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_bundle(tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle trained on that world: real models, small ones."""
    folder = tmp_path_factory.mktemp("models") / "bundle"
    train(Dataset.load(tiny_data), TINY, 0, NOW, lambda _stage, _done: None).save(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_model(tiny_bundle: Path) -> HybridModel:
    return HybridModel.load(tiny_bundle)
