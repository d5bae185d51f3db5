from dataclasses import replace

import numpy as np
import pytest

from hybridrec.hybrid import HybridModel
from hybridrec.models.signals import compressed, content_signals, cosine, height, percentile
from hybridrec.schema.names import CF_SIGNALS, CONTENT_SIGNALS, Floats
from hybridrec.schema.records import AudioFeatures, QueryBatch
from hybridrec.schema.scores import ScoreBatch
from hybridrec.testing import one_query, query_batch
from tests.contracts.scoring import queries_of


def floats(*values: float) -> Floats:
    return np.array(values, np.float32)


def test_a_percentile_is_the_share_of_the_reference_that_is_not_above() -> None:
    reference = floats(3, 1, 2)

    assert percentile(floats(0.5, 1, 2.5, 9), reference) == pytest.approx([0, 1 / 3, 2 / 3, 1])
    assert percentile(floats(1), floats()).tolist() == [0]


def test_the_cosine_of_what_has_no_length_is_0() -> None:
    items, user = np.array([[3, 4], [0, 0]], np.float32), floats(2, 0)

    assert cosine(items @ user, items, user) == pytest.approx([0.6, 0])
    assert cosine(floats(0, 0), items, floats(0, 0)).tolist() == [0, 0]


def test_the_height_is_the_value_of_the_tenth_best_track_that_was_not_played() -> None:
    values = np.arange(100, dtype=np.float32)
    nothing = np.zeros(0, np.int32)

    assert height(values, nothing) == 90
    assert height(values, np.array([99, 95, 3], np.int32)) == 88
    assert height(values[1:5], nothing) == 1  # fewer than ten: the worst of them
    assert height(values[:4], np.array([0], np.int32)) == 0  # or nothing, where one was played
    assert values[95] == 95


def test_affinities_are_compressed_in_their_order_and_the_unknown_stays_unknown() -> None:
    squeezed = compressed(floats(0, 1e-4, 1e-2, 1, np.nan))

    assert squeezed[:4] == pytest.approx(np.log([1, 1.01, 2, 101]), rel=1e-5)  # float32
    assert np.isnan(squeezed[4])


def test_content_is_set_beside_reference_tracks_as_the_query_may_see_them() -> None:
    queries = query_batch([one_query([0, 1]), one_query([0]), one_query([0])])
    queries = replace(queries, use_audio_prediction=np.array([True, False, True]))
    users = np.array([[1, 0], [1, 0], [np.nan, np.nan]], np.float32)
    predicted = np.array([[0.6, 0.8], [0, 1]], np.float32)
    measured = np.array([[1, 0], [0.8, 0.6]], np.float32)

    references = np.array([0, 1], np.int32)
    affinity = floats(0.3, 0.7, 0.7, np.nan)
    signals = content_signals(queries, users, affinity, predicted, measured, references)

    assert CONTENT_SIGNALS == ("above", "percentile", "agreement")
    expected = np.array([[0.3, 0.5, 0.3], [0.7, 1, 0.7], [-0.1, 0, 0.7], [0, 0, 0]])
    assert signals == pytest.approx(expected, rel=1e-6)  # float32


def said(model: HybridModel, source: str, *queries: QueryBatch) -> ScoreBatch:
    batch = query_batch(queries)
    if source == "cf":
        return model.cf.score(batch)
    return model.content.score(batch, AudioFeatures.measured(batch.cold_items.audio))


@pytest.mark.parametrize(("source", "names"), [("cf", CF_SIGNALS), ("content", CONTENT_SIGNALS)])
def test_signals_are_the_same_bits_alone_and_in_company(
    tiny_model: HybridModel, source: str, names: tuple[str, ...]
) -> None:
    queries = queries_of(tiny_model, 16)
    stranger = one_query(user_row=-1, cold_items=tiny_model.knowledge.no_items)

    together = said(tiny_model, source, *queries, stranger)

    each = np.concatenate([said(tiny_model, source, query).signals for query in queries])
    assert together.signals.shape == (16 * 40 + 3, len(names))
    assert together.signals.dtype == np.float32
    np.testing.assert_array_equal(together.signals[:-3], each)
    assert not together.signals[-3:].any()
    for query in queries[:4]:
        one = replace(
            query, candidate_rows=query.candidate_rows[7:8], offsets=np.array([0, 1], np.int32)
        )
        whole = said(tiny_model, source, query).signals[7:8]
        np.testing.assert_array_equal(said(tiny_model, source, one).signals, whole)
