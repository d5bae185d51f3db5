from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from hybridrec.models.nmf import NMFScorer
from hybridrec.schema.names import Rows
from hybridrec.schema.records import AudioFeatures
from hybridrec.testing import nameless, one_query
from hybridrec.training.collaborative import fit_collaborative
from hybridrec.training.config import CoListeningConfig, NMFConfig, TrainConfig
from hybridrec.training.data import Interactions
from hybridrec.training.networks import VocabularySizes
from hybridrec.training.tracks import Tracks

N_USERS, N_ITEMS, HALF = 40, 21, 10
CONFIG = TrainConfig(
    co_listening=CoListeningConfig(ridge=5.0), nmf=NMFConfig(n_factors=2, n_sweeps=15)
)
REFERENCES = np.array([0, 3, 12], np.int32)
EVEN, ODD = 2, 3
"""Rows of two genres."""


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


def tracks_of(genres: Rows | None = None, terms: csr_matrix | None = None) -> Tracks:
    """Nothing is written of them, unless it is told."""
    items = nameless(N_ITEMS)
    rows = np.zeros_like(items.genre_rows)
    rows[:, 0] = 0 if genres is None else genres
    return Tracks(
        items=replace(items, genre_rows=rows),
        audio=AudioFeatures.measured(items.audio),
        sizes=VocabularySizes(2, 4, 2, 2),
        terms=csr_matrix((N_ITEMS, 1), dtype=np.float32) if terms is None else terms,
    )


def fitted(
    plays: Interactions, tracks: Tracks | None = None, config: TrainConfig = CONFIG
) -> NMFScorer:
    rng = np.random.default_rng(0)
    return fit_collaborative(
        plays, tracks or tracks_of(), REFERENCES, config, rng, lambda _stage, _done: None
    )


def test_two_planted_groups_are_found(plays: Interactions) -> None:
    scorer = fitted(plays)

    for user in range(N_USERS):
        played, _ = plays.histories().of(user)
        query = one_query(history_rows=played.tolist(), exclude_rows=played.tolist())
        best_three = scorer.retrieve(query).rows[:3]
        assert (best_three // HALF == user % 2).all(), user


def test_tracks_of_one_group_point_the_same_way(plays: Interactions) -> None:
    factors = fitted(plays).factors.items[:-1]

    unit = factors / np.linalg.norm(factors, axis=1, keepdims=True)
    likeness = unit @ unit.T
    same = np.arange(20) // HALF == (np.arange(20) // HALF)[:, None]
    assert likeness[same].min() > likeness[~same].max()


def test_it_knows_what_the_configuration_says(plays: Interactions) -> None:
    scorer = fitted(plays)

    assert scorer.interactions.tolist() == plays.counts().tolist()
    assert scorer.reference_tracks.tolist() == REFERENCES.tolist()
    assert (scorer.factor_share, scorer.weight_gain) == (0.25, 0.1)


def test_reference_users_have_unit_length(plays: Interactions) -> None:
    reference = fitted(plays).reference_users

    assert len(reference) == N_USERS
    assert np.linalg.norm(reference, axis=1) == pytest.approx(1, abs=1e-6)  # float32


def test_only_so_many_reference_users_are_kept(plays: Interactions) -> None:
    nmf = CONFIG.nmf.model_copy(update={"n_reference_users": 5})

    scorer = fitted(plays, config=CONFIG.model_copy(update={"nmf": nmf}))

    assert len(scorer.reference_users) == 5


def test_a_new_track_with_genres_is_scored_by_them_and_by_what_is_written_of_it(
    plays: Interactions,
) -> None:
    genres = np.where(np.arange(N_ITEMS) % (N_ITEMS - 1) < HALF, EVEN, ODD).astype(np.int32)
    alike = csr_matrix((np.ones(2, np.float32), ([12, 20], [0, 0])), (N_ITEMS, 1))
    by_genre, by_both = (fitted(plays, tracks_of(genres, terms)) for terms in (None, alike))

    for scorer in (by_genre, by_both):
        of_even, of_odd = (
            scorer.score(one_query([N_ITEMS - 1], history_rows=rows)).scores[0]
            for rows in ([0, 1, 2], [11, 12, 13])
        )
        assert (of_even > of_odd) == (scorer is by_genre)


def test_a_track_without_plays_is_known_by_genres_or_by_what_is_written_of_it(
    plays: Interactions,
) -> None:
    alike = csr_matrix((np.ones(2, np.float32), ([12, 20], [0, 0])), (N_ITEMS, 1))
    genres = np.full(N_ITEMS, EVEN, np.int32)

    for tracks, is_known in (
        (tracks_of(), False),
        (tracks_of(terms=alike), True),
        (tracks_of(genres), True),
    ):
        said = fitted(plays, tracks).score(one_query([20, 12], history_rows=[12, 13]))
        assert np.isnan(said.scores).tolist() == [not is_known, False]
        assert said.confidence[0] > 0 or not is_known


def test_both_parts_tell_how_far_they_are(plays: Interactions) -> None:
    told: list[str] = []

    fit_collaborative(
        plays,
        tracks_of(),
        REFERENCES,
        CONFIG,
        np.random.default_rng(0),
        lambda stage, _done: told.append(stage),
    )

    assert list(dict.fromkeys(told)) == ["co-listening", "factors"]
