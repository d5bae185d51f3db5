from dataclasses import replace

import numpy as np
import pytest

from hybridrec.fusion.context import ItemContext
from hybridrec.schema.names import Floats
from hybridrec.schema.records import N_AUDIO, AudioFeatures, QueryBatch
from hybridrec.testing import one_query, tiny_items

HALF = np.full((1, N_AUDIO), 0.5, np.float32)


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
