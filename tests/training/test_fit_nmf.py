from dataclasses import replace

import numpy as np
import pytest

from hybridrec.models.nmf import NMFScorer
from hybridrec.testing import one_query
from hybridrec.training.config import NMFConfig
from hybridrec.training.data import Interactions
from hybridrec.training.nmf import fit_nmf

N_USERS, N_ITEMS, HALF = 40, 21, 10
CONFIG = NMFConfig(n_factors=2, n_iterations=15)
NO_GENRES = np.zeros((N_ITEMS, 1), np.int32)


@pytest.fixture
def plays(rng: np.random.Generator) -> Interactions:
    """Even users played 7 of the first ten tracks, odd ones of the next; nobody the last."""
    items = [HALF * (user % 2) + rng.permutation(HALF)[:7] for user in range(N_USERS)]
    n = 7 * N_USERS
    return Interactions(
        users=np.arange(N_USERS, dtype=np.int32).repeat(7),
        items=np.concatenate(items).astype(np.int32),
        weights=np.ones(n, np.float32),
        times=np.full(n, np.nan),
        n_users=N_USERS,
        n_items=N_ITEMS,
    )


def fitted(plays: Interactions) -> NMFScorer:
    return fit_nmf(plays, NO_GENRES, 2, CONFIG, np.random.default_rng(0), lambda _done: None)


def test_no_factor_is_negative_and_nobody_pulls_an_unplayed_track(plays: Interactions) -> None:
    scorer = fitted(plays)

    assert scorer.item_factors.shape == (N_ITEMS, 2)
    assert scorer.item_factors.min() == 0
    assert not scorer.item_factors[-1].any()
    assert scorer.interactions.tolist() == plays.counts().tolist()


def test_two_planted_groups_are_found(plays: Interactions) -> None:
    scorer = fitted(plays)

    for user in range(N_USERS):
        played, _ = plays.histories().of(user)
        query = one_query(history_rows=played.tolist(), exclude_rows=played.tolist())
        best_three = scorer.retrieve(query).rows[:3]
        assert (best_three // HALF == user % 2).all(), user


def test_tracks_of_one_group_point_the_same_way(plays: Interactions) -> None:
    factors = fitted(plays).item_factors[:-1]

    unit = factors / np.linalg.norm(factors, axis=1, keepdims=True)
    likeness = unit @ unit.T
    same = np.arange(20) // HALF == (np.arange(20) // HALF)[:, None]
    assert likeness[same].min() > likeness[~same].max()


def test_popular_tracks_stand_for_less_and_are_scaled_back(plays: Interactions) -> None:
    first_ten_even = plays.where((plays.items != 0) | (plays.users < 8))

    scorer = fitted(first_ten_even)

    rare, common = scorer.item_targets[0], scorer.item_targets[1:10]
    assert rare > common.max()
    # targets and scales undo each other up to one constant, in float32
    product = (scorer.item_targets * scorer.item_scale)[:-1]
    assert product == pytest.approx(product[0], rel=1e-5)


def test_a_track_whose_plays_weigh_more_is_met_more_closely(plays: Interactions) -> None:
    turns = np.arange(N_USERS, dtype=np.int32)[:, None] // 2 + np.arange(7, dtype=np.int32)
    in_turn = (HALF * (np.arange(N_USERS)[:, None] % 2) + turns % HALF).ravel()
    alike = replace(plays, items=in_turn.astype(np.int32))  # 14 plays of each track
    heavy = replace(alike, weights=np.where(alike.items == 0, 50, 1).astype(np.float32))

    lengths = [np.linalg.norm(fitted(one).item_factors[:HALF], axis=1) for one in (alike, heavy)]

    assert np.unique(alike.counts()[:HALF]).tolist() == [14]
    assert lengths[0] == pytest.approx(lengths[0].mean(), rel=0.05)
    assert lengths[1][0] > 1.2 * lengths[1][1:].max()


def test_reference_users_have_unit_length(plays: Interactions) -> None:
    reference = fitted(plays).reference_users

    assert len(reference) == N_USERS
    assert np.linalg.norm(reference, axis=1) == pytest.approx(1, abs=1e-6)  # float32


def test_only_so_many_reference_users_are_kept(plays: Interactions) -> None:
    config = CONFIG.model_copy(update={"n_reference_users": 5})

    scorer = fit_nmf(plays, NO_GENRES, 2, config, np.random.default_rng(0), lambda _done: None)

    assert len(scorer.reference_users) == 5


def test_the_same_seed_gives_the_same_factors_and_progress_reaches_one(
    plays: Interactions,
) -> None:
    told: list[float] = []

    scorer = fit_nmf(plays, NO_GENRES, 2, CONFIG, np.random.default_rng(0), told.append)

    assert scorer.item_factors.tobytes() == fitted(plays).item_factors.tobytes()
    assert told == sorted(told)
    assert (len(told), told[-1]) == (CONFIG.n_iterations, 1.0)


def test_a_track_with_too_few_listeners_takes_the_factors_of_its_genres(
    plays: Interactions,
) -> None:
    even, odd = 2, 3
    genres = np.full((N_ITEMS, 1), odd, np.int32)
    genres[:HALF] = even
    genres[-1] = even  # nobody played it

    scorer = fit_nmf(plays, genres, 4, CONFIG, np.random.default_rng(0), lambda _done: None)

    assert np.flatnonzero(scorer.by_genre).tolist() == [N_ITEMS - 1]
    assert scorer.item_factors[-1] == pytest.approx(scorer.item_factors[:HALF].mean(axis=0))
    of_even, of_odd = (
        scorer.score(one_query([N_ITEMS - 1], history_rows=rows)).scores[0]
        for rows in ([0, 1, 2], [10, 11, 12])
    )
    assert of_even > of_odd
