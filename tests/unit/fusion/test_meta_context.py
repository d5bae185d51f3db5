"""What of the session and of the tracks changes a score of the meta-learner."""

from dataclasses import replace

import numpy as np
import pytest

from hybridrec.hybrid import HybridModel
from hybridrec.schema.names import Floats, Mask
from hybridrec.schema.records import AudioFeatures, QueryBatch
from hybridrec.schema.scores import ScoreBatch
from tests.contracts.scoring import queries_of

NO_AUDIO = AudioFeatures.measured(np.zeros((0, 8), np.float32))


@pytest.fixture
def query(tiny_model: HybridModel) -> QueryBatch:
    (first,) = queries_of(tiny_model, 1)
    return replace(first, session=tiny_model.knowledge.sessions[[0]])


@pytest.fixture
def said(tiny_model: HybridModel, query: QueryBatch) -> tuple[ScoreBatch, ScoreBatch]:
    """The same answers of both sources, whatever else becomes of the query."""
    return tiny_model.cf.score(query), tiny_model.content.score(query, NO_AUDIO)


def scores_of(model: HybridModel, query: QueryBatch, said: tuple[ScoreBatch, ScoreBatch]) -> Floats:
    return model.fusions.meta_learning.score_all(query, *said, NO_AUDIO).raw_logits


def test_the_values_of_a_session_count_and_not_only_that_they_are_known(
    tiny_model: HybridModel, query: QueryBatch, said: tuple[ScoreBatch, ScoreBatch]
) -> None:
    other = replace(query, session=tiny_model.knowledge.sessions[[1]])
    known, known_too = (~np.isnan(each.session) for each in (query, other))

    one, another = (scores_of(tiny_model, each, said) for each in (query, other))

    assert known.any()
    np.testing.assert_array_equal(known, known_too)
    assert np.nanmax(np.abs(one - another)) > 1e-4


def test_how_much_is_known_of_a_tracks_audio_counts(
    tiny_model: HybridModel, query: QueryBatch, said: tuple[ScoreBatch, ScoreBatch]
) -> None:
    unpredicted = replace(query, use_audio_prediction=np.array([False]))
    has_gaps = np.isnan(tiny_model.knowledge.items.audio[query.candidate_rows]).any(axis=1)

    one, another = (scores_of(tiny_model, each, said) for each in (query, unpredicted))

    changed: Mask = np.abs(one - another) > 1e-4
    assert changed.any()
    np.testing.assert_array_equal(changed, has_gaps & ~np.isnan(one))
