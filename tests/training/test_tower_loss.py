"""The towers' loss, by hand, and what training leaves unknown so that serving may."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from hybridrec.features.session_scaler import SessionScaler
from hybridrec.histories import Histories
from hybridrec.schema.records import N_SESSION, AudioFeatures
from hybridrec.testing import tiny_items
from hybridrec.training.config import TwoTowerConfig
from hybridrec.training.data import Interactions
from hybridrec.training.networks import Bag, VocabularySizes
from hybridrec.training.samples import Samples, Snapshots
from hybridrec.training.tower_loss import TowerData, TowerLoss
from hybridrec.training.towers import Towers

N_USERS, N_PLAYED = 4, 40
"""Nobody plays the last of the tracks."""
CONFIG = TwoTowerConfig(embedding_size=4, hidden_size=4)
NOTHING_LOST = {
    "item_dropout": 0.0,
    "input_dropout": 0.0,
    "rating_dropout": 0.0,
    "token_dropout": 0.0,
    "user_dropout": 0.0,
    "history_dropout": 0.0,
}
SAY_NOTHING = {"temperature": 1e9}
"""So that all tracks are equally likely."""

Make = Callable[..., TowerLoss]

pytestmark = pytest.mark.slow


@pytest.fixture
def loss_with() -> Make:
    """A loss with some options of the configuration replaced, beyond what users may set."""
    plays = Interactions(
        users=(np.arange(N_PLAYED) * N_USERS // N_PLAYED).astype(np.int32),
        items=np.arange(N_PLAYED, dtype=np.int32),
        weights=np.ones(N_PLAYED, np.float32),
        times=np.full(N_PLAYED, np.nan),
        n_users=N_USERS,
        n_items=N_PLAYED + 1,
    )
    sessions = np.full((N_USERS, N_SESSION), np.nan, np.float32)
    items = tiny_items().take((np.arange(N_PLAYED + 1) % 4).astype(np.int32))
    data = TowerData(
        interactions=plays,
        items=items,
        audio=AudioFeatures.measured(items.audio),
        snapshots=Snapshots(sessions, np.full(N_USERS, np.inf)),
        sessions=SessionScaler.fitted(sessions),
        sizes=VocabularySizes(artists=6, genres=6, moods=6, tags=6),
    )

    def make(**options: float) -> TowerLoss:
        config = CONFIG.model_copy(update=NOTHING_LOST | options)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            towers = Towers(data.sizes, N_USERS, config)
        return TowerLoss(towers, data, config, np.random.default_rng(1))

    return make


def part(rows: list[list[int]]) -> Histories:
    """Tracks of each listener, all of one weight."""
    offsets = np.cumsum([0, *map(len, rows)])
    tracks = np.array([row for own in rows for row in own], np.int32)
    return Histories(tracks, np.ones(len(tracks), np.float32), offsets.astype(np.int32))


def samples(
    wanted: list[list[int]],
    history: list[list[int]] | None = None,
    unused: list[list[int]] | None = None,
) -> Samples:
    """Listeners of whom nothing is known but the id and some tracks."""
    n = len(wanted)
    return Samples(
        users=np.arange(n, dtype=np.int32),
        history=part(history or [[]] * n),
        wanted=part(wanted),
        unused=part(unused or [[]] * n),
        genres=np.zeros((n, 5), np.int32),
        moods=np.zeros((n, 3), np.int32),
        sessions=np.full((n, N_SESSION), np.nan, np.float32),
    )


def test_what_is_wanted_is_sought_among_all_tracks_that_anybody_played(loss_with: Make) -> None:
    loss = loss_with(**SAY_NOTHING).of(samples([[0], [10, 11]]))

    assert loss.item() == pytest.approx(np.log(N_PLAYED), rel=1e-5)  # float32


def test_tracks_known_of_a_listener_are_not_in_the_way(loss_with: Make) -> None:
    loss = loss_with(**SAY_NOTHING).of(samples([[0]], history=[[1, 2]], unused=[[3]]))

    assert loss.item() == pytest.approx(np.log(N_PLAYED - 3), rel=1e-5)


def test_n_tracks_of_one_listener_count_as_the_root_of_n(loss_with: Make) -> None:
    loss = loss_with(**SAY_NOTHING).of(
        samples([[0], [10, 11, 12, 13]], history=[list(range(1, 9)), []])
    )

    # one track of one listener, four halves of the other's
    by_hand = (np.log(N_PLAYED - 8) + 4 / 2 * np.log(N_PLAYED)) / 3
    assert loss.item() == pytest.approx(by_hand, rel=1e-5)


def test_drawn_tracks_stand_for_those_that_were_not_drawn(loss_with: Make) -> None:
    asked = samples([[0], [10]], history=[[1], []])
    some = loss_with(**SAY_NOTHING, max_tracks=8)

    rows, log_chance = some._tracks(asked)
    loss = some.of(asked)

    assert {0, 1, 10} < set(rows.tolist())
    assert len(rows) == 8
    assert log_chance[np.isin(rows, [0, 1, 10])].tolist() == [0, 0, 0]
    # five are there for each of the 37 others, so that the sums are as of all
    by_hand = (np.log(N_PLAYED - 1) + np.log(N_PLAYED)) / 2
    assert loss.item() == pytest.approx(by_hand, rel=1e-5)


def test_a_quarter_is_drawn_where_listeners_have_more_tracks_than_there_is_room_for(
    loss_with: Make,
) -> None:
    rows, _ = loss_with(max_tracks=8)._tracks(samples([list(range(20))]))

    assert len(rows) == 20 + 2


def test_the_softmax_is_that_of_the_cosines(loss_with: Make) -> None:
    loss, asked = loss_with(), samples([[0], [11]], history=[[1], [10]])

    said = loss.of(asked).item()

    rows, _ = loss._tracks(asked)
    items = loss._embed_items(rows)
    cosines = (loss._embed_users(asked, items, rows) @ items.T).detach().numpy()
    logits = np.delete(cosines[0], 1), np.delete(cosines[1], 10)
    misses = [
        np.log(np.exp(own / CONFIG.temperature).sum()) - own[wanted] / CONFIG.temperature
        for own, wanted in zip(logits, (0, 10), strict=True)
    ]
    assert said == pytest.approx(np.mean(misses), rel=1e-4)


@pytest.mark.parametrize(("dropout", "alike"), [(0.0, False), (1.0, True)])
def test_a_listener_is_left_unknown_as_often_as_asked(
    loss_with: Make,
    dropout: float,
    alike: bool,  # noqa: FBT001
) -> None:
    loss = loss_with(user_dropout=dropout)

    first, second = loss._embed_users(
        samples([[0], [0]]), torch.zeros((1, 4)), np.zeros(1, np.int32)
    )

    assert torch.equal(first, second) is alike


@pytest.mark.parametrize(
    "option", ["item_dropout", "input_dropout", "rating_dropout", "token_dropout"]
)
@pytest.mark.parametrize(("dropout", "differ"), [(0.0, False), (1.0, True)])
def test_a_track_is_left_partly_unknown_as_often_as_asked(
    loss_with: Make,
    option: str,
    dropout: float,
    differ: bool,  # noqa: FBT001
) -> None:
    whole, partly = loss_with(), loss_with(**{option: dropout})
    rows = np.arange(4, dtype=np.int32)

    assert torch.equal(whole._embed_items(rows), partly._embed_items(rows)) is not differ


def test_words_are_pooled_in_training_as_they_are_in_serving() -> None:
    bag = Bag(9, 5)
    rows = torch.tensor([[1, 2, 2, 0], [0, 0, 0, 0], [8, 0, 3, 0]], dtype=torch.int32)

    trained, served = bag.train()(rows), bag.eval()(rows)

    assert torch.allclose(trained, served, atol=1e-6)  # float32
    assert not served[1].any()


def test_a_listener_without_a_history_is_one_whose_history_was_dropped(loss_with: Make) -> None:
    items, rows = torch.eye(4), np.arange(4, dtype=np.int32)
    known = samples([[0], [1]], history=[[2, 3], [2]])

    dropped = loss_with(history_dropout=1.0)._embed_users(known, items, rows)
    nothing = loss_with()._embed_users(replace(known, history=part([[], []])), items, rows)

    assert torch.equal(dropped, nothing)
