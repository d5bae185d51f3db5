from dataclasses import replace

import numpy as np
import pytest

from hybridrec.hybrid import HybridModel
from hybridrec.models.nmf import NMFScorer
from hybridrec.schema.names import CF_SIGNALS
from hybridrec.testing import nameless, one_query, query_batch
from tests.contracts.scoring import Retrieve, Score, ScorerContract
from tests.unit.models.plays import affinities, factors_of, scorer_of, unscaled


@pytest.fixture
def nmf() -> NMFScorer:
    """Two tastes: tracks 0 and 1 are of one, track 2 of the other, track 3 was never played."""
    scorer = scorer_of(
        factors_of([[1, 0], [0.5, 0], [0, 1], [0, 0]], regularization=0.75),
        interactions=np.array([10, 3, 5, 0], np.int32),
    )
    return replace(
        scorer,
        reference_users=np.eye(2, dtype=np.float32),
        reference_rows=np.array([8, 9], np.int32),
    )


@pytest.fixture
def both() -> NMFScorer:
    """A play of track 0 speaks for tracks 1 and 3, one of track 2 for track 1; factors count .5."""
    return scorer_of(
        factors_of([[1, 0], [0.5, 0], [0, 1], [0, 0]], regularization=0.75),
        {0: {1: 0.25, 3: 0.5}, 2: {1: 0.125}},
        factor_share=0.5,
    )


class TestNMFScorer(ScorerContract):
    @pytest.fixture
    def score(self, tiny_model: HybridModel) -> Score:
        return tiny_model.cf.score

    @pytest.fixture
    def retrieve(self, tiny_model: HybridModel) -> Retrieve:
        return tiny_model.cf.retrieve


def test_the_first_play_counts(nmf: NMFScorer) -> None:
    said = nmf.score(one_query([0, 1, 2], user_row=-1, history_rows=[0]))

    # x = 1 / (1 + .25 + .75) along the first taste; affinities .5, .25 and 0
    assert said.user_state[0].tolist() == [0.5, 0.0]
    assert affinities(said.scores) == pytest.approx([0.5, 0.25, 0.0], rel=1e-5)  # float32 scores


def test_the_affinity_is_that_by_co_listening_and_a_share_of_that_by_factors(
    both: NMFScorer,
) -> None:
    said = both.score(one_query([0, 1, 2, 3], history_rows=[0, 2]))

    # x = (1 / 2, 1 / 1.75); half of x times the factors, and the weights of both plays
    expected = [0.25, 0.125 + 0.375, 0.5 / 1.75, 0.5]
    assert affinities(said.scores, 2) == pytest.approx(expected, rel=1e-5)  # float32 scores


def test_the_signals_tell_both_parts_apart(both: NMFScorer) -> None:
    signals = both.score(one_query([1, 3], history_rows=[0, 2])).signals

    by_name = dict(zip(CF_SIGNALS, signals.T, strict=True))
    assert unscaled(by_name["co_listening"], 2) == pytest.approx([0.375, 0.5], rel=1e-5)
    assert unscaled(by_name["factors"], 2) == pytest.approx([0.25, 0.0], rel=1e-5)
    cosine = (1 / 2) / np.hypot(1 / 2, 1 / 1.75)  # of the user and the first taste
    assert by_name["agreement"] == pytest.approx([cosine, 0.0], rel=1e-5)


def test_of_a_long_history_the_same_says_less(both: NMFScorer) -> None:
    # track 2 says nothing for track 3, in no part of the affinity
    scores = [both.score(one_query([3], history_rows=[0] + [2] * n)).scores[0] for n in (0, 1, 30)]

    assert scores[0] > scores[1] > scores[2]
    assert affinities(np.array(scores[2:]), 31) == pytest.approx([0.5], rel=1e-5)


def test_a_play_with_a_twentieth_of_what_speaks_for_a_track_raises_its_score() -> None:
    nothing = factors_of(np.zeros((22, 2), np.float32))
    for n_others in range(1, 21):
        weights = {row: {21: 0.95 / n_others} for row in range(n_others)} | {20: {21: 0.05}}
        scorer = scorer_of(nothing, weights)

        others = list(range(n_others))
        with_it, without = (
            scorer.score(one_query([21], history_rows=rows)).scores[0]
            for rows in ([*others, 20], others)
        )

        assert with_it > without


