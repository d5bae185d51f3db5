from dataclasses import replace

import numpy as np
import pytest

from hybridrec.features.audio import HIGH, LOW
from hybridrec.schema.names import AUDIO_FEATURES, NAME_WIDTHS
from hybridrec.schema.records import N_AUDIO, AudioFeatures, ItemFeatures
from hybridrec.testing import tiny_items
from hybridrec.training.audio import fit_audio_predictor
from hybridrec.training.config import AudioConfig
from hybridrec.training.networks import VocabularySizes

GAP = AUDIO_FEATURES.index("speechiness")
MEASURED = [place for place in range(len(AUDIO_FEATURES)) if place != GAP]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def items() -> ItemFeatures:
    """Tracks of whose speechiness nobody knows anything."""
    rng = np.random.default_rng(1)
    items = tiny_items().take(np.arange(120, dtype=np.int32) % 4)
    audio = rng.random(items.audio.shape, np.float32)
    audio[:, -1] = 100.0 + 50.0 * audio[:, -1]
    audio[:, GAP] = np.nan
    return replace(items, audio=audio, artist_rows=np.arange(2, 122, dtype=np.int32))


@pytest.fixture(scope="module")
def predicted(items: ItemFeatures) -> AudioFeatures:
    config = AudioConfig(hidden_size=8, max_epochs=2)
    sizes = VocabularySizes(122, 5, 4, 3)
    rng = np.random.default_rng(2)

    found = fit_audio_predictor(items, sizes, config, rng, lambda _: None)

    assert found is not None
    assert np.isfinite(found.predictor.marginal_width).all()
    assert AUDIO_FEATURES[GAP] not in {check.feature for check in found.checks}
    return found.predictor.predict(items)


def test_a_feature_that_was_never_measured_spoils_no_other(predicted: AudioFeatures) -> None:
    for array in (predicted.values, predicted.low, predicted.high, predicted.confidence):
        assert np.isfinite(array[:, MEASURED]).all()


def test_of_a_feature_that_was_never_measured_nothing_is_claimed(predicted: AudioFeatures) -> None:
    assert (predicted.confidence[:, GAP] == 0).all()
    assert (predicted.low[:, GAP] == LOW[GAP]).all()
    assert (predicted.high[:, GAP] == HIGH[GAP]).all()


def test_names_have_as_many_rows_as_the_options_say(items: ItemFeatures) -> None:
    short, long = (
        fit_audio_predictor(
            items,
            VocabularySizes(122, 5, 4, 3),
            AudioConfig(hidden_size=8, max_epochs=1, n_name_rows=n_rows),
            np.random.default_rng(4),
            lambda _: None,
        )
        for n_rows in (20, 50)
    )

    assert short is not None
    assert long is not None
    more = len(long.predictor.network.model) - len(short.predictor.network.model)
    # float32 for each effect, its reliability and its weight; of the form some bytes
    assert more == pytest.approx((50 - 20) * len(NAME_WIDTHS) * 4 * (N_AUDIO + 2), abs=64)


@pytest.mark.parametrize("artist_row", [1, 2], ids=["unknown", "known"])
def test_a_single_artist_holds_out_single_tracks(items: ItemFeatures, artist_row: int) -> None:
    of_one = replace(items, artist_rows=np.full(len(items), artist_row, np.int32))
    config = AudioConfig(hidden_size=8, max_epochs=1)
    sizes = VocabularySizes(3, 5, 4, 3)

    found = fit_audio_predictor(of_one, sizes, config, np.random.default_rng(3), lambda _: None)

    assert found is not None
    assert np.isfinite(found.predictor.marginal_width).all()
