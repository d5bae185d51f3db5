import numpy as np
import pytest

from hybridrec.errors import InvalidData
from hybridrec.training.config import StackConfig
from hybridrec.training.data import Interactions
from hybridrec.training.stack import StackSplit, split_for_stacking
from tests.training.plays import random_plays

CONFIG = StackConfig(new_user_share=0.3, new_track_share=0.1)


@pytest.fixture(params=[True, False], ids=["dated", "undated"])
def plays(request: pytest.FixtureRequest, rng: np.random.Generator) -> Interactions:
    return random_plays(rng, dated=request.param)


@pytest.fixture
def split(plays: Interactions, rng: np.random.Generator) -> StackSplit:
    return split_for_stacking(plays, CONFIG, rng)


def test_no_label_is_seen_by_a_base_model_or_asked_with(split: StackSplit) -> None:
    assert split.labels.any()
    assert not (split.labels & split.base).any()
    assert not (split.labels & split.history).any()
    assert not (split.base & ~split.history).any()
    assert split.surplus.any()
    assert not (split.surplus & (split.labels | split.history | split.base)).any()


def test_every_user_of_the_stack_has_labels_and_a_history(
    plays: Interactions, split: StackSplit
) -> None:
    assert np.unique(plays.users[split.labels]).tolist() == split.users.tolist()
    assert np.isin(split.users, plays.users[split.history]).all()


def test_new_users_are_wholly_out_of_the_base(plays: Interactions, split: StackSplit) -> None:
    new_users = split.users[split.is_new]

    assert len(new_users) > 0
    assert not np.isin(plays.users[split.base], new_users).any()
    assert np.isin(split.users[~split.is_new], plays.users[split.base]).all()


def test_new_tracks_are_wholly_out_of_base_and_histories(
    plays: Interactions, split: StackSplit
) -> None:
    known = np.unique(plays.items[split.history])

    # each of 40 tracks has some 30 users: none loses all of them by chance
    new = np.setdiff1d(np.arange(plays.n_items), known)
    assert len(new) == round(CONFIG.new_track_share * plays.n_items)
    assert not np.isin(plays.items[split.base], new).any()


def test_of_new_tracks_too_users_give_up_that_share_and_the_rest_is_surplus(
    rng: np.random.Generator,
) -> None:
    plays = random_plays(rng)
    config = StackConfig(new_track_share=0.5)

    split = split_for_stacking(plays, config, rng)

    known = np.unique(plays.items[split.history])
    of_new = ~np.isin(plays.items, known) & np.isin(plays.users, split.users)
    assert (split.labels[of_new] | split.surplus[of_new]).all()
    assert split.labels[of_new].mean() == pytest.approx(config.held_out_share, abs=0.05)
    assert not split.surplus[~of_new].any()


def test_known_and_new_users_give_up_the_same_share_of_their_tracks(
    rng: np.random.Generator,
) -> None:
    plays = random_plays(rng)

    split = split_for_stacking(plays, CONFIG.model_copy(update={"new_track_share": 0.0}), rng)

    held = np.bincount(plays.users[split.labels], minlength=plays.n_users)[split.users]
    # else scores say how the plays were parted: higher where no user row, or no session, is known
    assert held.tolist() == [4] * len(split.users)


@pytest.mark.parametrize(("share", "n_held"), [(0.001, 1), (0.23, 5), (0.99, 19)])
def test_a_share_is_rounded_but_a_track_is_given_up_and_another_kept(
    rng: np.random.Generator, share: float, n_held: int
) -> None:
    plays = random_plays(rng)
    config = StackConfig(held_out_share=share, new_track_share=0.0)

    split = split_for_stacking(plays, config, rng)

    # 20 tracks each
    held = np.bincount(plays.users[split.labels], minlength=plays.n_users)[split.users]
    assert held.tolist() == [n_held] * len(split.users)


def test_dated_labels_are_the_newest_of_each_user(rng: np.random.Generator) -> None:
    plays = random_plays(rng)

    split = split_for_stacking(plays, CONFIG.model_copy(update={"new_track_share": 0.0}), rng)

    for user in split.users:
        mine = plays.users == user
        first_label = plays.times[mine & split.labels].min()
        assert plays.times[mine & split.history].max() < first_label
        assert split.label_times[user] == first_label


def test_undated_labels_have_no_time(rng: np.random.Generator) -> None:
    split = split_for_stacking(random_plays(rng, dated=False), CONFIG, rng)

    assert np.isinf(split.label_times).all()


def test_users_with_few_tracks_give_none_up(rng: np.random.Generator) -> None:
    plays = random_plays(rng)
    few = np.isin(plays.users, [3, 4]) & (np.arange(len(plays)) % 20 >= 4)
    plays = plays.where(~few)

    split = split_for_stacking(plays, CONFIG, rng)

    assert split.users.tolist() == [user for user in range(60) if user not in {3, 4}]


def test_only_so_many_users_are_asked(rng: np.random.Generator) -> None:
    split = split_for_stacking(random_plays(rng), CONFIG.model_copy(update={"max_users": 20}), rng)

    assert len(split.users) == len(split.is_new) == len(split.calibrates) == 20
    assert (np.diff(split.users) > 0).all()


@pytest.mark.parametrize("n_users", [0, 1], ids=["nobody", "one"])
def test_too_few_users_with_enough_tracks_are_refused(
    rng: np.random.Generator, n_users: int
) -> None:
    plays = random_plays(rng)
    plays = plays.where((plays.users < n_users) | (np.arange(len(plays)) % 20 < 4))

    with pytest.raises(InvalidData, match="at least 5 tracks"):
        split_for_stacking(plays, CONFIG, rng)


@pytest.mark.parametrize("seed", range(20), ids=lambda seed: f"seed-{seed}")
def test_even_two_users_are_parted_between_training_and_calibrating(seed: int) -> None:
    rng = np.random.default_rng(seed)

    split = split_for_stacking(random_plays(rng, n_users=2), CONFIG, rng)

    assert split.calibrates.sum() == 1
