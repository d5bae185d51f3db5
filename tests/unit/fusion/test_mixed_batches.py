"""Queries that want different fusions share a batch, and get what they would get alone."""

from dataclasses import fields, replace

import numpy as np
import pytest

from hybridrec.hybrid import HybridModel
from hybridrec.schema.names import FUSIONS
from hybridrec.schema.ragged import places_of
from hybridrec.schema.records import AudioFeatures, QueryBatch
from hybridrec.schema.scores import FusedBatch, ScoreBatch
from hybridrec.testing import one_query, query_batch
from tests.contracts.scoring import queries_of

N_QUERIES = 16
NO_AUDIO = AudioFeatures.measured(np.zeros((0, 8), np.float32))


def said_of(model: HybridModel, queries: QueryBatch) -> tuple[ScoreBatch, ScoreBatch]:
    return model.cf.score(queries), model.content.score(queries, NO_AUDIO)


def fuse(model: HybridModel, queries: QueryBatch) -> FusedBatch:
    return model.fusions.fuse(queries, *said_of(model, queries), NO_AUDIO)


@pytest.fixture
def alone(tiny_model: HybridModel) -> list[QueryBatch]:
    """Queries of known users, each with another number of candidates, by all fusions in turn."""
    found = []
    for place, query in enumerate(queries_of(tiny_model, N_QUERIES)):
        rows = query.candidate_rows[: 20 + place]
        found.append(
            replace(
                query,
                candidate_rows=rows,
                offsets=np.array([0, len(rows)], np.int32),
                fusion=np.array([place % len(FUSIONS)], np.int32),
            )
        )
    return found


def test_each_query_of_a_batch_is_fused_by_its_own(
    tiny_model: HybridModel, alone: list[QueryBatch]
) -> None:
    fused = fuse(tiny_model, query_batch(alone))

    assert fused.fusion.tolist() == [place % len(FUSIONS) for place in range(N_QUERIES)]
    for place, query in enumerate(alone):
        one, part = fuse(tiny_model, query), fused.part(place)
        for name in ("rows", "scores", "low", "high", "confidence", "cf_weight"):
            np.testing.assert_array_equal(getattr(one, name), getattr(fused, name)[part])
        for term in fields(fused.terms):
            here = getattr(fused.terms, term.name)[part]
            np.testing.assert_array_equal(getattr(one.terms, term.name), here)


def test_fusions_differ_in_what_they_make_of_the_same(tiny_model: HybridModel) -> None:
    (query,) = queries_of(tiny_model, 1)

    scores = {
        name: tuple(
            tiny_model.fusions[name].score_all(query, *said_of(tiny_model, query), NO_AUDIO).scores
        )
        for name in FUSIONS
    }

    assert len(set(scores.values())) == len(FUSIONS)


def test_adaptive_shares_depend_on_the_users_embedding(tiny_model: HybridModel) -> None:
    (query,) = queries_of(tiny_model, 1)
    cf, content = said_of(tiny_model, query)
    other = replace(content, user_state=-content.user_state)

    one, another = (
        tiny_model.fusions.adaptive.score_all(query, cf, said, NO_AUDIO).cf_weight
        for said in (content, other)
    )

    assert not np.array_equal(one, another, equal_nan=True)


def test_some_queries_of_a_batch_keep_all_that_is_theirs() -> None:
    queries = [
        one_query(range(n), user_row=n, history_rows=range(n, 2 * n), exclude_rows=range(n % 3))
        for n in range(6)
    ]
    chosen = np.array([5, 0, 2], np.int32)

    some = query_batch(queries).take(chosen)

    expected = query_batch([queries[place] for place in chosen])
    for one in fields(QueryBatch):
        if one.name not in {"bundle_version", "cold_items"}:
            np.testing.assert_array_equal(getattr(some, one.name), getattr(expected, one.name))


def test_places_of_parts_are_those_of_their_slices() -> None:
    offsets = np.array([0, 3, 3, 7, 8], np.int32)

    assert places_of(offsets, np.array([2, 1, 0], np.int32)).tolist() == [3, 4, 5, 6, 0, 1, 2]
    assert places_of(offsets, np.array([], np.int32)).tolist() == []
