"""Towers of two groups of listeners, each with a genre of its own and equally popular tracks."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from hybridrec.features.item import tower_inputs
from hybridrec.features.session_scaler import SessionScaler
from hybridrec.features.text import N_BUCKETS
from hybridrec.schema.names import Floats
from hybridrec.schema.records import N_SESSION, AudioFeatures, ItemFeatures
from hybridrec.testing import tiny_items
from hybridrec.training.config import TwoTowerConfig
from hybridrec.training.data import Interactions
from hybridrec.training.networks import VocabularySizes
from hybridrec.training.samples import Snapshots
from hybridrec.training.tower_loss import TowerData
from hybridrec.training.towers import Towers
from hybridrec.training.two_tower import FittedTowers, fit_two_tower
from hybridrec.vocabulary import OUT_OF_VOCABULARY

N_USERS, N_ITEMS, N_COLD, N_EACH = 60, 60, 10, 12
CONFIG = TwoTowerConfig(embedding_size=8, hidden_size=16, n_epochs=12, batch_size=64, text_size=5)
GROUP_OF_USER = np.arange(N_USERS) % 2
GROUP_OF_ITEM = np.arange(N_ITEMS) % 2

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def items() -> ItemFeatures:
    """Tracks that differ by artist and, from group to group, by genre."""
    blank = tiny_items().take(np.full(N_ITEMS, 3, np.int32))
    genres = np.zeros_like(blank.genre_rows)
    genres[:, 0] = 2 + GROUP_OF_ITEM
    artists = np.arange(2, 2 + N_ITEMS, dtype=np.int32)
    artists[-N_COLD:] = OUT_OF_VOCABULARY
    return replace(blank, genre_rows=genres, artist_rows=artists)


@pytest.fixture(scope="module")
def plays() -> Interactions:
    """Each listener plays some of the group's tracks; nobody plays the last ones."""
    rng = np.random.default_rng(7)
    of_group = [np.flatnonzero(GROUP_OF_ITEM[:-N_COLD] == group) for group in (0, 1)]
    played = [rng.choice(of_group[group], N_EACH, replace=False) for group in GROUP_OF_USER]
    return Interactions(
        users=np.arange(N_USERS, dtype=np.int32).repeat(N_EACH),
        items=np.concatenate(played).astype(np.int32),
        weights=np.ones(N_USERS * N_EACH, np.float32),
        times=np.full(N_USERS * N_EACH, np.nan),
        n_users=N_USERS,
        n_items=N_ITEMS,
    )


@pytest.fixture(scope="module")
def data(items: ItemFeatures, plays: Interactions) -> TowerData:
    sessions = np.full((N_USERS, N_SESSION), np.nan, np.float32)
    return TowerData(
        interactions=plays,
        items=items,
        audio=AudioFeatures.measured(items.audio),
        snapshots=Snapshots(sessions, np.full(N_USERS, np.inf)),
        sessions=SessionScaler.fitted(sessions),
        sizes=VocabularySizes(artists=N_ITEMS + 2, genres=4, moods=3, tags=3),
    )


def fit(data: TowerData, config: TwoTowerConfig, told: list[float]) -> FittedTowers:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return fit_two_tower(data, config, np.random.default_rng(8), told.append)


@pytest.fixture(scope="module")
def told() -> list[float]:
    """Progress of the fit."""
    return []


@pytest.fixture(scope="module")
def fitted(data: TowerData, told: list[float]) -> FittedTowers:
    return fit(data, CONFIG, told)


@pytest.fixture(scope="module")
def towers(fitted: FittedTowers) -> Towers:
    return fitted.towers.eval()


@pytest.fixture(scope="module")
def embeddings(towers: Towers, items: ItemFeatures) -> Floats:
    feed = tower_inputs(items, AudioFeatures.measured(items.audio))
    with torch.no_grad():
        found: Floats = towers.item(**{name: torch.from_numpy(a) for name, a in feed.items()})
    return np.asarray(found)


