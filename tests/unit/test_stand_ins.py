import numpy as np
import pytest

from hybridrec.errors import StageUnavailable
from hybridrec.schema.tables import TRACKS
from hybridrec.testing import (
    BrokenScorer,
    FakeScorer,
    one_query,
    query_batch,
    tiny_items,
    tiny_tracks,
)

COLD = tiny_items().take(np.array([2], np.int32))


def test_the_fake_scorer_gives_what_its_table_says_and_nothing_else() -> None:
    queries = query_batch([one_query([1, 5]), one_query([1], user_row=-1)])

    said = FakeScorer("content", {1: 0.25}, confidence=0.75).score(queries)

    np.testing.assert_array_equal(said.scores, [0.25, np.nan, np.nan])
    assert said.confidence.tolist() == [0.75, 0, 0]


def test_the_fake_scorer_retrieves_its_best_rows_without_the_excluded() -> None:
    queries = query_batch([one_query(exclude_rows=[7]), one_query(user_row=-1)])

    found = FakeScorer("cf", {3: 0.5, 7: 0.9, 1: 0.5, 4: 0.6}).retrieve(queries)

    assert found.of(0).tolist() == [4, 1, 3]
    assert found.of(1).tolist() == []


def test_the_broken_scorer_is_unavailable_however_it_is_called() -> None:
    broken = BrokenScorer("cf")

    for call in (broken.score, broken.retrieve):
        with pytest.raises(StageUnavailable, match="cf"):
            call(one_query())


def test_batches_merge_with_their_offsets_and_cold_rows_renumbered() -> None:
    one = one_query([0, 10], history_rows=[4, 5], cold_items=COLD)
    other = one_query([10, 3], history_rows=[6], exclude_rows=[1, 2], cold_items=COLD)

    merged = query_batch([one, other], n_items=10)

    assert merged.candidate_rows.tolist() == [0, 10, 11, 3]
    assert merged.offsets.tolist() == [0, 2, 4]
    assert merged.history(1)[0].tolist() == [6]
    assert merged.excluded(1).tolist() == [1, 2]
    assert merged.excluded(0).tolist() == []
    assert len(merged.cold_items) == 2


def test_the_tiny_table_is_canonical() -> None:
    assert tiny_tracks().schema == TRACKS
    assert len(tiny_items()) == len(tiny_tracks())
