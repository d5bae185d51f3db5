from dataclasses import replace

import numpy as np
import pytest

from hybridrec.histories import Histories
from hybridrec.schema.records import N_SESSION
from hybridrec.testing import tiny_items
from hybridrec.training.config import TwoTowerConfig
from hybridrec.training.data import Interactions
from hybridrec.training.samples import Sampler, Samples, Snapshots
from tests.training.plays import random_plays

ROCK, INDIE, JAZZ = 2, 3, 4
CALM, DRIVING = 2, 3
N_EACH = 20


def snapshots(n_users: int, time: float = np.inf) -> Snapshots:
    sessions = np.arange(n_users, dtype=np.float32)[:, None].repeat(N_SESSION, axis=1)
    return Snapshots(sessions, np.full(n_users, time))


def sampler_of(plays: Interactions, max_history: int = 50, time: float = np.inf) -> Sampler:
    items = tiny_items().take((np.arange(plays.n_items) % 4).astype(np.int32))
    config = TwoTowerConfig(max_history=max_history)
    return Sampler(plays, items, snapshots(plays.n_users, time), config)


def drawn(
    plays: Interactions, rng: np.random.Generator, max_history: int = 50, time: float = np.inf
) -> Samples:
    """All listeners as samples."""
    sampler = sampler_of(plays, max_history, time)
    return sampler.draw(sampler.listeners, rng)


def played(plays: Interactions, user: int) -> list[int]:
    return sorted(plays.items[plays.users == user].tolist())


def times_of(plays: Interactions, user: int, part: Histories) -> list[float]:
    rows, _ = part.of(user)
    time_of = dict(
        zip(plays.items[plays.users == user], plays.times[plays.users == user], strict=True)
    )
    return [time_of[row] for row in rows]


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


@pytest.mark.parametrize("max_history", [50, 5], ids=["short", "too long"])
@pytest.mark.parametrize("dated", [True, False], ids=["dated", "undated"])
def test_each_play_is_in_one_part_of_its_listeners_sample(
    rng: np.random.Generator, *, dated: bool, max_history: int
) -> None:
    plays = random_plays(rng, dated=dated)

    samples = drawn(plays, rng, max_history)

    for user in range(plays.n_users):
        parts = [part.of(user)[0] for part in (samples.history, samples.wanted, samples.unused)]
        assert sorted(np.concatenate(parts).tolist()) == played(plays, user)
        assert len(parts[0]) > 0
        assert len(parts[1]) > 0


def test_a_dated_history_is_all_that_came_before_what_is_wanted(rng: np.random.Generator) -> None:
    plays = random_plays(rng)

    samples = drawn(plays, rng)

    for user in range(plays.n_users):
        known, wanted = (times_of(plays, user, p) for p in (samples.history, samples.wanted))
        assert known == sorted(known)
        assert max(known) < min(wanted)


@pytest.mark.parametrize("time", [np.nan, 7.0], ids=["no moment", "one moment"])
def test_plays_of_no_moment_or_of_one_are_cut_at_random(
    rng: np.random.Generator, time: float
) -> None:
    plays = replace(random_plays(rng), times=np.full(60 * N_EACH, time))

    first_is_wanted = [played(plays, 0)[0] in drawn(plays, rng).wanted.of(0)[0] for _ in range(40)]

    # half of the plays are wanted on average: all or none of 40 is a chance of 2 ** -39
    assert 0 < sum(first_is_wanted) < 40


def test_what_is_wanted_is_a_share_between_two_limits(rng: np.random.Generator) -> None:
    samples = drawn(random_plays(rng), rng)

    n_wanted = np.diff(samples.wanted.offsets)

    assert n_wanted.min() >= 0.2 * N_EACH
    assert n_wanted.max() <= 0.8 * N_EACH
    assert len(np.unique(n_wanted)) > 5


def test_of_too_many_tracks_some_are_drawn(rng: np.random.Generator) -> None:
    plays = random_plays(rng)

    first, second = drawn(plays, rng, max_history=5), drawn(plays, rng, max_history=5)

    used = np.diff(first.history.offsets) + np.diff(first.wanted.offsets)
    assert used.tolist() == [5] * 60
    assert sorted(first.unused.of(0)[0]) != sorted(second.unused.of(0)[0])


def test_a_track_keeps_its_weight(rng: np.random.Generator) -> None:
    plays = random_plays(rng)

    samples = drawn(plays, rng)

    rows, weights = samples.history.of(3)
    mine = plays.users == 3
    weight_of = dict(zip(plays.items[mine], plays.weights[mine], strict=True))
    assert weights.tolist() == [weight_of[row] for row in rows]


def test_preferences_are_those_of_the_history_alone(rng: np.random.Generator) -> None:
    genres = {0: {ROCK: 1, INDIE: 1}, 1: {ROCK: 2}, 2: {JAZZ: 4}}
    moods = {0: {CALM: 1}, 1: {DRIVING: 2}, 2: {}}
    told = set()

    for _ in range(40):
        samples = drawn(ada_fan(), rng)
        history = samples.history.of(0)[0].tolist()
        for terms, preferred in ((genres, samples.genres[0]), (moods, samples.moods[0])):
            mass = {term: 0 for row in history for term in terms[row]}
            for row in history:
                for term, weight in terms[row].items():
                    mass[term] += weight
            expected = sorted(mass, key=lambda term: (-mass[term], term))
            assert preferred[preferred > 0].tolist() == expected
        told.add(tuple(sorted(history)))

    assert told == {(0,), (1,), (2,), (0, 1), (0, 2), (1, 2)}


def test_a_single_play_is_wanted_of_a_listener_of_whom_nothing_is_known(
    rng: np.random.Generator,
) -> None:
    samples = drawn(ada_fan().where(np.array([True, False, False])), rng)

    assert samples.wanted.of(0)[0].tolist() == [0]
    assert len(samples.history.rows) == 0
    assert not samples.genres.any()
    assert not samples.moods.any()


def test_listeners_have_two_tracks_where_anybody_has(rng: np.random.Generator) -> None:
    plays = random_plays(rng, n_users=4)
    kept = np.ones(len(plays), bool)
    kept[1:N_EACH] = False  # the first user keeps one track
    kept[N_EACH : 2 * N_EACH] = False  # the second none

    assert sampler_of(plays.where(kept)).listeners.tolist() == [2, 3]


def test_a_session_is_known_only_where_all_that_is_wanted_came_later(
    rng: np.random.Generator,
) -> None:
    plays = random_plays(rng)
    middle = float(np.median(plays.times))

    samples = drawn(plays, rng, time=middle)

    later = np.array([min(times_of(plays, u, samples.wanted)) >= middle for u in range(60)])
    assert 0 < later.sum() < 60
    assert np.isnan(samples.sessions[~later]).all()
    assert samples.sessions[later][:, 0].tolist() == samples.users[later].tolist()


def test_undated_plays_may_see_the_session(rng: np.random.Generator) -> None:
    samples = drawn(random_plays(rng, dated=False), rng, time=0.0)

    assert samples.sessions[:, 0].tolist() == samples.users.tolist()


def test_undated_plays_count_as_later_than_dated_ones(rng: np.random.Generator) -> None:
    plays = random_plays(rng)
    times = np.where(np.arange(len(plays)) % N_EACH < N_EACH // 2, plays.times, np.nan)
    mixed = replace(plays, times=times)

    samples = drawn(mixed, rng)

    for user in range(60):
        known = np.isnan(times_of(mixed, user, samples.history))
        wanted = np.isnan(times_of(mixed, user, samples.wanted))
        assert not known.any() or wanted.all()
