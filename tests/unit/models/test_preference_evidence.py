"""Which preferences speak for a track: those whose loss takes the listener away from it."""

from dataclasses import replace

import numpy as np
import pytest

from hybridrec.hybrid import HybridModel
from hybridrec.models.preference_evidence import preference_evidence
from hybridrec.schema.evidence import PreferenceEvidence
from hybridrec.schema.names import Floats
from hybridrec.schema.records import AudioFeatures, QueryBatch
from hybridrec.testing import one_query, query_batch
from tests.contracts.scoring import queries_of

EAST, NORTH, WEST = [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]
LOOKS = {2: EAST, 3: NORTH, 4: WEST}
"""Where each preference makes a listener look."""


def looking(queries: QueryBatch) -> Floats:
    """A user tower that adds up what is preferred; unknown if that is nothing."""
    users = []
    for genres, moods in zip(queries.genre_rows, queries.mood_rows, strict=True):
        looks = [LOOKS[row] for row in [*genres.tolist(), *moods.tolist()] if row]
        users.append(np.sum(looks, axis=0) if looks else [np.nan, np.nan])
    return np.array(users, np.float32)


def listener(genres: list[int], moods: list[int], n_candidates: int = 1) -> QueryBatch:
    query = one_query(list(range(n_candidates)), want_evidence=True)
    genre_rows, mood_rows = np.zeros((1, 5), np.int32), np.zeros((1, 3), np.int32)
    genre_rows[0, : len(genres)] = genres
    mood_rows[0, : len(moods)] = moods
    return replace(query, genre_rows=genre_rows, mood_rows=mood_rows)


def evidence_for(queries: QueryBatch, *items: list[float]) -> PreferenceEvidence:
    embeddings = np.array(items, np.float32)
    users = looking(queries)[queries.query_of_candidate]
    return preference_evidence(looking, queries, embeddings, (embeddings * users).sum(axis=1))


def test_a_preference_speaks_where_the_affinity_falls_without_it() -> None:
    found = evidence_for(listener([2, 3], [4], 2), EAST, NORTH)

    assert found.genres.tolist() == [
        [True, False, False, False, False],
        [False, True, False, False, False],
    ]
    assert found.moods.tolist() == [[False] * 3] * 2  # west is against one, and aside of the other


def test_what_a_listener_is_known_by_alone_speaks_for_every_track() -> None:
    assert evidence_for(listener([], [4]), EAST).moods.tolist() == [[True, False, False]]


def test_nothing_speaks_for_a_track_of_unknown_affinity() -> None:
    found = evidence_for(listener([2], [4]), [np.nan, 0.0])

    assert not found.genres.any()
    assert not found.moods.any()


def test_only_the_query_that_wants_evidence_gets_it() -> None:
    unwanted = replace(listener([2], []), want_evidence=np.zeros(1, bool))

    found = evidence_for(query_batch([unwanted, listener([2], [])]), EAST, EAST)

    assert found.genres[:, 0].tolist() == [False, True]


@pytest.mark.parametrize("name", ["genres", "moods"])
def test_evidence_is_the_same_alone_and_in_company(tiny_model: HybridModel, name: str) -> None:
    moods = np.array([[2, 3, 0], [3, 0, 0], [0, 0, 0], [2, 0, 3]], np.int32)
    asked = [
        replace(
            query,
            want_evidence=np.ones(1, bool),
            genre_rows=np.array([[2, 3 + place, 0, 0, 0]], np.int32),
            mood_rows=moods[[place]],
        )
        for place, query in enumerate(queries_of(tiny_model, 4))
    ]

    def found(queries: QueryBatch) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        audio = AudioFeatures.measured(queries.cold_items.audio)
        evidence = tiny_model.content.score(queries, audio).preferences
        assert evidence is not None
        return np.asarray(getattr(evidence, name))

    alone = np.concatenate([found(query) for query in asked])
    n_items = len(tiny_model.knowledge.catalog)

    assert alone.any()
    assert np.array_equal(found(query_batch(asked, n_items)), alone)
