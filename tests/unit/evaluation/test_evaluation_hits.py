import numpy as np

from hybridrec.evaluation.hits import find_hits, hit_rate, ndcg, recall, reciprocal_rank


def test_a_gap_in_a_list_is_a_miss_at_its_place() -> None:
    hits = find_hits(np.array([[-1, 5]], np.int32), np.array([5], np.int32), np.array([0, 1]))

    assert hits.tolist() == [[False, True]]
    assert reciprocal_rank(hits, np.array([1])).tolist() == [0.5]


def test_measures_take_any_k() -> None:
    hits = np.array([[True, False, True]])

    assert ndcg(hits, np.array([2]), 1).tolist() == [1.0]
    assert recall(hits, np.array([2]), 2).tolist() == [0.5]
    assert hit_rate(~hits, np.array([2]), 1).tolist() == [0.0]
