from dataclasses import replace

import numpy as np
import pytest

from hybridrec.features.session import (
    DAY_S,
    Listening,
    TrackFacts,
    longest_streak,
    session_features,
)
from hybridrec.features.session_scaler import SessionScaler
from hybridrec.schema.names import SESSION_FEATURES

HOUR = 3600
EIGHT, NINE = 8 * HOUR, DAY_S + 9 * HOUR
FACTS = TrackFacts(
    artist_rows=np.array([1, 1, 2], np.int32),
    genre_rows=np.array([[2, 0], [2, 0], [3, 0]], np.int32),
    popularity=np.array([1.0, 0.5, 0.0], np.float32),
    year=np.array([1970, 1960, np.nan], np.float32),
    streaks=np.array([1.0, 2.0, 3.0, 4.0], np.float32),
)
# two days: on the first, tracks 0, 1, 0 at 8 o'clock, 10 minutes apart; on the second 2, 0 and a
# skip of 1 at 9 o'clock; every play is heard for 3 minutes
LISTENING = Listening(
    times=np.array([EIGHT, EIGHT + 600, EIGHT + 1200, NINE, NINE + 600, NINE + 900], np.float64),
    rows=np.array([0, 1, 0, 2, 0, 1], np.int32),
    ms_played=np.array([180_000] * 5 + [np.nan], np.float32),
    skipped=np.array([0, 0, 0, 0, 0, 1], bool),
)
HALF = -(0.5 * np.log(0.5)) * 2 / np.log(24)
GENRES = -(0.8 * np.log(0.8) + 0.2 * np.log(0.2)) / np.log(2)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("total_sessions", 2),
        ("avg_session_length", (20 + 15) / 2),
        ("discovery_rate_per_active_week", 3 / 5),
        ("exploration_score", 2 / 5),
        ("novelty_seeking", 1 / 3),
        ("repeat_rate", 2 / 5),
        ("skip_rate", 1 / 6),
        ("genre_diversity", GENRES),
        ("temporal_consistency", 1 - HALF),
        ("mainstream_score", (1 + 0.5 + 1 + 0 + 1) / 5),
        ("early_adopter_score", 3 / 4),
        ("plays_per_day", 5 / 2),
        ("active_days", 2),
        ("longest_streak_percentile", 2 / 4),
        ("session_density", 1),
        ("listening_intensity", 15 / 2),
        ("is_explorer", 0),
        ("is_loyalist", 0),
    ],
)
def test_each_feature_is_what_its_definition_says(name: str, value: float) -> None:
    features = session_features(LISTENING, FACTS)

    assert features[SESSION_FEATURES.index(name)] == pytest.approx(value, abs=1e-6)  # float32


def test_few_plays_tell_nothing() -> None:
    assert np.isnan(session_features(LISTENING.before(DAY_S), FACTS)).all()


def test_nothing_later_than_the_moment_is_seen() -> None:
    assert LISTENING.before(8 * HOUR + 600).rows.tolist() == [0]


def test_the_same_track_again_and_again_is_a_loyalist() -> None:
    loyal = Listening(
        np.linspace(0.0, 1500.0, 6),
        np.zeros(6, np.int32),
        np.full(6, np.nan, np.float32),
        np.zeros(6, bool),
    )

    features = session_features(loyal, FACTS)

    assert features[SESSION_FEATURES.index("is_loyalist")] == 1
    assert np.isnan(features[SESSION_FEATURES.index("listening_intensity")])


def test_a_streak_is_a_run_of_days() -> None:
    days = np.array([0, 1, 3, 4, 5, 9]) * float(DAY_S)

    assert longest_streak(days) == 3


def test_a_feature_that_training_never_saw_stays_masked() -> None:
    trained = np.full((3, 18), np.nan, np.float32)
    trained[:, 0] = [1.0, 2.0, 3.0]
    scaler = SessionScaler.fitted(trained)

    values, known = scaler.transform(np.full((1, 18), 2.0, np.float32))

    assert known[0].tolist() == [1.0] + [0.0] * 17
    assert values[0].tolist() == [0.0] * 18


def test_a_gap_in_the_request_is_masked_and_extremes_are_bounded() -> None:
    scaler = SessionScaler(np.zeros(18, np.float32), np.ones(18, np.float32))
    session = np.full((1, 18), 100.0, np.float32)
    session[0, 3] = np.nan

    values, known = scaler.transform(session)

    assert known[0, 3] == values[0, 3] == 0
    assert values[0, 0] == 4


def test_tracks_of_unknown_artists_tell_nothing_of_artists() -> None:
    nobody = replace(FACTS, artist_rows=np.zeros(3, np.int32))
    partly = replace(FACTS, artist_rows=np.array([0, 7, 0], np.int32))

    unknown = dict(zip(SESSION_FEATURES, session_features(LISTENING, nobody), strict=True))
    known = dict(zip(SESSION_FEATURES, session_features(LISTENING, partly), strict=True))

    for name in ("exploration_score", "novelty_seeking", "is_explorer"):
        assert np.isnan(unknown[name])
    assert known["exploration_score"] == 1  # track 1 alone is of a known artist, played once
    assert unknown["is_loyalist"] == known["is_explorer"] == 0
