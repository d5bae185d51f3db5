"""Each thing that a tower is told changes what it makes of a track or a listener."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from hybridrec.features.session_scaler import SessionScaler
from hybridrec.histories import Histories
from hybridrec.schema.names import Rows
from hybridrec.schema.records import N_AUDIO, N_SESSION, AudioFeatures, ItemFeatures
from hybridrec.testing import tiny_items
from hybridrec.training.config import TwoTowerConfig
from hybridrec.training.data import Interactions
from hybridrec.training.networks import VocabularySizes
from hybridrec.training.samples import Samples, Snapshots
from hybridrec.training.tower_loss import TowerData, TowerLoss
from hybridrec.training.towers import Towers

N_ITEMS, N_USERS, N_TERMS, SIZE = 4, 4, 8, 8
NOTHING_LOST = dict.fromkeys(
    (
        *("item_dropout", "input_dropout", "rating_dropout", "token_dropout"),
        *("user_dropout", "history_dropout", "session_dropout"),
    ),
    0.0,
)
CONFIG = TwoTowerConfig(embedding_size=SIZE, hidden_size=32).model_copy(update=NOTHING_LOST)
TOLD_APART = 1e-4
"""Of coordinates of a unit vector, in float32."""

pytestmark = pytest.mark.slow


def full_audio(value: float, confidence: float) -> AudioFeatures:
    """The same value of every feature of every track."""
    values = np.full((N_ITEMS, N_AUDIO), value, np.float32)
    sure = np.full((N_ITEMS, N_AUDIO), confidence, np.float32)
    return AudioFeatures(values, values, values, sure, np.ones(N_ITEMS, bool))


ITEMS = replace(tiny_items(), ratings=np.full((N_ITEMS, 5), 0.5, np.float32))
AUDIO = full_audio(0.5, 0.5)
SESSIONS = np.linspace(0, 1, N_USERS * N_SESSION, dtype=np.float32).reshape(N_USERS, N_SESSION)


def loss_of(items: ItemFeatures = ITEMS, audio: AudioFeatures = AUDIO) -> TowerLoss:
    """The loss of towers as they are before any training."""
    everybody = np.arange(N_USERS, dtype=np.int32)
    data = TowerData(
        interactions=Interactions(
            users=everybody,
            items=everybody,
            weights=np.ones(N_USERS, np.float32),
            times=np.full(N_USERS, np.nan),
            n_users=N_USERS,
            n_items=N_ITEMS,
        ),
        items=items,
        audio=audio,
        snapshots=Snapshots(SESSIONS, np.full(N_USERS, np.inf)),
        sessions=SessionScaler.fitted(SESSIONS),
        sizes=VocabularySizes(N_TERMS, N_TERMS, N_TERMS, N_TERMS),
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        towers = Towers(data.sizes, N_USERS, CONFIG)
    return TowerLoss(towers, data, CONFIG, np.random.default_rng(1))


def tracks(items: ItemFeatures = ITEMS, audio: AudioFeatures = AUDIO) -> Tensor:
    return loss_of(items, audio)._embed_items(np.arange(N_ITEMS, dtype=np.int32))


def listeners(samples: Samples) -> Tensor:
    embeddings = torch.eye(N_ITEMS, SIZE)
    return loss_of()._embed_users(samples, embeddings, np.arange(N_ITEMS, dtype=np.int32))


def one_each(tracks: Rows) -> Histories:
    """One track of each listener."""
    offsets = np.arange(N_USERS + 1, dtype=np.int32)
    return Histories(tracks, np.ones(N_USERS, np.float32), offsets)


def all_differ(some: Tensor, others: Tensor) -> bool:
    """Whether no track, or no listener, is embedded where it was."""
    furthest = (some - others).abs().max(dim=1).values
    return bool((furthest > TOLD_APART).all())


@pytest.mark.parametrize(
    "name", ["tokens", "artist_rows", "genre_rows", "mood_rows", "tag_rows", "ratings"]
)
def test_each_feature_of_a_track_changes_its_embedding(name: str) -> None:
    values = getattr(ITEMS, name)
    other = values + values.dtype.type(0.25) if name == "ratings" else (values + 1) % N_TERMS

    changed = tracks(replace(ITEMS, **{name: other}))

    assert all_differ(changed, tracks())


@pytest.mark.parametrize(
    ("some", "other"),
    [
        pytest.param(full_audio(0.5, 0.5), full_audio(0.9, 0.5), id="values"),
        pytest.param(full_audio(0.5, 0.5), full_audio(0.5, 0.9), id="confidence"),
        pytest.param(full_audio(0.0, 0.5), full_audio(0.0, 0.9), id="confidence in zeros"),
    ],
)
def test_audio_and_its_confidence_change_a_tracks_embedding(
    some: AudioFeatures, other: AudioFeatures
) -> None:
    assert all_differ(tracks(audio=some), tracks(audio=other))


def test_ratings_of_zero_are_told_from_unknown_ones() -> None:
    zero, unknown = (np.full((N_ITEMS, 5), value, np.float32) for value in (0.0, np.nan))

    assert all_differ(tracks(replace(ITEMS, ratings=zero)), tracks(replace(ITEMS, ratings=unknown)))


@pytest.fixture
def samples() -> Samples:
    """Listeners with an id, a history of one track, preferences and a session."""
    everybody = np.arange(N_USERS, dtype=np.int32)
    return Samples(
        users=everybody,
        history=one_each(everybody),
        wanted=one_each(everybody),
        unused=Histories(everybody[:0], np.zeros(0, np.float32), np.zeros(N_USERS + 1, np.int32)),
        genres=np.full((N_USERS, 5), 2, np.int32),
        moods=np.full((N_USERS, 3), 2, np.int32),
        sessions=SESSIONS,
    )


@pytest.mark.parametrize("name", ["users", "genres", "moods", "sessions"])
def test_each_thing_told_of_a_listener_changes_the_embedding(samples: Samples, name: str) -> None:
    # everybody takes what was the next one's; terms, which were alike, become the next term
    values = getattr(samples, name)
    other = values + 1 if name in {"genres", "moods"} else np.roll(values, 1, axis=0)

    changed = listeners(replace(samples, **{name: other}))

    assert all_differ(changed, listeners(samples))


def test_each_track_of_a_history_changes_the_embedding(samples: Samples) -> None:
    changed = replace(samples, history=one_each(np.roll(samples.history.rows, 1)))

    assert all_differ(listeners(changed), listeners(samples))


def test_a_session_in_the_middle_is_told_from_an_unknown_one(samples: Samples) -> None:
    middle = np.tile(np.median(SESSIONS, axis=0), (N_USERS, 1))
    unknown = np.full_like(SESSIONS, np.nan)

    embedded = [listeners(replace(samples, sessions=one)) for one in (middle, unknown)]

    assert all_differ(*embedded)
