from dataclasses import replace

import numpy as np
import pytest

from hybridrec.fusion.plays_context import OF_TRACK, PLAYS_CONTEXT, SCALE, PlaysContext
from hybridrec.schema.names import Floats
from hybridrec.schema.records import QueryBatch
from hybridrec.testing import one_query, query_batch, tiny_items
from hybridrec.vocabulary import N_RESERVED, OUT_OF_VOCABULARY

ADA, BIX = N_RESERVED, N_RESERVED + 1
CONTEXT = PlaysContext(
    interactions=np.array([3, 0, 8, 1], np.int32),
    artist_rows=np.array([ADA, ADA, BIX, OUT_OF_VOCABULARY], np.int32),
)


def heard(history: list[int], candidates: list[int]) -> QueryBatch:
    query = one_query(candidates)
    rows = np.array(history, np.int32)
    return replace(
        query,
        history_rows=rows,
        history_weights=np.ones(len(rows), np.float32),
        history_offsets=np.array([0, len(rows)], np.int32),
    )


def column(said: Floats, name: str) -> Floats:
    return said[:, PLAYS_CONTEXT.index(name)]


def test_a_tracks_popularity_is_told_also_beside_that_of_the_history() -> None:
    said = CONTEXT.of(heard([0, 2], [3, 2]))

    mean = np.log([4, 9]).mean()
    assert column(said, "is_played").tolist() == [1, 1]
    assert column(said, "popularity") == pytest.approx(np.log([2, 9]) * SCALE)
    assert column(said, "above_history") == pytest.approx((np.log([2, 9]) - mean) * SCALE, abs=1e-7)
    assert column(said, "history_popularity") == pytest.approx(mean * SCALE)
    assert column(said, "history_size") == pytest.approx(np.log(3) * SCALE)


def test_what_nobody_played_or_only_the_request_knows_has_no_popularity() -> None:
    cold = tiny_items().take(np.array([0], np.int32))
    queries = replace(heard([0], [1, 4]), cold_items=cold)

    said = CONTEXT.of(queries)

    assert not said[:, :OF_TRACK].any()
    assert (column(said, "history_popularity") > 0).all()


def test_concentration_is_the_chance_that_two_tracks_are_of_one_artist() -> None:
    chance = [
        column(CONTEXT.of(heard(history, [2])), "artist_concentration")[0]
        for history in ([], [0], [0, 1], [0, 1, 2], [3, 3])
    ]

    # a pair of three is one artist's; artists unknown are not known to be the same
    assert chance == pytest.approx([0, 0, 1, 1 / 3, 0])


def test_of_a_listener_without_plays_nothing_is_known() -> None:
    said = CONTEXT.of(heard([], [2]))

    assert not said[:, OF_TRACK:].any()
    assert column(said, "above_history") == column(said, "popularity")


def test_each_query_has_its_own_listener() -> None:
    asked = [heard([0, 2], [3, 2]), heard([], [0]), heard([1], [2])]

    together = CONTEXT.of(query_batch(asked))

    np.testing.assert_array_equal(together, np.concatenate([CONTEXT.of(one) for one in asked]))
    assert together.dtype == np.float32
