import numpy as np

from hybridrec.models.retrieval import retrieved
from hybridrec.ranking.candidates import N_POPULAR, pool
from hybridrec.schema.names import Rows


def rows(*values: int) -> Rows:
    return np.array(values, np.int32)


def test_what_the_scorers_found_is_united_with_popular_tracks() -> None:
    popular = np.arange(500, 100, -1, dtype=np.int32)

    united = pool([retrieved([rows(3, 1)]), retrieved([rows(2, 3)])], 0, popular, rows(500), 10)

    assert united[:3].tolist() == [1, 2, 3]
    assert 500 not in united
    assert 499 in united
    assert len(united) == 3 + N_POPULAR


def test_a_long_answer_finds_enough_popular_tracks() -> None:
    popular = np.arange(300, dtype=np.int32)

    assert len(pool([retrieved([rows()])], 0, popular, rows(*range(20)), 200)) == 200
