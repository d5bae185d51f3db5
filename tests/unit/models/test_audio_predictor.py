from dataclasses import replace

import numpy as np
import pytest

from hybridrec.hybrid import HybridModel
from hybridrec.models.audio import AudioPredictor
from hybridrec.schema.records import ItemFeatures


@pytest.fixture
def predictor(tiny_model: HybridModel) -> AudioPredictor:
    assert tiny_model.audio is not None
    return tiny_model.audio


@pytest.fixture
def items(tiny_model: HybridModel) -> ItemFeatures:
    return tiny_model.knowledge.items


def test_how_a_track_fared_changes_nothing(
    predictor: AudioPredictor, items: ItemFeatures, rng: np.random.Generator
) -> None:
    before = predictor.predict(items)
    ratings = rng.random(items.ratings.shape).astype(np.float32)
    famous = replace(items, ratings=ratings, completeness=np.ones_like(items.completeness))

    after = predictor.predict(famous)

    for one, other in zip(before.arrays(), after.arrays(), strict=True):
        assert np.array_equal(one, other)


def test_what_a_track_is_changes_the_prediction(
    predictor: AudioPredictor, items: ItemFeatures
) -> None:
    other_genres = replace(items, genre_rows=np.roll(items.genre_rows, 1, axis=0))

    before, after = predictor.predict(items), predictor.predict(other_genres)

    assert not np.array_equal(before.values, after.values)


def test_a_prediction_lies_inside_its_interval_and_range(
    predictor: AudioPredictor, items: ItemFeatures
) -> None:
    audio = predictor.predict(items)

    assert (audio.low <= audio.values).all()
    assert (audio.values <= audio.high).all()
    assert audio.low[:, :7].min() >= 0
    assert audio.high[:, :7].max() <= 1
    assert ((audio.confidence >= 0) & (audio.confidence <= 1)).all()


def test_what_was_measured_is_kept_and_only_wanted_gaps_are_filled(
    predictor: AudioPredictor, items: ItemFeatures
) -> None:
    wanted = np.arange(len(items)) % 2 == 0
    known = ~np.isnan(items.audio)

    audio = predictor.complete(items, wanted)

    assert np.array_equal(audio.values[known], items.audio[known])
    assert (audio.confidence[known] == 1).all()
    assert not np.isnan(audio.values[wanted]).any()
    assert np.array_equal(np.isnan(audio.values[~wanted]), ~known[~wanted])
    assert not audio.predicted[~wanted].any()


def test_no_track_gives_no_audio(predictor: AudioPredictor, items: ItemFeatures) -> None:
    assert len(predictor.predict(items.take(np.zeros(0, np.int32)))) == 0
