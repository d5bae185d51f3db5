"""What holds of every dataset that the reader lets through, written down a second time."""

from collections.abc import Mapping
from datetime import UTC, datetime

from hybridrec.datasets.table import Dataset
from hybridrec.schema.names import AUDIO_FEATURES
from hybridrec.schema.tables import INTERACTIONS, TRACKS

Row = Mapping[str, object]

BOUNDS = {
    **dict.fromkeys(AUDIO_FEATURES, (0, 1)),
    "tempo": (1, 400),
    "loudness": (-100, 20),
    "key": (0, 11),
    "mode": (0, 1),
    "year": (1000, 2200),
    "duration_ms": (1, 86_400_000),
    "popularity": (0, 100),
    "aoty_score": (0, 100),
    "aoty_num_ratings": (0, 1_000_000_000),
    "critic_score": (0, 100),
    "user_rating_avg": (0, 5),
}
REACTIONS = ("skip", "like", "dislike", "save")


def assert_canonical(dataset: Dataset) -> None:
    """Fails unless a dataset may be trained on."""
    assert dataset.tracks.schema == TRACKS
    assert dataset.interactions.schema == INTERACTIONS
    ids = dataset.tracks["track_id"].to_list()
    assert ids
    assert len(set(ids)) == len(ids)
    for row in dataset.tracks.iter_rows(named=True):
        assert_track(row)
    assert len(dataset.interactions)
    for row in dataset.interactions.iter_rows(named=True):
        assert_interaction(row)
        assert row["track_id"] in ids


def assert_track(row: Row) -> None:
    assert_id(row["track_id"])
    for name in ("genres", "moods", "tags"):
        words = row[name]
        assert isinstance(words, list)
        assert all(isinstance(word, str) and word for word in words)
    for name, (low, high) in BOUNDS.items():
        value = row[name]
        assert value is None or (isinstance(value, int | float) and low <= value <= high), name
    for name in ("key", "mode"):
        value = row[name]
        assert value is None or (isinstance(value, float) and value == int(value))


def assert_interaction(row: Row) -> None:
    assert_id(row["user_id"])
    plays, event, time, played = (
        row[name] for name in ("plays", "event", "timestamp", "ms_played")
    )
    assert isinstance(plays, float)
    assert 0 < plays <= 1_000_000 or (plays == 0 and event in REACTIONS)
    assert event in {None, "play", *REACTIONS}
    assert time is None or (
        isinstance(time, datetime)
        and datetime(1900, 1, 1, tzinfo=UTC) <= time < datetime(2026, 1, 3, tzinfo=UTC)
    )
    assert played is None or (isinstance(played, float) and 0 <= played <= 86_400_000)


def assert_id(value: object) -> None:
    assert isinstance(value, str)
    assert value.strip()
