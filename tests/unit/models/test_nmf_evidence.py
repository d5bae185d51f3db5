"""Evidence of the collaborative scorer: which plays made a score."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybridrec.hybrid import HybridModel
from hybridrec.models.nmf import NMFScorer
from hybridrec.models.play_evidence import N_EVIDENCE
from hybridrec.schema.evidence import Evidence
from hybridrec.schema.records import QueryBatch
from hybridrec.testing import nameless, one_query, query_batch
from tests.contracts.scoring import queries_of
from tests.unit.models.plays import factors_of, scorer_of

TASTES = scorer_of(factors_of([[1, 0], [1, 0], [0, 1], [0.5, 0.5]]))


def evidence_of(scorer: NMFScorer, queries: QueryBatch) -> Evidence:
    evidence = scorer.score(queries).evidence
    assert evidence is not None
    return evidence


def without(query: QueryBatch, row: int) -> QueryBatch:
    stays = query.history_rows != row
    return replace(
        query,
        history_rows=query.history_rows[stays],
        history_weights=query.history_weights[stays],
        history_offsets=np.array([0, stays.sum()], np.int32),
    )


def test_the_shares_are_those_of_the_least_squares_solution() -> None:
    evidence = evidence_of(TASTES, one_query([3, 1], history_rows=[0, 2], want_evidence=True))

    # gram = H'H + .5 I = [[2.75, .25], [.25, 1.75]]; a play of 0 gives (1.75, -.25) / det, one of
    # 2 gives (-.25, 2.75): to item 3 as 1.5 is to 2.5
    assert evidence.rows.tolist() == [[2, 0, -1], [0, -1, -1]]
    np.testing.assert_allclose(evidence.shares[0], [0.625, 0.375, 0], rtol=1e-6)  # float32
    assert evidence.shares[1].tolist() == [1, 0, 0]  # what speaks against item 1 is no evidence


def test_the_shares_are_of_co_listening_and_factors_together() -> None:
    both = scorer_of(TASTES.factors, {0: {3: 0.5}}, factor_share=0.25)

    evidence = evidence_of(both, one_query([3, 1], history_rows=[0, 2], want_evidence=True))

    det = 2.75 * 1.75 - 0.25**2
    of_0, of_2 = 0.5 + 0.25 * 0.75 / det, 0.25 * 1.25 / det
    assert evidence.rows.tolist() == [[0, 2, -1], [0, -1, -1]]
    total = of_0 + of_2
    np.testing.assert_allclose(evidence.shares[0], [of_0 / total, of_2 / total, 0], rtol=1e-5)


def test_what_the_plays_add_sums_up_to_the_affinity(tiny_model: HybridModel) -> None:
    scorer = tiny_model.cf
    for query in queries_of(tiny_model, 8):
        history, weights = query.history(0)
        amounts, rows = scorer.amounts(weights), query.candidate_rows
        folded = scorer.factors.fold_in(history, amounts, np.zeros(5, np.int32))
        items = scorer.factors.items[rows]

        by_play = scorer.co_listening.of_plays(history, amounts, rows)
        by_pull = scorer.factors.of_pulls(folded, items)

        whole = scorer.co_listening.affinity(history, amounts)[rows]
        # sums of up to 20 terms in float32
        np.testing.assert_allclose(by_play.sum(axis=1), whole, rtol=1e-5, atol=1e-7)
        np.testing.assert_allclose(by_pull.sum(axis=1), items @ folded.state, rtol=1e-4, atol=1e-6)


def test_no_evidence_is_made_where_no_query_wants_it() -> None:
    assert TASTES.score(one_query([1], history_rows=[0])).evidence is None


def test_only_the_query_that_wants_evidence_gets_it() -> None:
    wants = one_query([1], history_rows=[0], want_evidence=True)

    evidence = evidence_of(TASTES, query_batch([one_query([1], history_rows=[0]), wants]))

    assert evidence.rows[:, 0].tolist() == [-1, 0]


@pytest.mark.parametrize("history", [[], [4]], ids=["no play", "a track without factors"])
def test_a_history_that_tells_nothing_is_no_evidence(history: list[int]) -> None:
    scorer = scorer_of(factors_of([[1, 0], [1, 0], [0, 1], [0.5, 0.5], [0, 0]]))

    said = scorer.score(
        one_query([0, 1, 5], history_rows=history, want_evidence=True, cold_items=nameless(1))
    )

    assert said.is_absent
    assert said.evidence is not None
    assert (said.evidence.rows == -1).all()
    assert (said.evidence.shares == 0).all()


def test_evidence_is_the_same_alone_and_in_company(tiny_model: HybridModel) -> None:
    queries = [replace(q, want_evidence=np.array([True])) for q in queries_of(tiny_model, 16)]

    together = evidence_of(tiny_model.cf, query_batch(queries))

    each = [evidence_of(tiny_model.cf, query) for query in queries]
    assert np.array_equal(together.rows, np.concatenate([one.rows for one in each]))
    assert np.array_equal(together.shares, np.concatenate([one.shares for one in each]))


@given(
    history=st.lists(st.integers(0, 3), min_size=1, max_size=6),
    weights=st.lists(st.floats(0.125, 8.0, width=32), min_size=6, max_size=6),
    tilt=st.floats(0, 1, width=32),
)
def test_evidence_of_any_history_is_part_of_it_and_strongest_first(
    history: list[int], weights: list[float], tilt: float
) -> None:
    factors = factors_of([[1, tilt], [1, 0], [tilt, 1], [0.5, 0.5]])
    scorer = scorer_of(factors, {0: {1: 0.5, 2: tilt + 0.5}, 3: {0: 0.25}})
    query = one_query([0, 1, 2, 3], history_rows=history, want_evidence=True)
    query = replace(query, history_weights=np.array(weights[: len(history)], np.float32))

    evidence = evidence_of(scorer, query)

    named = evidence.rows >= 0
    assert evidence.rows.shape == (4, N_EVIDENCE)
    assert np.isin(evidence.rows[named], history).all()
    assert ((evidence.shares > 0) <= named).all()
    assert (np.diff(evidence.shares, axis=1) <= 0).all()
    assert (evidence.shares.sum(axis=1) <= 1 + 1e-6).all()  # a sum of three float32


def test_the_nearest_users_are_near_by_the_cosine_of_their_factors() -> None:
    neighbours = replace(
        TASTES,
        reference_users=np.array([[1, 0], [0.6, 0.8], [1, 0]], np.float32),
        reference_rows=np.array([4, 7, 0], np.int32),  # the last is the listener
    )
    # item 1 has the factors of item 0: a play of it makes a user of the first kind alone
    queries = [one_query([3], history_rows=[1], want_evidence=True), one_query([3])]

    said = neighbours.score(query_batch(queries)).neighbours

    assert said is not None
    assert said.similarity == pytest.approx([(1 + 0.6) / 2, 0.0])
    assert said.rows[:, :3].tolist() == [[4, 7, -1], [-1, -1, -1]]
    assert neighbours.score(queries[1]).neighbours is None


def test_the_best_scores_fall_when_their_strongest_evidence_is_deleted(
    tiny_model: HybridModel,
) -> None:
    # of the best new tracks alone: the fit makes up for a lost play elsewhere, so the score of a
    # track that nobody would be shown may rise
    n_best, n_judged, n_items = 5, 0, len(tiny_model.knowledge.catalog)

    for one in queries_of(tiny_model, 16):
        fresh = np.setdiff1d(np.arange(n_items), one.history_rows).astype(np.int32)
        query = replace(one, candidate_rows=fresh, offsets=np.array([0, len(fresh)], np.int32))
        asked = replace(query, want_evidence=np.array([True]))
        said, evidence = tiny_model.cf.score(asked), evidence_of(tiny_model.cf, asked)
        for place in np.argsort(-np.nan_to_num(said.scores))[:n_best].tolist():
            fewer = tiny_model.cf.score(without(query, int(evidence.rows[place, 0])))
            assert fewer.scores[place] < said.scores[place]
            n_judged += 1

    assert n_judged == 16 * n_best
