from dataclasses import replace

import numpy as np
import pytest

from hybridrec.models.confidence import (
    content_part,
    item_part,
    listener_share,
    neighbour_part,
    recency_share,
    user_part,
)
from hybridrec.schema.records import AudioFeatures
from hybridrec.testing import one_query, query_batch


@pytest.mark.parametrize(
    ("days", "share"),
    [
        (np.nan, 1),
        (0, 1),
        (30, 1),
        (np.sqrt(30 * 365), 0.75),
        (365, 0.5),
        (10_000, 0.5),
    ],
)
def test_tastes_are_current_for_a_month_and_half_gone_after_a_year(
    days: float, share: float
) -> None:
    assert recency_share(np.array([days], np.float32)).tolist() == pytest.approx([share])


@pytest.mark.parametrize(
    ("n", "part"),
    [(0, 0), (9, 0), (10, 0.1), (19, 0.1), (20, 0.2), (49, 0.2), (50, 0.3), (99, 0.3), (100, 0.4)],
)
def test_a_user_adds_by_steps(n: int, part: float) -> None:
    assert user_part(np.array([n], np.int32)).tolist() == pytest.approx([part])


@pytest.mark.parametrize(
    ("n", "part"),
    [
        (0, 0),
        (1, 0.1),
        (4, 0.1),
        (5, 0.2),
        (9, 0.2),
        (10, 0.3),
        (1000, 0.3),
        (1001, 0.2),
        (2000, 0.2),
        (2001, 0.1),
    ],
)
def test_an_item_adds_most_between_niche_and_mainstream(n: int, part: float) -> None:
    assert item_part(np.array([n], np.int32)).tolist() == pytest.approx([part])


def test_neighbours_add_their_similarity() -> None:
    parts = neighbour_part(np.array([1.0, 0.0, 0.6], np.float32))

    assert parts == pytest.approx([0.3, 0.0, 0.3 * 0.6])


def test_content_counts_measured_predicted_and_no_audio() -> None:
    values = np.full((3, 8), 0.5, np.float32)
    values[2] = np.nan
    audio = AudioFeatures.measured(values)
    predicted = AudioFeatures(
        audio.values, audio.low, audio.high, audio.confidence, np.array([False, True, False])
    )

    parts = content_part(predicted, np.array([1.0, 0.5, 1.0], np.float32))

    assert parts == pytest.approx([0.9, 0.3, 0.3])


def test_each_play_of_a_listener_leaves_more_of_a_confidence_until_ten_do() -> None:
    listeners = query_batch([one_query(history_rows=range(n)) for n in (1, 5, 10, 200)])

    assert listener_share(listeners) == pytest.approx([2 / 11, 6 / 11, 1, 1])


def test_preferences_without_a_play_leave_less_than_one_play_does() -> None:
    nothing = one_query()
    moods = nothing.mood_rows.copy()
    moods[0, 0] = 2
    a_mood = replace(nothing, mood_rows=moods)
    everything = replace(
        nothing,
        genre_rows=np.full_like(nothing.genre_rows, 2),
        mood_rows=np.full_like(nothing.mood_rows, 2),
    )

    shares = listener_share(query_batch([nothing, a_mood, everything]))

    # five genres and three moods may be stated; all of them count as one play
    assert shares == pytest.approx([1 / 11, (1 + 1 / 8) / 11, 2 / 11])
