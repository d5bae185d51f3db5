"""What every scorer promises; each scorer's tests subclass it."""

from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
import pytest

from hybridrec.hybrid import HybridModel
from hybridrec.schema.names import SIGNALS
from hybridrec.schema.records import QueryBatch
from hybridrec.schema.scores import Retrieved, ScoreBatch
from hybridrec.testing import one_query, query_batch

Score = Callable[[QueryBatch], ScoreBatch]
Retrieve = Callable[[QueryBatch], Retrieved]


def queries_of(model: HybridModel, n: int) -> list[QueryBatch]:
    """Queries of known users with their own histories, each for other tracks."""
    found = []
    for row in range(n):
        history, weights = model.knowledge.histories.of(row)
        query = one_query(
            candidate_rows=range(row, row + 40),
            user_row=row,
            history_rows=history.tolist()[:20],
            exclude_rows=history.tolist(),
            cold_items=model.knowledge.no_items,
        )
        found.append(replace(query, history_weights=weights[:20]))
    return found


class ScorerContract:
    """Subclasses give ``score`` and ``retrieve`` as fixtures."""

    def test_a_score_is_a_probability_or_unknown(
        self, score: Score, tiny_model: HybridModel
    ) -> None:
        said = score(query_batch(queries_of(tiny_model, 16)))

        known = ~np.isnan(said.scores)
        assert len(said.scores) == len(said.confidence) == 16 * 40
        assert known.any()
        assert ((said.scores[known] > 0) & (said.scores[known] < 1)).all()

    def test_confidence_is_0_exactly_where_the_score_is_unknown(
        self, score: Score, tiny_model: HybridModel
    ) -> None:
        strangers = [one_query(user_row=-1, cold_items=tiny_model.knowledge.no_items)]

        said = score(query_batch([*queries_of(tiny_model, 4), *strangers]))

        assert np.isnan(said.scores).any()
        assert ((said.confidence == 0) == np.isnan(said.scores)).all()
        assert ((said.confidence >= 0) & (said.confidence <= 1)).all()

    def test_a_listener_of_whom_nothing_is_known_has_no_score(
        self, score: Score, retrieve: Retrieve, tiny_model: HybridModel
    ) -> None:
        query = one_query(user_row=-1, cold_items=tiny_model.knowledge.no_items)

        assert score(query).is_absent
        assert len(retrieve(query).rows) == 0

    def test_a_query_gets_the_same_bits_alone_and_in_company(
        self, score: Score, tiny_model: HybridModel
    ) -> None:
        alone = queries_of(tiny_model, 16)

        together = score(query_batch(alone))

        each = [score(query) for query in alone]
        assert np.array_equal(
            together.scores, np.concatenate([one.scores for one in each]), equal_nan=True
        )
        assert np.array_equal(together.confidence, np.concatenate([one.confidence for one in each]))

    def test_a_score_does_not_depend_on_the_other_candidates(
        self, score: Score, tiny_model: HybridModel
    ) -> None:
        (query,) = queries_of(tiny_model, 1)
        fewer = replace(
            query, candidate_rows=query.candidate_rows[7:9], offsets=np.array([0, 2], np.int32)
        )

        assert np.array_equal(score(query).scores[7:9], score(fewer).scores, equal_nan=True)

    def test_a_query_without_candidates_is_answered_alone_and_in_company(
        self, score: Score, tiny_model: HybridModel
    ) -> None:
        (query,) = queries_of(tiny_model, 1)
        nothing = replace(
            query, candidate_rows=query.candidate_rows[:0], offsets=np.zeros(2, np.int32)
        )

        alone, together = score(nothing), score(query_batch([nothing, query, nothing]))

        assert alone.scores.shape == alone.confidence.shape == (0,)
        assert np.array_equal(together.scores, score(query).scores, equal_nan=True)

    def test_scores_follow_the_order_of_the_candidates(
        self, score: Score, tiny_model: HybridModel
    ) -> None:
        (query,) = queries_of(tiny_model, 1)
        backwards = replace(query, candidate_rows=query.candidate_rows[::-1].copy())

        scores = score(query).scores

        assert len(np.unique(scores)) > 1
        assert np.array_equal(scores, score(backwards).scores[::-1], equal_nan=True)

    def test_there_is_one_user_state_for_each_query_and_all_arrays_are_float32(
        self, score: Score, tiny_model: HybridModel
    ) -> None:
        said = score(query_batch(queries_of(tiny_model, 5)))

        assert said.user_state.ndim == 2
        assert len(said.user_state) == 5
        assert said.signals.shape == (5 * 40, len(SIGNALS[said.scorer]))
        arrays = (said.scores, said.confidence, said.signals, said.user_state)
        assert {array.dtype for array in arrays} == {np.dtype(np.float32)}

    def test_signals_are_finite_and_0_where_a_score_is_unknown(
        self, score: Score, tiny_model: HybridModel
    ) -> None:
        strangers = [one_query(user_row=-1, cold_items=tiny_model.knowledge.no_items)]

        said = score(query_batch([*queries_of(tiny_model, 4), *strangers]))

        assert np.isfinite(said.signals).all()
        assert not said.signals[np.isnan(said.scores)].any()
        assert said.signals[~np.isnan(said.scores)].any(axis=0).all()

    def test_a_cold_candidate_gets_the_same_bits_alone_and_in_company(
        self, score: Score, tiny_model: HybridModel
    ) -> None:
        n_items, items = len(tiny_model.knowledge.catalog), tiny_model.knowledge.items
        alone = [
            replace(
                query,
                candidate_rows=np.array([place, n_items], np.int32),
                offsets=np.array([0, 2], np.int32),
                cold_items=items.take(np.array([place], np.int32)),
            )
            for place, query in enumerate(queries_of(tiny_model, 16))
        ]

        together = score(query_batch(alone, n_items))

        each = [score(query) for query in alone]
        assert np.array_equal(
            together.scores, np.concatenate([one.scores for one in each]), equal_nan=True
        )
        assert np.array_equal(together.confidence, np.concatenate([one.confidence for one in each]))

    def test_retrieval_gives_each_query_of_a_batch_its_own(
        self, retrieve: Retrieve, tiny_model: HybridModel
    ) -> None:
        queries = [
            replace(query, n_retrieve=np.array([3 + place], np.int32))
            for place, query in enumerate(queries_of(tiny_model, 6))
        ]
        stranger = one_query(user_row=-1, cold_items=tiny_model.knowledge.no_items)

        found = retrieve(query_batch([stranger, *queries]))

        assert np.diff(found.offsets).tolist() == [0, 3, 4, 5, 6, 7, 8]
        for place, query in enumerate(queries):
            assert found.of(place + 1).tolist() == retrieve(query).rows.tolist()

    def test_inputs_may_be_read_only(self, score: Score, tiny_model: HybridModel) -> None:
        (query,) = queries_of(tiny_model, 1)
        for one in fields(query):
            array = getattr(query, one.name)
            if isinstance(array, np.ndarray):
                array.flags.writeable = False

        assert not score(query).is_absent

    @pytest.mark.parametrize("n", [1, 5, 1_000], ids=["one", "some", "more_than_there_are"])
    def test_retrieval_gives_the_best_that_are_not_excluded(
        self, retrieve: Retrieve, score: Score, tiny_model: HybridModel, n: int
    ) -> None:
        (query,) = queries_of(tiny_model, 1)
        n_items = len(tiny_model.knowledge.catalog)

        rows = retrieve(replace(query, n_retrieve=np.array([n], np.int32))).rows

        everything = replace(
            query,
            candidate_rows=np.arange(n_items, dtype=np.int32),
            offsets=np.array([0, n_items], np.int32),
        )
        scores = score(everything).scores
        allowed = np.setdiff1d(np.flatnonzero(~np.isnan(scores)), query.exclude_rows)
        assert len(rows) == min(n, len(allowed))
        assert set(rows.tolist()) <= set(allowed.tolist())
        # a matrix product may differ from row-wise sums in the last bits
        assert (np.diff(scores[rows]) <= 1e-6).all()
        assert scores[rows].min() >= np.sort(scores[allowed])[::-1][: len(rows)].min() - 1e-6
