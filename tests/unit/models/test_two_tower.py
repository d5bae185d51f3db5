from dataclasses import replace

import numpy as np
import pytest

from hybridrec.hybrid import HybridModel
from hybridrec.models.calibration import ConfidenceCalibrator
from hybridrec.schema.records import AudioFeatures, QueryBatch
from hybridrec.schema.scores import ScoreBatch
from hybridrec.testing import one_query
from tests.conftest import TINY
from tests.contracts.scoring import Retrieve, Score, ScorerContract


def without_prediction(queries: QueryBatch) -> AudioFeatures:
    return AudioFeatures.measured(queries.cold_items.audio)


class TestTwoTowerScorer(ScorerContract):
    @pytest.fixture
    def score(self, tiny_model: HybridModel) -> Score:
        def score(queries: QueryBatch) -> ScoreBatch:
            return tiny_model.content.score(queries, without_prediction(queries))

        return score

    @pytest.fixture
    def retrieve(self, tiny_model: HybridModel) -> Retrieve:
        return tiny_model.content.retrieve


def test_a_cold_item_that_is_a_known_track_scores_as_that_track(tiny_model: HybridModel) -> None:
    knowledge, rows = tiny_model.knowledge, np.arange(5, dtype=np.int32)
    n_items = len(knowledge.catalog)
    query = one_query(
        [*rows.tolist(), *range(n_items, n_items + 5)],
        history_rows=[20, 21],
        cold_items=knowledge.items.take(rows),
    )

    identity = ConfidenceCalibrator.alike(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    raw = replace(tiny_model.content, confidence_calibrator=identity)

    said = raw.score(query, knowledge.audio.take(rows))

    assert said.scores[:5].tolist() == said.scores[5:].tolist()
    assert said.confidence[:5].tolist() == said.confidence[5:].tolist()


def test_predicted_audio_is_left_out_where_the_query_says_so(tiny_model: HybridModel) -> None:
    predicted = np.flatnonzero(tiny_model.knowledge.audio.predicted)[:10].tolist()
    measured = np.flatnonzero(~tiny_model.knowledge.audio.predicted)[:10].tolist()
    query = one_query(
        predicted + measured, history_rows=[1], cold_items=tiny_model.knowledge.no_items
    )
    audio = without_prediction(query)

    used = tiny_model.content.score(query, audio).scores
    unused = tiny_model.content.score(
        replace(query, use_audio_prediction=np.zeros(1, bool)), audio
    ).scores

    assert (used[:10] != unused[:10]).any()  # a prediction that is sure of nothing counts nothing
    assert used[10:].tolist() == unused[10:].tolist()


def test_preferences_alone_are_enough_for_a_score(tiny_model: HybridModel) -> None:
    query = one_query(user_row=-1, cold_items=tiny_model.knowledge.no_items)
    liked = query.genre_rows.copy()
    liked[0, 0] = 2

    said = tiny_model.content.score(replace(query, genre_rows=liked), without_prediction(query))

    assert not np.isnan(said.scores).any()
    # nothing played is like anything that is written: that share of the length is missing
    share = TINY.two_tower.description_share
    length = np.linalg.norm(said.user_state[0])
    assert length == pytest.approx(np.sqrt(1 - share), abs=1e-5)  # float32
