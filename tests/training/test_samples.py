from dataclasses import replace

import numpy as np
import pytest

from hybridrec.schema.records import N_SESSION
from hybridrec.testing import tiny_items
from hybridrec.training.config import TwoTowerConfig
from hybridrec.training.data import Interactions
from hybridrec.training.samples import Sampler, Samples, Snapshots
from tests.training.plays import random_plays

ROCK, INDIE, JAZZ = 2, 3, 4
CALM, DRIVING = 2, 3


def snapshots(n_users: int, time: float = np.inf) -> Snapshots:
    sessions = np.arange(n_users, dtype=np.float32)[:, None].repeat(N_SESSION, axis=1)
    return Snapshots(sessions, np.full(n_users, time))


def drawn(
    plays: Interactions, rng: np.random.Generator, max_history: int = 50, time: float = np.inf
) -> Samples:
    """All plays as samples."""
    items = tiny_items().take((np.arange(plays.n_items) % 4).astype(np.int32))
    config = TwoTowerConfig(max_history=max_history)
    sampler = Sampler(plays, items, snapshots(plays.n_users, time), config)
    return sampler.draw(np.arange(len(plays)), rng)


def ada_fan() -> Interactions:
    """One user who played t0 (rock, indie; calm), t1 (rock; driving) and t2 (jazz)."""
    return Interactions(
        users=np.zeros(3, np.int32),
        items=np.array([0, 1, 2], np.int32),
        weights=np.array([1, 2, 4], np.float32),
        times=np.full(3, np.nan),
        n_users=1,
        n_items=4,
    )


@pytest.mark.parametrize("dated", [True, False], ids=["dated", "undated"])
def test_a_play_is_never_in_its_own_history(rng: np.random.Generator, *, dated: bool) -> None:
    plays = random_plays(rng, dated=dated)

    samples = drawn(plays, rng)

    assert samples.items.tolist() == plays.items.tolist()
    assert (samples.history >= 0).any()
    assert not (samples.history == samples.items[:, None]).any()


def test_a_dated_history_is_all_that_came_before(rng: np.random.Generator) -> None:
    plays = random_plays(rng)

    samples = drawn(plays, rng)

    for place in range(len(plays)):
        earlier = (plays.users == plays.users[place]) & (plays.times < plays.times[place])
        history = samples.history[place]
        assert history[history >= 0].tolist() == plays.items[earlier].tolist()


def test_an_undated_history_is_all_the_others(rng: np.random.Generator) -> None:
    samples = drawn(random_plays(rng, dated=False), rng)

    assert ((samples.history >= 0).sum(axis=1) == 19).all()


def test_a_long_history_is_drawn_from(rng: np.random.Generator) -> None:
    plays = random_plays(rng, dated=False)

    samples = drawn(plays, rng, max_history=5)

    assert samples.history.shape == (len(plays), 5)
    for place in range(len(plays)):
        mine = plays.items[plays.users == plays.users[place]]
        assert len(np.intersect1d(samples.history[place], mine)) == 5
        assert samples.items[place] not in samples.history[place]


def test_weights_sum_to_one_or_to_nothing(rng: np.random.Generator) -> None:
    samples = drawn(random_plays(rng), rng)

    is_empty = (samples.history < 0).all(axis=1)
    assert is_empty.sum() == 60  # the first play of each user
    assert samples.weights[is_empty].sum() == 0
    assert samples.weights[~is_empty].sum(axis=1) == pytest.approx(1, abs=1e-5)  # 19 float32
    assert (samples.weights[samples.history < 0] == 0).all()


def test_preferences_leave_out_what_the_play_itself_adds(rng: np.random.Generator) -> None:
    samples = drawn(ada_fan(), rng)

    # jazz weighs 4 and rock of t1 2; without t1 rock of t0 and indie weigh 1, ties by row
    assert samples.genres[:, :4].tolist() == [
        [JAZZ, ROCK, 0, 0],
        [JAZZ, ROCK, INDIE, 0],
        [ROCK, INDIE, 0, 0],
    ]
    assert samples.moods.tolist() == [[DRIVING, 0, 0], [CALM, 0, 0], [DRIVING, CALM, 0]]


def test_a_single_play_leaves_nothing_to_prefer(rng: np.random.Generator) -> None:
    samples = drawn(ada_fan().where(np.array([True, False, False])), rng)

    assert not samples.genres.any()
    assert not samples.moods.any()
    assert (samples.history == -1).all()


def test_a_session_is_known_only_to_plays_after_it(rng: np.random.Generator) -> None:
    plays = random_plays(rng)
    middle = float(np.median(plays.times))

    samples = drawn(plays, rng, time=middle)

    late = plays.times >= middle
    assert np.isnan(samples.sessions[~late]).all()
    assert samples.sessions[late][:, 0].tolist() == plays.users[late].tolist()


def test_undated_plays_may_see_the_session(rng: np.random.Generator) -> None:
    plays = random_plays(rng)
    undated = replace(plays, times=np.full(len(plays), np.nan))

    samples = drawn(undated, rng, time=0.0)

    assert samples.sessions[:, 0].tolist() == plays.users.tolist()
