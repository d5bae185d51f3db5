from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from hybridrec.models.co_listening import CoListening
from hybridrec.schema.names import Floats
from hybridrec.training.co_listening import fit_co_listening, inverse, ridged_gram, user_rows
from hybridrec.training.config import CoListeningConfig
from hybridrec.training.data import Interactions
from tests.training.plays import random_plays

N_ITEMS = 12
CONFIG = CoListeningConfig(n_neighbours=N_ITEMS, ridge=2.0, popularity_ridge=0.5, metadata_weight=3)


@pytest.fixture
def plays(rng: np.random.Generator) -> Interactions:
    return random_plays(rng, n_users=30, n_items=N_ITEMS, n_each=5)


@pytest.fixture
def terms(rng: np.random.Generator) -> csr_matrix:
    """Two terms of each track, as rows of unit length."""
    columns = rng.integers(0, 4, (N_ITEMS, 2)) + np.array([0, 4])
    rows = np.arange(N_ITEMS).repeat(2)
    values = np.full(2 * N_ITEMS, np.sqrt(0.5), np.float32)
    return csr_matrix((values, (rows, columns.ravel())), (N_ITEMS, 8))


def dense(weights: CoListening) -> Floats:
    parts = (weights.values, weights.rows, weights.offsets)
    found: Floats = csr_matrix(parts, (weights.n_items, weights.n_items)).toarray()
    return found


def fitted(
    plays: Interactions, terms: csr_matrix, config: CoListeningConfig = CONFIG
) -> CoListening:
    return fit_co_listening(plays, terms, config, lambda _done: None)


def test_the_weights_are_those_of_a_ridge_regression_of_each_track_on_all_others(
    plays: Interactions, terms: csr_matrix
) -> None:
    X = user_rows(plays, 0.0).toarray().astype(np.float64)
    K = (terms @ terms.T).toarray().astype(np.float64)
    ridge = np.diag(2.0 + 0.5 * X.sum(axis=0))
    found = dense(fitted(plays, terms))

    for target in range(N_ITEMS):
        others = np.delete(np.arange(N_ITEMS), target)
        gram = (X.T @ X + 3 * K + ridge)[np.ix_(others, others)]
        wanted = (X.T @ X + 3 * K)[others, target]
        weights = np.linalg.solve(gram, wanted)
        np.testing.assert_allclose(found[others, target], np.maximum(weights, 0), atol=1e-5)


def test_no_track_speaks_for_itself_and_none_against_another(
    plays: Interactions, terms: csr_matrix
) -> None:
    weights = fitted(plays, terms)

    assert not np.diag(dense(weights)).any()
    assert weights.values.min() > 0
    assert weights.values.dtype == np.float32


def test_only_the_strongest_speak_for_a_track(plays: Interactions, terms: csr_matrix) -> None:
    whole = dense(fitted(plays, terms))

    few = dense(fitted(plays, terms, CONFIG.model_copy(update={"n_neighbours": 2})))

    for target in range(N_ITEMS):
        best = np.argsort(-whole[:, target])[:2]
        expected = np.zeros(N_ITEMS)
        expected[best] = whole[best, target]
        assert few[:, target].tolist() == expected.tolist()


def test_rows_rise_within_each_part(plays: Interactions, terms: csr_matrix) -> None:
    weights = fitted(plays, terms)

    for start, stop in zip(weights.offsets[:-1], weights.offsets[1:], strict=True):
        assert (np.diff(weights.rows[start:stop]) > 0).all()


def test_a_track_that_nobody_played_is_met_by_what_is_written_of_it(
    plays: Interactions, terms: csr_matrix
) -> None:
    unplayed = plays.where(plays.items != 3)
    none = CONFIG.model_copy(update={"metadata_weight": 0.0})

    with_terms, without = (dense(fitted(unplayed, terms, one)) for one in (CONFIG, none))

    alike = (terms @ terms.T).toarray()[:, 3]
    assert with_terms[:, 3].argmax() in np.flatnonzero(alike > 0)
    assert with_terms[3].any()
    assert not without[:, 3].any()
    assert not without[3].any()


def test_of_a_large_catalogue_the_most_played_tracks_take_part(
    plays: Interactions, terms: csr_matrix
) -> None:
    popular = np.sort(np.argsort(-plays.counts(), kind="stable")[:5])
    others = np.setdiff1d(np.arange(N_ITEMS), popular)

    found = dense(fitted(plays, terms, CONFIG.model_copy(update={"max_tracks": 5})))

    assert found[np.ix_(popular, popular)].any()
    assert not found[others].any()
    assert not found[:, others].any()


def test_who_played_more_counts_for_less_where_that_is_wanted(plays: Interactions) -> None:
    fewer = plays.where((plays.users > 0) | (np.arange(len(plays)) == 0))

    values = user_rows(fewer, 0.5).toarray()

    assert values[0].max() == 1
    assert values[1].max() == pytest.approx(1 / np.sqrt(5))


def test_how_often_a_track_was_played_changes_nothing(
    plays: Interactions, terms: csr_matrix
) -> None:
    heavy = replace(plays, weights=plays.weights * 7)

    assert dense(fitted(heavy, terms)).tobytes() == dense(fitted(plays, terms)).tobytes()


def test_the_inverse_of_the_gram_matrix_is_symmetric_and_its_inverse(
    plays: Interactions, terms: csr_matrix
) -> None:
    gram = ridged_gram(user_rows(plays, 0.0), terms, CONFIG)

    found = inverse(gram.copy())

    np.testing.assert_array_equal(found, found.T)
    np.testing.assert_allclose(found @ gram, np.eye(N_ITEMS), atol=1e-5)


def test_progress_reaches_one(plays: Interactions, terms: csr_matrix) -> None:
    told: list[float] = []

    fit_co_listening(plays, terms, CONFIG, told.append)

    assert told == sorted(told)
    assert told[-1] == 1.0
