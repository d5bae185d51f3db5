import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybridrec.features.audio import measured_first, tower_audio
from hybridrec.features.item import completeness, tower_inputs
from hybridrec.features.leakage import intrinsic_inputs
from hybridrec.features.text import N_BUCKETS, token_rows, words
from hybridrec.features.user import derived_preferences, history_pool
from hybridrec.schema.names import MAX_TOKENS
from hybridrec.schema.records import AudioFeatures
from hybridrec.testing import tiny_items, tiny_tracks


@given(text=st.text(max_size=200))
def test_any_text_becomes_rows_of_the_table(text: str) -> None:
    rows = token_rows([text], [text], [None])

    assert rows.shape == (1, MAX_TOKENS)
    assert 0 <= rows.min() <= rows.max() < N_BUCKETS


def test_words_lose_case_accents_and_marks() -> None:
    assert words("L'Été, (Live) 2nd-mix") == ["l", "ete", "live", "2nd", "mix"]
    assert words("東京") == ["東京"]


def test_a_word_of_the_title_is_another_than_one_of_the_artist() -> None:
    title, artist = token_rows(["rain", ""], ["", "rain"], [None, None])

    assert title[0] != artist[0]
    assert title[0] > 0
    assert artist[0] > 0


def test_an_item_becomes_rows_of_the_vocabularies() -> None:
    items = tiny_items()

    assert items.artist_rows.tolist() == [2, 2, 3, 1]
    assert items.genre_rows[0, :3].tolist() == [2, 3, 0]
    assert items.mood_rows[2].tolist() == [0] * 5
    assert items.ratings[0, 0] == pytest.approx(0.85)
    assert np.isnan(items.audio[0]).sum() == 6


def test_completeness_is_the_share_of_what_is_there() -> None:
    assert completeness(tiny_tracks()) == pytest.approx([1.0, 7 / 8, 5 / 8, 2 / 8])


def test_gaps_enter_the_tower_as_0_beside_a_mask() -> None:
    items = tiny_items()

    feed = tower_inputs(items, AudioFeatures.measured(items.audio))

    assert not any(np.isnan(array).any() for array in feed.values())
    assert feed["audio"][0].tolist() == pytest.approx([0.3, 0, 0, 0, 0, 0, 0, 90 / 200])
    assert feed["audio_confidence"][0].tolist() == [1, 0, 0, 0, 0, 0, 0, 1]
    assert feed["ratings_known"][:, 0].tolist() == [1, 0, 1, 0]


def test_the_predictor_sees_no_rating_and_no_popularity() -> None:
    assert set(intrinsic_inputs(tiny_items())) == {
        "names",
        "artist_rows",
        "genre_rows",
        "mood_rows",
        "tag_rows",
        "numbers",
        "numbers_known",
    }


def test_measured_audio_is_never_overwritten() -> None:
    measured = tiny_items().audio
    ones = np.ones_like(measured)
    predicted = AudioFeatures(ones, ones, ones, ones * 0.5, np.ones(4, bool))

    audio = measured_first(measured, predicted)

    assert audio.values[0].tolist() == pytest.approx([0.3, 1, 1, 1, 1, 1, 1, 90])
    assert audio.confidence[0].tolist() == [1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 1]
    assert audio.predicted.all()
    assert tower_audio(audio)[0][0, 7] == pytest.approx(0.45)


def test_preferences_are_what_the_history_is_full_of() -> None:
    terms = tiny_items().genre_rows

    preferred = derived_preferences(
        np.array([0, 1, 2], np.int32), np.array([1, 1, 5], np.float32), terms, 5
    )

    assert preferred.tolist() == [4, 2, 3, 0, 0]  # jazz 5, rock 2, indie 1


def test_no_history_has_no_preferences_and_an_empty_pool() -> None:
    nothing, no_weights = np.zeros(0, np.int32), np.zeros(0, np.float32)

    assert derived_preferences(nothing, no_weights, tiny_items().genre_rows, 5).tolist() == [0] * 5
    assert history_pool(np.ones((4, 3), np.float32), nothing, no_weights).tolist() == [0, 0, 0]


def test_a_pool_is_a_mean_by_weight() -> None:
    embeddings = np.array([[1, 0], [0, 1]], np.float32)

    pool = history_pool(embeddings, np.array([0, 1], np.int32), np.array([3, 1], np.float32))

    assert pool.tolist() == [0.75, 0.25]
