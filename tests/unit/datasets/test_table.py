import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hybridrec.datasets.table import Dataset, read_interactions, read_tracks
from hybridrec.schema.tables import INTERACTIONS, TRACKS
from tests.parts import taste_profile

NOON = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)
Columns = Mapping[str, object]

TRACK_COLUMNS: Columns = {
    "track_id": ["a", "b", "c"],
    "title": ["Sunrise", "Letter", "Undertow"],
    "artist": ["Nina Hart", "Copper Wolf", None],
}
INTERACTION_COLUMNS: Columns = {"user_id": ["u", "u", "v"], "track_id": ["a", "b", "c"]}

WRITERS: Mapping[str, Callable[[pl.DataFrame, Path], None]] = {
    ".parquet": lambda frame, path: frame.write_parquet(path),
    ".csv": lambda frame, path: frame.write_csv(path),
    ".jsonl": lambda frame, path: frame.write_ndjson(path),
}


def written(path: Path, columns: Columns) -> Path:
    WRITERS[path.suffix](pl.DataFrame(columns, strict=False), path)
    return path


def one_track(path: Path, **columns: object) -> pl.DataFrame:
    row = {"track_id": ["a"], "title": ["Sunrise"], "artist": ["Nina Hart"]}
    return read_tracks(written(path, {**row, **columns}))


@pytest.fixture
def tracks_path(tmp_path: Path) -> Path:
    return written(tmp_path / "tracks.csv", TRACK_COLUMNS)


@pytest.fixture
def interactions_path(tmp_path: Path) -> Path:
    return written(tmp_path / "log.csv", INTERACTION_COLUMNS)


@pytest.mark.parametrize("suffix", WRITERS)
def test_every_format_gives_the_canonical_tables(tmp_path: Path, suffix: str) -> None:
    tracks_path = written(
        tmp_path / f"tracks{suffix}", {**TRACK_COLUMNS, "year": [1999, None, 7e2 + 1300]}
    )
    log_path = written(tmp_path / f"log{suffix}", {**INTERACTION_COLUMNS, "plays": [3, 1, 2]})

    dataset = Dataset.read(tracks_path, log_path)

    assert dataset.tracks.schema == TRACKS
    assert dataset.interactions.schema == INTERACTIONS
    assert dataset.tracks["year"].to_list() == [1999, None, 2000]
    assert dataset.interactions["plays"].to_list() == [3, 1, 2]


def test_columns_that_a_file_lacks_are_null_and_lists_empty(tracks_path: Path) -> None:
    tracks = read_tracks(tracks_path)

    assert tracks["energy"].null_count() == len(tracks)
    assert tracks["genres"].to_list() == [[], [], []]


def test_a_column_map_renames_and_foreign_columns_are_left_out(tmp_path: Path) -> None:
    path = written(
        tmp_path / "songs.csv",
        {"song": [7], "song_name": ["Letter"], "title": ["Mr"], "artist": ["Ada Vale"], "bpm": [1]},
    )

    tracks = read_tracks(path, {"track_id": "song", "title": "song_name"})

    assert tracks["track_id"].item() == "7"
    assert tracks["title"].item() == "Letter"
    assert tracks.schema == TRACKS


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        pytest.param("rock|indie", ["rock", "indie"], id="pipes"),
        pytest.param(" rock | indie |", ["rock", "indie"], id="pipes-and-blanks"),
        pytest.param('["rock", "d\\u00e9j\\u00e0"]', ["rock", "déjà"], id="json"),
        pytest.param('["\\ud83d\\ude00", "a \\"b\\""]', ["😀", 'a "b"'], id="json-escapes"),
        pytest.param("[]", [], id="empty-json"),
        pytest.param(None, [], id="nothing"),
        pytest.param(
            '["Folk, World, & Country"]', ["Folk, World, & Country"], id="a-word-with-commas"
        ),
        pytest.param("folk, world|jazz", ["folk, world", "jazz"], id="commas-beside-pipes"),
        pytest.param("drum & bass (live)", ["drum & bass (live)"], id="one-word"),
    ],
)
def test_list_cells_of_csv_are_read(tmp_path: Path, cell: str | None, words: list[str]) -> None:
    tracks = one_track(tmp_path / "t.csv", tags=pl.Series([cell], dtype=pl.String))

    assert tracks["tags"].to_list() == [words]


# Python alone, not Unicode, takes the separators for blanks
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\x1c\x1d\x1e\x1f")


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None
)
@given(words=st.lists(st.text(CHARACTERS, min_size=1), max_size=4))
def test_any_words_survive_json_in_csv(tmp_path: Path, words: list[str]) -> None:
    wanted = [word.strip() for word in words if word.strip()]

    tracks = one_track(tmp_path / "t.csv", tags=[json.dumps(words)])

    assert [word.strip() for word in tracks["tags"].to_list()[0]] == wanted


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param("2024-05-01T12:00:00Z", id="iso-zulu"),
        pytest.param("2024-05-01T14:00:00.000+02:00", id="iso-offset"),
        pytest.param("2024-05-01 14:00:00+02", id="postgres-offset"),
        pytest.param("2024-05-01 12:00:00 UTC", id="bigquery"),
        pytest.param("2024-05-01 12:00", id="minutes-naive"),
        pytest.param(int(NOON.timestamp()), id="epoch-seconds"),
        pytest.param(int(NOON.timestamp()) * 1000, id="epoch-milliseconds"),
        pytest.param(str(int(NOON.timestamp())), id="epoch-text"),
        pytest.param(NOON.replace(tzinfo=None), id="naive-datetime"),
        pytest.param(NOON, id="zoned-datetime"),
    ],
)
def test_times_are_read_as_utc(tmp_path: Path, moment: object) -> None:
    path = written(
        tmp_path / "log.parquet", {"user_id": ["u"], "track_id": ["a"], "timestamp": [moment]}
    )

    assert read_interactions(path)["timestamp"].to_list() == [NOON]


def test_a_date_is_its_midnight(tmp_path: Path) -> None:
    path = written(
        tmp_path / "log.parquet",
        {"user_id": ["u", "u"], "track_id": ["a", "b"], "timestamp": [date(2024, 5, 1), None]},
    )

    assert read_interactions(path)["timestamp"].to_list() == [NOON - timedelta(hours=12), None]


def test_without_plays_and_events_a_row_is_one_play(interactions_path: Path) -> None:
    assert read_interactions(interactions_path)["plays"].to_list() == [1, 1, 1]


def test_an_event_without_plays_counts_as_one_only_if_it_is_a_play(tmp_path: Path) -> None:
    events = ["play", "skip", "like", "dislike", "save"]
    path = written(
        tmp_path / "log.csv", {"user_id": ["u"] * 5, "track_id": ["a"] * 5, "event": events}
    )

    assert read_interactions(path)["plays"].to_list() == [1, 0, 0, 0, 0]


def test_nan_of_pandas_is_null_in_optional_columns(tmp_path: Path) -> None:
    tracks = one_track(tmp_path / "t.parquet", energy=[float("nan")], year=[float("nan")])

    assert tracks.select("energy", "year").row(0) == (None, None)


@pytest.mark.long
@pytest.mark.needs("taste-profile")
def test_the_taste_profile_loads_unchanged() -> None:
    folder = taste_profile()

    dataset = Dataset.load(folder)

    assert dataset.tracks.equals(pl.read_parquet(folder / "tracks.parquet"))
    source = pl.read_parquet(folder / "interactions.parquet")
    assert dataset.interactions.select(source.columns).cast(source.schema).equals(source)
