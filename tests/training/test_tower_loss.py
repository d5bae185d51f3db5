"""The towers' loss, by hand, and what training leaves unknown so that serving may."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from hybridrec.features.session_scaler import SessionScaler
from hybridrec.schema.records import N_SESSION, AudioFeatures
from hybridrec.testing import tiny_items
from hybridrec.training.config import TwoTowerConfig
from hybridrec.training.data import Interactions
from hybridrec.training.networks import VocabularySizes
from hybridrec.training.samples import Samples, Snapshots
from hybridrec.training.two_tower import TowerData, Towers, _Step

# users 0 to 3 play track 0, user 0 tracks 1 and 2 besides; nobody plays track 3
USERS, ITEMS = [0, 1, 2, 3, 0, 0], [0, 0, 0, 0, 1, 2]
SHARES = np.array([4, 1, 1]) / 6
CONFIG = TwoTowerConfig(embedding_size=4, hidden_size=4)
NOTHING_LOST = {"item_dropout": 0.0, "user_dropout": 0.0, "history_dropout": 0.0}

Make = Callable[..., _Step]

pytestmark = pytest.mark.slow


@pytest.fixture
def step_with() -> Make:
    """A step with some options of the configuration replaced, beyond what users may set."""
    plays = Interactions(
        users=np.array(USERS, np.int32),
        items=np.array(ITEMS, np.int32),
        weights=np.ones(len(USERS), np.float32),
        times=np.full(len(USERS), np.nan),
        n_users=4,
        n_items=4,
    )
    sessions = np.full((4, N_SESSION), np.nan, np.float32)
    items = tiny_items()
    data = TowerData(
        interactions=plays,
        items=items,
        audio=AudioFeatures.measured(items.audio),
        snapshots=Snapshots(sessions, np.full(4, np.inf)),
        sessions=SessionScaler.fitted(sessions),
        sizes=VocabularySizes(artists=6, genres=6, moods=6, tags=6),
    )

    def make(**options: float) -> _Step:
        config = CONFIG.model_copy(update=NOTHING_LOST | options)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            towers = Towers(data, config)
        return _Step(towers, data, config, np.random.default_rng(1))

    return make


def samples(users: list[int], items: list[int]) -> Samples:
    """Plays of listeners of whom nothing but the id is known."""
    n = len(users)
    return Samples(
        users=np.array(users, np.int32),
        items=np.array(items, np.int32),
        history=np.full((n, 1), -1, np.int32),
        weights=np.zeros((n, 1), np.float32),
        genres=np.zeros((n, 5), np.int32),
        moods=np.zeros((n, 3), np.int32),
        sessions=np.full((n, N_SESSION), np.nan, np.float32),
    )


def test_popular_tracks_are_corrected_for_being_drawn_more_often(step_with: Make) -> None:
    step = step_with(temperature=1e9)  # so that the towers say nothing, and the correction all

    loss = step.loss(samples([0, 1, 0], [0, 1, 2]))

    corrected = -np.log(SHARES)
    by_hand = np.log(np.exp(corrected).sum()) - corrected.mean()
    assert loss.item() == pytest.approx(by_hand, rel=1e-5)  # float32


@pytest.mark.parametrize(("dropout", "alike"), [(0.0, False), (1.0, True)])
def test_a_listener_is_left_unknown_as_often_as_asked(
    step_with: Make,
    dropout: float,
    alike: bool,  # noqa: FBT001
) -> None:
    step = step_with(user_dropout=dropout)

    first, second = step._embed_users(
        samples([0, 3], [0, 0]), torch.zeros((1, 4)), np.zeros((2, 1), np.int32)
    )

    assert torch.equal(first, second) is alike


@pytest.mark.parametrize(("dropout", "differ"), [(0.0, False), (1.0, True)])
def test_a_track_is_left_partly_unknown_as_often_as_asked(
    step_with: Make,
    dropout: float,
    differ: bool,  # noqa: FBT001
) -> None:
    whole, partly = step_with(item_dropout=0.0), step_with(item_dropout=dropout)
    rows = np.arange(4, dtype=np.int32)

    assert torch.equal(whole._embed_items(rows), partly._embed_items(rows)) is not differ
