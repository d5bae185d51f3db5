"""What is written of tracks beside what the towers learnt: how it counts, and where it does not."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from hybridrec.features.item import tower_inputs
from hybridrec.schema.names import (
    MAX_GENRES,
    MAX_PREFERRED_GENRES,
    MAX_PREFERRED_MOODS,
    Floats,
)
from hybridrec.schema.records import N_SESSION, AudioFeatures, ItemFeatures
from hybridrec.testing import tiny_items
from hybridrec.training.config import TwoTowerConfig
from hybridrec.training.descriptions import (
    ARTIST_WEIGHT,
    DescribedItems,
    DescribedUsers,
    Description,
)
from hybridrec.training.networks import VocabularySizes
from hybridrec.training.towers import Towers
from hybridrec.vocabulary import OUT_OF_VOCABULARY, PADDING

N_ITEMS, N_ARTISTS, SIZE, SHARE = 60, 20, 8, 0.3
SIZES = VocabularySizes(artists=N_ARTISTS + 2, genres=8, moods=3, tags=3)
CONFIG = TwoTowerConfig(embedding_size=SIZE, hidden_size=8, description_size=512)
ROUNDING = 1e-5


@pytest.fixture(scope="module")
def items() -> ItemFeatures:
    """Three tracks of each artist, each with one of six genres; of the last nothing is written."""
    blank = tiny_items().take(np.full(N_ITEMS, 3, np.int32))
    artists = (2 + np.arange(N_ITEMS) // 3).astype(np.int32)
    genres = np.zeros((N_ITEMS, MAX_GENRES), np.int32)
    genres[:, 0] = 2 + np.arange(N_ITEMS) % 6
    artists[-1], genres[-1] = OUT_OF_VOCABULARY, PADDING
    nothing = {name: np.zeros_like(getattr(blank, name)) for name in ("mood_rows", "tag_rows")}
    return replace(blank, artist_rows=artists, genre_rows=genres, **nothing)


@pytest.fixture(scope="module")
def towers() -> Towers:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return Towers(SIZES, 3, CONFIG).eval()


@pytest.fixture(scope="module")
def description(items: ItemFeatures) -> Description:
    return Description(items, SIZES, CONFIG.description_size, np.random.default_rng(1)).eval()


class Described:
    """Descriptions of tracks, for their cosines."""

    def __init__(self, items: ItemFeatures, description: Description) -> None:
        rows = (items.artist_rows, items.genre_rows, items.mood_rows, items.tag_rows)
        with torch.no_grad():
            self.vectors = description(*(torch.from_numpy(one) for one in rows)).numpy()

    def cosine(self, one: int, other: int) -> float:
        return float(np.vdot(self.vectors[one], self.vectors[other]))


def embedded(tower: torch.nn.Module, items: ItemFeatures) -> Floats:
    feed = tower_inputs(items, AudioFeatures.measured(items.audio))
    with torch.no_grad():
        found = tower(**{name: torch.from_numpy(array) for name, array in feed.items()})
    return np.asarray(found)


def listener(tower: torch.nn.Module, pool: Floats) -> Floats:
    """The embedding of somebody of whom a history alone is known."""
    with torch.no_grad():
        found = tower(
            user_rows=torch.tensor([OUT_OF_VOCABULARY], dtype=torch.int32),
            history_pool=torch.from_numpy(pool[None]),
            genre_rows=torch.zeros((1, MAX_PREFERRED_GENRES), dtype=torch.int32),
            mood_rows=torch.zeros((1, MAX_PREFERRED_MOODS), dtype=torch.int32),
            session=torch.zeros((1, N_SESSION)),
            session_known=torch.zeros((1, N_SESSION)),
        )
    user: Floats = np.asarray(found)[0]
    return user


def test_an_affinity_is_part_learnt_and_part_likeness_of_what_is_written(
    items: ItemFeatures, towers: Towers, description: Description
) -> None:
    learnt = embedded(towers.item, items)
    whole = embedded(DescribedItems(towers.item, description, SHARE), items)
    described = embedded(DescribedItems(towers.item, description, 0.999_999), items)[:, SIZE:]
    history = np.array([0, 1, 7])

    by_learnt = learnt @ listener(towers.user, learnt[history].mean(axis=0))
    profile = described[history].mean(axis=0)
    by_words = described @ (profile / np.linalg.norm(profile))
    user = DescribedUsers(towers.user, SIZE, SHARE)
    affinity = whole @ listener(user, whole[history].mean(axis=0))

    expected = (1 - SHARE) * by_learnt + SHARE * by_words
    np.testing.assert_allclose(affinity, expected, atol=ROUNDING)


def test_likeness_is_that_of_weighted_terms(items: ItemFeatures, description: Description) -> None:
    described = Described(items, description)
    genre = np.log((1 + N_ITEMS) / (1 + 10)) + 1
    artist = ARTIST_WEIGHT * (np.log((1 + N_ITEMS) / (1 + 3)) + 1)
    length = genre**2 + artist**2

    # 512 random numbers keep cosines within some 1 / sqrt(512) of what they are
    assert described.cosine(0, 1) == pytest.approx(artist**2 / length, abs=0.1)
    assert described.cosine(0, 6) == pytest.approx(genre**2 / length, abs=0.15)
    assert described.cosine(0, 7) == pytest.approx(0.0, abs=0.15)
    assert described.cosine(0, 0) == pytest.approx(1.0, abs=ROUNDING)


def test_of_what_is_not_written_nothing_is_guessed(
    items: ItemFeatures, towers: Towers, description: Description
) -> None:
    whole = embedded(DescribedItems(towers.item, description, SHARE), items)
    lengths = np.linalg.norm(whole, axis=1)

    assert not whole[-1, SIZE:].any()
    np.testing.assert_allclose(lengths[:-1], 1.0, atol=ROUNDING)
    assert lengths[-1] == pytest.approx(np.sqrt(1 - SHARE), abs=ROUNDING)
    nobody = listener(
        DescribedUsers(towers.user, SIZE, SHARE), np.zeros(SIZE + CONFIG.description_size, "f4")
    )
    assert not nobody[SIZE:].any()


def test_nothing_of_a_description_is_learnt(towers: Towers, description: Description) -> None:
    whole = DescribedItems(towers.item, description, SHARE)
    learnt = {id(parameter) for parameter in towers.item.parameters()}

    frozen = [one for one in whole.parameters() if id(one) not in learnt]

    assert len(frozen) == 4
    assert not any(one.requires_grad for one in frozen)
