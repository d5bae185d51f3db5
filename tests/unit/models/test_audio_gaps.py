"""Measured audio beside predicted, for any pattern of gaps."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from hybridrec.features.audio import HIGH, LOW
from hybridrec.hybrid import HybridModel
from hybridrec.models.audio import AudioPredictor
from hybridrec.schema.names import Mask, Rows
from hybridrec.schema.records import N_AUDIO, ItemFeatures

N_TRACKS = 6
GAPS = arrays.arrays(np.bool_, (N_TRACKS, N_AUDIO))
WANTED = arrays.arrays(np.bool_, N_TRACKS)


@pytest.fixture
def predictor(tiny_model: HybridModel) -> AudioPredictor:
    assert tiny_model.audio is not None
    return tiny_model.audio


def items_of(model: HybridModel) -> ItemFeatures:
    return model.knowledge.items.take(np.arange(N_TRACKS, dtype=np.int32))


@settings(max_examples=30, deadline=None)
@given(gaps=GAPS, wanted=WANTED)
def test_what_was_measured_stays_and_only_wanted_gaps_are_filled(
    tiny_model: HybridModel, gaps: Mask, wanted: Mask
) -> None:
    assert tiny_model.audio is not None
    measured = np.where(gaps, np.nan, 0.25).astype(np.float32)  # tempo out of its range, even

    audio = tiny_model.audio.complete(replace(items_of(tiny_model), audio=measured), wanted)

    filled = gaps & wanted[:, None]
    assert (audio.values[~gaps] == 0.25).all()
    assert (audio.confidence[~gaps] == 1).all()
    assert (audio.low[~gaps] == 0.25).all()
    assert (audio.high[~gaps] == 0.25).all()
    assert (np.isnan(audio.values) == (gaps & ~wanted[:, None])).all()
    assert (audio.confidence[gaps & ~wanted[:, None]] == 0).all()
    assert (audio.predicted == filled.any(axis=1)).all()


@settings(max_examples=30, deadline=None)
@given(genres=arrays.arrays(np.int32, (N_TRACKS, 8), elements=st.integers(0, 3)))
def test_any_prediction_lies_inside_its_interval_and_its_range(
    tiny_model: HybridModel, genres: Rows
) -> None:
    assert tiny_model.audio is not None

    audio = tiny_model.audio.predict(replace(items_of(tiny_model), genre_rows=genres))

    assert ((audio.low >= LOW) & (audio.high <= HIGH)).all()
    assert ((audio.low <= audio.values) & (audio.values <= audio.high)).all()
    assert ((audio.confidence >= 0) & (audio.confidence <= 1)).all()
    assert audio.predicted.all()


def test_an_unknown_year_and_duration_are_masked_and_not_guessed(
    tiny_model: HybridModel, predictor: AudioPredictor
) -> None:
    items = items_of(tiny_model)
    unknown = np.full(N_TRACKS, np.nan, np.float32)

    audio = predictor.predict(replace(items, year=unknown, duration_ms=unknown))

    assert not np.isnan(audio.values).any()
    assert not np.array_equal(audio.values, predictor.predict(items).values)


def test_it_says_where_it_runs(predictor: AudioPredictor) -> None:
    assert predictor.providers == ["CPUExecutionProvider"]