@pytest.fixture(scope="module")
def affinity(towers: Towers, embeddings: Floats, plays: Interactions) -> Floats:
    """Of listeners whom the towers know by history alone, with all tracks."""
    pools = embeddings[plays.items].reshape(N_USERS, N_EACH, -1).mean(axis=1)
    with torch.no_grad():
        users = towers.user(
            user_rows=torch.full((N_USERS,), OUT_OF_VOCABULARY, dtype=torch.int32),
            history_pool=torch.from_numpy(pools),
            genre_rows=torch.zeros((N_USERS, 5), dtype=torch.int32),
            mood_rows=torch.zeros((N_USERS, 3), dtype=torch.int32),
            session=torch.zeros((N_USERS, N_SESSION)),
            session_known=torch.zeros((N_USERS, N_SESSION)),
        )
    return np.asarray(users) @ embeddings.T


def test_both_towers_give_unit_vectors(embeddings: Floats, affinity: Floats) -> None:
    # normalised in float32
    assert np.linalg.norm(embeddings, axis=1) == pytest.approx(np.ones(N_ITEMS), abs=1e-5)
    assert (np.abs(affinity) <= 1 + 1e-5).all()


def test_words_are_embedded_in_the_length_that_the_options_say(towers: Towers) -> None:
    assert towers.item.metadata.text.table.weight.shape == (N_BUCKETS, CONFIG.text_size)


def test_new_listeners_are_told_by_what_they_played(affinity: Floats, plays: Interactions) -> None:
    played = np.zeros(affinity.shape, bool)
    played[plays.users, plays.items] = True
    best = np.where(played, -np.inf, affinity).argsort(axis=1)[:, -10:]  # 13 are there to be found

    own = GROUP_OF_ITEM[best] == GROUP_OF_USER[:, None]

    # popularity, alike in both groups, would find one in two; the groups share no listener at all
    assert own.mean() > 0.9


def test_new_tracks_are_told_by_their_genre(affinity: Floats) -> None:
    cold = affinity[:, -N_COLD:]
    own = GROUP_OF_ITEM[-N_COLD:] == GROUP_OF_USER[:, None]

    closer = np.where(own, cold, np.nan), np.where(own, np.nan, cold)

    assert (np.nanmin(closer[0], axis=1) > np.nanmax(closer[1], axis=1)).mean() > 0.9


def test_progress_of_the_towers_reaches_one(towers: Towers, told: list[float]) -> None:
    assert not towers.training
    assert told == sorted(told)
    assert len(told) == CONFIG.n_epochs
    assert told[-1] == 1.0


def test_the_curve_is_the_mean_loss_of_each_epoch(fitted: FittedTowers) -> None:
    assert len(fitted.curve) == CONFIG.n_epochs
    # from one in 50 tracks to one in the 25 of the group
    assert fitted.curve[0] > np.log(25) + 0.3
    assert fitted.curve[-1] < np.log(25) + 0.1


@pytest.mark.parametrize("max_tracks", [20_000, 30], ids=["all tracks", "drawn tracks"])
def test_one_seed_gives_the_same_towers_to_the_last_bit(data: TowerData, max_tracks: int) -> None:
    config = CONFIG.model_copy(update={"n_epochs": 2, "max_tracks": max_tracks})

    first, second = fit(data, config, []), fit(data, config, [])

    assert first.curve == second.curve
    others = second.towers.state_dict()
    assert all(torch.equal(one, others[name]) for name, one in first.towers.state_dict().items())


def test_listeners_are_told_apart_by_drawn_tracks_too(
    data: TowerData, fitted: FittedTowers
) -> None:
    drawn = fit(data, CONFIG.model_copy(update={"max_tracks": 30}), [])

    assert drawn.curve[-1] == pytest.approx(fitted.curve[-1], abs=0.1)


def test_steps_are_bounded_however_many_epochs_are_asked_for(data: TowerData) -> None:
    told: list[float] = []

    curve = fit(data, CONFIG.model_copy(update={"max_steps": 20}), told).curve

    assert len(curve) == 2  # of 8 steps each
    assert told == [0.5, 1.0]