def test_the_percentile_is_of_the_whole_affinity_among_the_reference_tracks(
    both: NMFScorer,
) -> None:
    some = replace(both, reference_tracks=np.array([0, 2, 3], np.int32))

    signals = some.score(one_query([0, 1, 2, 3], history_rows=[0, 2])).signals

    # the affinities of the reference tracks are .25, .29 and .5; that of track 1 is .5 too
    percentile = signals[:, CF_SIGNALS.index("percentile")]
    assert percentile == pytest.approx([1 / 3, 1, 2 / 3, 1])


def test_signals_are_0_where_a_score_is_unknown(nmf: NMFScorer) -> None:
    stranger = one_query([0, 1], user_row=-1)
    query = one_query([2, 3, 4], history_rows=[0], cold_items=nameless(1))

    said = nmf.score(query_batch([stranger, query]))

    assert np.isnan(said.scores).tolist() == [True, True, False, True, True]
    assert not said.signals[np.isnan(said.scores)].any()


def test_a_track_that_nobody_played_is_unknown(nmf: NMFScorer) -> None:
    said = nmf.score(one_query([2, 3, 4], history_rows=[0], cold_items=nameless(1)))

    assert np.isnan(said.scores).tolist() == [False, True, True]


def test_what_co_listening_says_for_a_track_that_nobody_played_is_heard(both: NMFScorer) -> None:
    unplayed = replace(both, interactions=np.array([1, 1, 0, 0], np.int32))
    query = one_query([1, 2, 3], history_rows=[0], want_evidence=True)

    said, found = unplayed.score(query), unplayed.retrieve(query)

    assert np.isnan(said.scores).tolist() == [False, True, False]  # no play speaks for track 2
    assert said.evidence is not None
    assert said.evidence.rows[:, 0].tolist() == [0, -1, 0]
    assert 3 in found.rows
    assert 2 not in found.rows


def test_a_play_that_only_co_listening_knows_counts(both: NMFScorer) -> None:
    nothing = factors_of([[0, 0], [0, 0], [0, 0], [0, 0]])

    said = replace(both, factors=nothing).score(one_query([1, 2], history_rows=[0]))

    assert affinities(said.scores) == pytest.approx([0.25, 0.0], rel=1e-5)  # float32 scores


def test_retrieval_is_by_the_whole_affinity(both: NMFScorer) -> None:
    # by factors 0, 1 and then the rest; by both 3 comes first and 2 last
    assert both.retrieve(one_query(history_rows=[0])).of(0).tolist() == [3, 1, 0, 2]


def test_evidence_names_the_plays_that_made_the_score(nmf: NMFScorer) -> None:
    said = nmf.score(one_query([1, 2], history_rows=[0, 2], want_evidence=True))

    assert said.evidence is not None
    assert said.evidence.rows[:, 0].tolist() == [0, 2]
    assert said.evidence.rows[:, 1].tolist() == [-1, -1]
    assert said.evidence.shares.sum(axis=1) == pytest.approx([1, 1], abs=1e-6)


def test_a_score_falls_when_its_strongest_evidence_is_taken_away(tiny_model: HybridModel) -> None:
    history = tiny_model.knowledge.histories.of(2)[0].tolist()[:15]
    query = one_query(
        [row for row in range(60) if row not in history],
        history_rows=history,
        want_evidence=True,
        cold_items=tiny_model.knowledge.no_items,
    )
    said = tiny_model.cf.score(query)
    assert said.evidence is not None
    place = int(np.nanargmax(said.scores))
    strongest = int(said.evidence.rows[place, 0])

    without = [row for row in history if row != strongest]
    after = tiny_model.cf.score(
        replace(
            query,
            history_rows=np.array(without, np.int32),
            history_weights=np.ones(len(without), np.float32),
            history_offsets=np.array([0, len(without)], np.int32),
        )
    )

    assert after.scores[place] < said.scores[place]


def test_confidence_grows_with_history_and_popularity(nmf: NMFScorer) -> None:
    few = nmf.score(one_query([0, 1], history_rows=[0]))
    many = nmf.score(one_query([0, 1], history_rows=[0] * 10))

    # the item adds .3 or .1, the mean of two orthogonal neighbours .15, ten plays .1
    # and of a listener of one play two elevenths are left
    assert few.confidence == pytest.approx([0.45 * 2 / 11, 0.25 * 2 / 11], abs=1e-6)
    assert many.confidence == pytest.approx([0.55, 0.35], abs=1e-6)
