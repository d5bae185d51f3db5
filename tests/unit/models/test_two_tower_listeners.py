"""What the content scorer makes of what is known of a listener and of a track's audio."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hybridrec.hybrid import HybridModel
from hybridrec.models.calibration import ConfidenceCalibrator
from hybridrec.models.two_tower import TwoTowerScorer, tower_user_rows
from hybridrec.schema.records import AudioFeatures, QueryBatch
from hybridrec.schema.scores import ScoreBatch
from hybridrec.testing import one_query
from tests.contracts.scoring import queries_of


@pytest.fixture
def content(tiny_model: HybridModel) -> TwoTowerScorer:
    return tiny_model.content


def score_of(scorer: TwoTowerScorer, queries: QueryBatch) -> ScoreBatch:
    return scorer.score(queries, AudioFeatures.measured(queries.cold_items.audio))


def test_the_score_is_the_calibrated_cosine_of_both_towers(
    content: TwoTowerScorer, tiny_model: HybridModel
) -> None:
    (query,) = queries_of(tiny_model, 1)

    said = score_of(content, query)

    cosine = content.items.embeddings[query.candidate_rows] @ said.user_state[0]
    # 1e-5: a matrix product of 16 float32 rounds otherwise than row by row
    np.testing.assert_allclose(said.scores, content.calibrator.scores(cosine), rtol=1e-5)


def test_embeddings_of_both_towers_have_unit_length(
    content: TwoTowerScorer, tiny_model: HybridModel
) -> None:
    users = content.embed_users(queries_of(tiny_model, 1)[0])

    # 1e-5: float32 sums of 16 squares
    np.testing.assert_allclose(np.linalg.norm(users, axis=1), 1.0, rtol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(content.items.embeddings, axis=1), 1.0, rtol=1e-5)


@pytest.mark.parametrize("known", ["user row", "preferred genre", "preferred mood", "history"])
def test_one_thing_known_of_a_listener_is_enough_for_a_score(
    content: TwoTowerScorer, known: str
) -> None:
    stranger = one_query(user_row=-1)
    genres, moods = stranger.genre_rows.copy(), stranger.mood_rows.copy()
    genres[0, 0] = moods[0, 0] = 2
    query = {
        "user row": one_query(user_row=0),
        "preferred genre": replace(stranger, genre_rows=genres),
        "preferred mood": replace(stranger, mood_rows=moods),
        "history": one_query(user_row=-1, history_rows=[1]),
    }[known]

    said = score_of(content, query)

    assert score_of(content, stranger).is_absent
    assert not np.isnan(said.scores).any()
    assert (said.confidence > 0).all()


def test_listeners_that_training_never_saw_share_one_row() -> None:
    rows = tower_user_rows(np.array([-1, 0, 5, -1], np.int32))

    assert rows.tolist() == [1, 2, 7, 1]


def test_retrieval_without_predictions_ranks_by_measured_audio_alone(
    content: TwoTowerScorer, tiny_model: HybridModel
) -> None:
    (query,) = queries_of(tiny_model, 1)
    every = replace(query, exclude_rows=query.exclude_rows[:0], exclude_offsets=np.array([0, 0]))
    measured_only = replace(every, use_audio_prediction=np.array([False]))

    with_predictions, without = content.retrieve(every).rows, content.retrieve(measured_only).rows

    affinity = content.measured_items.embeddings @ content.embed_users(query)[0]
    assert without.tolist() == np.argsort(-affinity, kind="stable")[:200].tolist()
    assert without.tolist() != with_predictions.tolist()


def test_predictions_raise_the_raw_confidence_in_tracks_with_nothing_measured(
    content: TwoTowerScorer, tiny_model: HybridModel
) -> None:
    nothing = np.isnan(tiny_model.knowledge.items.audio).all(axis=1)
    assert nothing.any()

    used, unused = (
        (side.confidence / content.familiarity.share(side.embeddings))[nothing]
        for side in (content.items, content.measured_items)
    )

    np.testing.assert_allclose(used, 2 * unused, rtol=1e-6)  # .6 and .3 of the metadata; float32


@settings(max_examples=25, deadline=None)
@given(session=st.lists(st.floats(-1e6, 1e6, width=32) | st.just(np.nan), min_size=18, max_size=18))
def test_no_session_however_odd_makes_a_score_unknown(
    tiny_model: HybridModel, session: list[float]
) -> None:
    query = replace(one_query(user_row=3), session=np.array([session], np.float32))

    scores = score_of(tiny_model.content, query).scores

    assert ((scores > 0) & (scores < 1)).all()


def test_the_less_is_known_of_a_listener_the_less_sure_is_every_score(
    content: TwoTowerScorer,
) -> None:
    identity = ConfidenceCalibrator.alike(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    raw = replace(content, confidence_calibrator=identity)
    stranger = one_query(user_row=-1)
    moods = stranger.mood_rows.copy()
    moods[0, 0] = 2
    listeners = [
        replace(stranger, mood_rows=moods),
        one_query(user_row=-1, history_rows=[5]),
        one_query(user_row=-1, history_rows=range(5, 25)),
    ]

    preferences, one_play, many_plays = (score_of(raw, one).confidence for one in listeners)

    assert preferences == pytest.approx((1 + 1 / 8) * many_plays / 11)
    assert one_play == pytest.approx(2 * many_plays / 11)
    assert many_plays == pytest.approx(content.items.confidence[:3])
