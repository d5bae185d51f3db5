from dataclasses import replace

import numpy as np
import pytest

from hybridrec.fusion.context import ItemContext, SourceContext
from hybridrec.models.calibration import MonotoneMap, ScoreCalibrator, sigmoid
from hybridrec.schema.names import Floats
from hybridrec.schema.records import N_AUDIO, AudioFeatures, QueryBatch
from hybridrec.schema.scores import ScoreBatch
from hybridrec.testing import one_query, query_batch, tiny_items

STATES = np.array([[1, 0], [0, 2], [3, 4], [0, 0]], np.float32)
SOURCE = SourceContext(
    states=STATES,
    scale=np.array([1, 0.5, 1, 1], np.float32),
    reference_rows=np.array([0, 1, 2], np.int32),
    calibrator=ScoreCalibrator(MonotoneMap(np.array([-1.0, 1.0]), np.array([-1.0, 1.0]))),
)
HALF = np.full((1, N_AUDIO), 0.5, np.float32)


def said(affinities: list[float], user_state: list[list[float]]) -> ScoreBatch:
    scores = sigmoid(np.array(affinities, np.float32))
    nothing = np.zeros((0, 2), np.float32)
    state = np.array(user_state, np.float32)
    return ScoreBatch("cf", scores, (~np.isnan(scores)).astype(np.float32), state, nothing)


def test_the_percentile_is_taken_among_the_reference_tracks() -> None:
    # the user's affinity to the three reference tracks is 1, 0.5 * 2 * 0.5 and 3 + 2
    answer = said([0.4, 0.75, 1.0, 9.0], [[1, 0.5]])

    percentile, _ = SOURCE.of(one_query([0, 1, 2, 3]), answer)

    np.testing.assert_allclose(percentile, [0, 1 / 3, 2 / 3, 1], rtol=1e-6)  # float32


def test_the_agreement_is_the_cosine_of_user_and_item() -> None:
    _, agreement = SOURCE.of(one_query([0, 1, 2, 3]), said([1, 1, 1, 1], [[1, 0]]))

    np.testing.assert_allclose(agreement, [1, 0, 0.6, 0], atol=1e-6)  # float32


def test_an_unknown_score_has_neither() -> None:
    percentile, agreement = SOURCE.of(one_query([0, 2]), said([np.nan, 9], [[1, 0]]))

    assert percentile.tolist() == [0, 1]
    assert agreement[0] == 0
    assert agreement[1] > 0


def test_an_unknown_listener_beside_a_known_one_has_neither() -> None:
    both = query_batch([one_query([0]), one_query([0])])
    answer = said([np.nan, 9], [[np.nan, np.nan], [1, 0]])

    percentile, agreement = SOURCE.of(both, answer)

    assert percentile.tolist() == [0, 1]
    assert agreement.tolist() == [0, 1]


def test_a_lost_source_has_neither() -> None:
    query = one_query([0, 2])

    percentile, agreement = SOURCE.of(query, ScoreBatch.absent("cf", query))

    assert percentile.tolist() == agreement.tolist() == [0, 0]


def test_a_cold_item_agrees_by_its_own_embedding() -> None:
    query = one_query([4], cold_items=tiny_items().take(np.array([0], np.int32)))
    answer = replace(said([1], [[1, 0]]), cold_embeddings=np.array([[3, 4]], np.float32))

    _, agreement = SOURCE.of(query, answer)

    np.testing.assert_allclose(agreement, [0.6], rtol=1e-6)  # float32


@pytest.fixture
def items() -> ItemContext:
    """Track 0 is measured, track 1 predicted with confidence .5."""
    measured = np.concatenate([HALF, np.full((1, N_AUDIO), np.nan, np.float32)])
    audio = AudioFeatures(
        values=np.concatenate([HALF, HALF]),
        low=np.concatenate([HALF, HALF]),
        high=np.concatenate([HALF, HALF]),
        confidence=np.concatenate([2 * HALF, HALF]),
        predicted=np.array([False, True]),
    )
    return ItemContext.of_items(measured, audio, np.array([1.0, 0.25], np.float32))


def context_of(items: ItemContext, query: QueryBatch) -> Floats:
    return items.of(query, AudioFeatures.measured(query.cold_items.audio))


def test_a_tracks_context_is_audio_confidence_completeness_and_whether_predicted(
    items: ItemContext,
) -> None:
    context = context_of(items, one_query([1, 0]))

    assert context[0].tolist() == [0.5] * N_AUDIO + [0.25, 1]
    assert context[1].tolist() == [1.0] * N_AUDIO + [1, 0]


def test_a_query_without_predictions_sees_only_what_was_measured(items: ItemContext) -> None:
    query = replace(one_query([1, 0]), use_audio_prediction=np.array([False]))

    context = context_of(items, query)

    assert context[0].tolist() == [0.0] * N_AUDIO + [0.25, 0]
    assert context[1].tolist() == [1.0] * N_AUDIO + [1, 0]


@pytest.mark.parametrize("uses", [True, False], ids=["with predictions", "without predictions"])
def test_a_cold_items_context_is_that_of_the_audio_it_came_with(
    items: ItemContext,
    uses: bool,  # noqa: FBT001  a parameter of the test
) -> None:
    cold = tiny_items().take(np.array([0], np.int32))  # energy and tempo measured
    query = replace(one_query([2], cold_items=cold), use_audio_prediction=np.array([uses]))

    context = context_of(items, query)

    assert context[0].tolist() == [1, 0, 0, 0, 0, 0, 0, 1, cold.completeness[0], 0]
