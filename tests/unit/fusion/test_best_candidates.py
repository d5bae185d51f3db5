from dataclasses import replace

import numpy as np

from hybridrec.fusion.ranked import Fused, best_candidates
from hybridrec.schema.records import QueryBatch
from hybridrec.schema.scores import ScoreBatch, Terms
from hybridrec.testing import one_query, query_batch


def fused(scores: list[float]) -> Fused:
    array = np.array(scores, np.float32)
    terms = Terms(array, array, array, array, array)
    return Fused(array, array, array, array, array, terms, np.zeros(1, np.int32))


def best(queries: QueryBatch, scores: list[float]) -> list[list[int]]:
    cf, content = ScoreBatch.absent("cf", queries), ScoreBatch.absent("content", queries)
    kept = best_candidates(queries, cf, content, fused(scores))
    return [kept.rows[kept.part(query)].tolist() for query in range(len(queries))]


def test_the_best_come_first_ties_by_row_and_the_unknown_last_as_they_came() -> None:
    queries = one_query([7, 5, 6, 2, 9, 1])

    assert best(queries, [0.2, np.nan, 0.9, 0.2, 0.1, np.nan]) == [[6, 2, 7, 9, 5, 1]]


def test_each_query_keeps_its_own_number() -> None:
    first = replace(one_query([0, 1, 2]), n_keep=np.array([1], np.int32))
    second = replace(one_query([3, 4]), n_keep=np.array([2], np.int32))

    assert best(query_batch([first, second]), [0.1, 0.2, 0.3, 0.4, 0.5]) == [[2], [4, 3]]


def test_a_query_without_candidates_keeps_nothing() -> None:
    queries = query_batch([one_query([]), one_query([3])])

    assert best(queries, [0.5]) == [[], [3]]


def test_every_array_follows_the_same_order() -> None:
    queries = one_query([0, 1, 2])
    nobody = ScoreBatch.absent("cf", queries), ScoreBatch.absent("content", queries)

    kept = best_candidates(queries, *nobody, fused([0.25, 0.75, 0.5]))

    assert kept.places.tolist() == [1, 2, 0]
    for array in (kept.scores, kept.low, kept.high, kept.confidence, kept.terms.calibration):
        assert array.tolist() == [0.75, 0.5, 0.25]
