"""Factors of plays that co-listening smoothed."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from hybridrec.models.co_listening import CoListening
from hybridrec.models.factors import Factors
from hybridrec.schema.names import Floats
from hybridrec.training.co_listening import fit_co_listening, user_rows
from hybridrec.training.config import CoListeningConfig, NMFConfig
from hybridrec.training.data import Interactions
from hybridrec.training.nmf import Smoothed, factorized, fit_factors, swept
from tests.training.plays import random_plays

N_ITEMS = 12
CONFIG = NMFConfig(n_factors=3, n_sweeps=15)
NO_GENRES = np.zeros((N_ITEMS, 1), np.int32)


@pytest.fixture
def plays(rng: np.random.Generator) -> Interactions:
    """Of all tracks but the last."""
    return random_plays(rng, n_users=30, n_items=N_ITEMS, n_each=5).where(
        np.tile(np.arange(5) < 4, 30)
    )


@pytest.fixture
def smoothed(plays: Interactions) -> Smoothed:
    return smoothed_of(plays)


def smoothed_of(plays: Interactions, own_weight: float = 0.25) -> Smoothed:
    config, no_terms = CoListeningConfig(ridge=2.0), csr_matrix((N_ITEMS, 1), dtype=np.float32)
    weights = fit_co_listening(plays, no_terms, config, lambda _done: None)
    return Smoothed.of(user_rows(plays, 0.0), weights, own_weight)


def fitted(smoothed: Smoothed) -> tuple[Floats, Factors]:
    rng = np.random.default_rng(0)
    return fit_factors(smoothed, NO_GENRES, 2, CONFIG, rng, lambda _done: None)


def whole(smoothed: Smoothed) -> Floats:
    product: Floats = (smoothed.plays @ smoothed.weights).toarray()
    return product


def loss(smoothed: Smoothed, W: Floats, H: Floats) -> float:
    return float(((whole(smoothed) - W @ H.T) ** 2).sum())


def test_products_with_smoothed_plays_are_those_of_the_whole_matrix(
    smoothed: Smoothed, rng: np.random.Generator
) -> None:
    W, H = rng.random((30, 3), np.float32), rng.random((N_ITEMS, 3), np.float32)

    np.testing.assert_allclose(smoothed.times(H), whole(smoothed) @ H, rtol=1e-5)
    np.testing.assert_allclose(smoothed.transposed_times(W), whole(smoothed).T @ W, rtol=1e-5)
    assert smoothed.mean() == pytest.approx(whole(smoothed).mean(), rel=1e-5)


def test_a_play_says_something_for_its_own_track_too(plays: Interactions) -> None:
    smoothed = smoothed_of(plays, own_weight=0.25)
    alone = Smoothed.of(smoothed.plays, CoListening.nothing(N_ITEMS), 0.25)

    assert smoothed.weights.diagonal() == pytest.approx(0.25)
    # where no track speaks for another, plays are all there is
    assert (alone.weights.toarray() == np.eye(N_ITEMS)).all()


def test_every_sweep_brings_the_factors_nearer_to_the_plays(
    smoothed: Smoothed, rng: np.random.Generator
) -> None:
    W, H = rng.random((30, 3), np.float32), rng.random((N_ITEMS, 3), np.float32)
    losses = [loss(smoothed, W, H)]
    for _ in range(6):
        W = swept(W, smoothed.times(H), H.T @ H)
        losses.append(loss(smoothed, W, H))
        H = swept(H, smoothed.transposed_times(W), W.T @ W)
        losses.append(loss(smoothed, W, H))

    assert (np.diff(losses) < 0).all()
    assert W.min() >= 0
    assert H.min() >= 0


def test_one_factor_finds_the_best_rank_one_fit(smoothed: Smoothed) -> None:
    config, rng = CONFIG.model_copy(update={"n_factors": 2}), np.random.default_rng(0)
    W, H = factorized(smoothed, config, rng, lambda _done: None)

    values = np.linalg.svd(whole(smoothed), compute_uv=False)
    # two factors are at least as good as the best single one, which is not negative
    assert loss(smoothed, W, H) < (values[1:] ** 2).sum()


def test_columns_of_the_tracks_have_length_1(smoothed: Smoothed) -> None:
    rng = np.random.default_rng(0)
    W, H = factorized(smoothed, CONFIG, rng, lambda _done: None)

    assert np.linalg.norm(H, axis=0) == pytest.approx(1)
    assert W.shape == (30, 3)


def test_factors_without_a_track_do_not_come_back(smoothed: Smoothed) -> None:
    H = np.ones((N_ITEMS, 2), np.float32)
    H[:, 1] = 0

    W = swept(np.zeros((30, 2), np.float32), smoothed.times(H), H.T @ H)

    assert W[:, 0].any()
    assert not W[:, 1].any()


def test_a_play_pulls_by_what_it_says_for_each_track(smoothed: Smoothed) -> None:
    _, factors = fitted(smoothed)

    assert factors.items.min() >= 0
    expected = smoothed.weights.toarray() @ factors.items
    np.testing.assert_allclose(factors.pulls, expected, rtol=1e-5, atol=1e-7)


def test_folding_in_finds_the_factors_that_explain_smoothed_plays_best(
    smoothed: Smoothed, plays: Interactions
) -> None:
    _, factors = fitted(smoothed)
    history, _ = plays.histories().of(4)

    folded = factors.fold_in(history, np.ones(len(history), np.float32), np.zeros(5, np.int32))

    row = whole(smoothed)[4]
    best = ((row - factors.items @ folded.state) ** 2).sum()
    rng = np.random.default_rng(0)
    for _ in range(50):
        other = np.maximum(folded.state + rng.normal(0, 0.05, 3), 0)
        assert ((row - factors.items @ other) ** 2).sum() > best - 1e-4  # the regularization


def test_nobody_pulls_a_track_without_plays(plays: Interactions) -> None:
    unplayed = plays.where(plays.items != 5)

    _, factors = fitted(smoothed_of(unplayed))

    assert not factors.items[5].any()
    assert not factors.by_genre.any()


def test_a_track_with_too_few_listeners_takes_the_factors_of_its_genres(
    plays: Interactions,
) -> None:
    first, second = 2, 3
    genres = np.where(np.arange(N_ITEMS) < 6, first, second).astype(np.int32)[:, None]
    smoothed = smoothed_of(plays.where(plays.items != 5))
    rng = np.random.default_rng(0)

    _, factors = fit_factors(smoothed, genres, 4, CONFIG, rng, lambda _done: None)

    assert np.flatnonzero(factors.by_genre).tolist() == [5]
    assert factors.items[5] == pytest.approx(factors.items[:5].mean(axis=0))
    # no play pulls towards it, but its own
    others = smoothed.weights.toarray()
    np.fill_diagonal(others, 0)
    others[:, 5] = 0
    own = smoothed.weights.diagonal()[:, None] * factors.items
    np.testing.assert_allclose(factors.pulls, others @ factors.items + own, rtol=1e-5, atol=1e-7)


def test_the_same_seed_gives_the_same_factors_and_progress_reaches_one(
    smoothed: Smoothed,
) -> None:
    told: list[float] = []

    W, factors = fit_factors(smoothed, NO_GENRES, 2, CONFIG, np.random.default_rng(0), told.append)

    again, factors_again = fitted(smoothed)
    assert W.tobytes() == again.tobytes()
    assert factors.items.tobytes() == factors_again.items.tobytes()
    assert told == sorted(told)
    assert (len(told), told[-1]) == (CONFIG.n_sweeps, 1.0)
