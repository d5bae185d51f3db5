from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from hybridrec.datasets.table import Dataset, read_tracks
from hybridrec.errors import InvalidData

Columns = Mapping[str, object]

TRACK_COLUMNS: Columns = {
    "track_id": ["a", "b", "c"],
    "title": ["Sunrise", "Letter", "Undertow"],
    "artist": ["Nina Hart", "Copper Wolf", None],
}
INTERACTION_COLUMNS: Columns = {"user_id": ["u", "u", "v"], "track_id": ["a", "b", "c"]}


def written(path: Path, columns: Columns) -> Path:
    pl.DataFrame(columns, strict=False).write_parquet(path)
    return path


TRACK_REFUSALS = [
    pytest.param({"artist": None}, ("'artist'", "3 rows", "map artist=COLUMN"), id="no-artist"),
    pytest.param(
        {"year": ["1999", "soon", "x"]},
        ("'year'", "2 rows", "'soon'", "whole numbers"),
        id="year-of-words",
    ),
    pytest.param(
        {"year": [1999.5, 2000.0, None]}, ("'year'", "1 row", "whole numbers"), id="half-a-year"
    ),
    pytest.param(
        {"energy": ["high", None, None]}, ("'energy'", "1 row", "0.5"), id="energy-of-words"
    ),
    pytest.param(
        {"energy": [True, True, None]}, ("'energy'", "2 rows", "0.5"), id="energy-of-truths"
    ),
    pytest.param(
        {"energy": [0.5, 1.2, -0.1]},
        ("'energy'", "(such as 1.2)", "2 rows", "0 to 1"),
        id="energy-out-of-range",
    ),
    pytest.param(
        {"tempo": [float("inf"), 120, None]},
        ("'tempo'", "(such as inf)", "1 row", "1 to 400"),
        id="infinite-tempo",
    ),
    pytest.param(
        {"track_id": ["a", "b", "a"]}, ("'track_id'", "2 rows", "one row a track"), id="duplicates"
    ),
    pytest.param(
        {"track_id": ["a", None, None]}, ("'track_id'", "2 rows", "fill them in"), id="null-ids"
    ),
    pytest.param(
        {"track_id": ["a", "b" * 512, "c" * 513]},
        ("'track_id'", "1 row (row 3)", "512 characters", "shorten"),
        id="endless-id",
    ),
    pytest.param(
        {"track_id": ["a", "b", " "]}, ("'track_id'", "1 row", "fill them in"), id="blank-id"
    ),
    pytest.param(
        {"track_id": [1.0, 2.0, 3.0]}, ("'track_id'", "3 rows", "whole numbers"), id="ids-of-floats"
    ),
    pytest.param(
        {"tags": ["['a', 'b']", "a|b", None]}, ("'tags'", "1 row", '["a","b"]'), id="python-list"
    ),
    pytest.param(
        {"tags": ["('a',)", "{'a'}", None]},
        ("'tags'", "2 rows", "a|b|c"),
        id="python-tuple-and-set",
    ),
    pytest.param(
        {"tags": ['["a", "b"', '["a" "b"]', None]}, ("'tags'", "2 rows", "a|b|c"), id="bad-json"
    ),
    *[
        pytest.param(
            {"genres": [text, "indie|rock", None]},
            ("'genres'", "another notation", "1 row (row 1)", "a|b|c", "empty"),
            id=f"list-{text}",
        )
        for text in (
            "{}",
            "set()",
            "{rock}",
            "(rock)",
            "frozenset({'a'})",
            "<rock><pop>",
            "None",
            "NULL",
            "null",
            "N/A",
            "[rock]",
            "(rock|pop)",
            "list()",
            "'rock'",
            "`rock`",
            "\u201arock\u2018",
            "\u300crock\u300d",
            "'rock'|'pop'",
            '"rock"|"pop"',
            "\u201crock\u201d",
            "\u2018rock\u2019",
            "\u201erock\u201c",
            "\u201erock\u201d",
            "\u00abrock\u00bb",
            "\u00bbrock\u00ab",
            "rock|'pop'",
            "rock| 'r&b' |pop",
            'rock|"pop"',
            "rock|\u00abpop\u00bb",
            "'rock|pop'",
            "'rock' 'pop'",
            "rock\u3001pop",
            "rock\uff0cpop",
            "rock\uff1bpop",
            "rock\uff5cpop",
            "rock\uff64pop",
            "rock\u060cpop",
            "rock\u061bpop",
            "rock\u00a6pop",
            "NA",
            "na",
            "n/a",
            "#N/A",
            "\\N",
            "none",
        )
    ],
    pytest.param(
        {"genres": ["rock, pop", "r&b, soul", None]},
        ("'genres'", "another notation", "'rock, pop'", "2 rows (rows 1, 2)", '["a, b"]'),
        id="commas-in-a-list",
    ),
    pytest.param(
        {"moods": ["calm;sad", "dark", "warm\tsad"]},
        ("'moods'", "another notation", "2 rows (rows 1, 3)", "a|b|c"),
        id="semicolons-and-tabs-in-a-list",
    ),
    pytest.param(
        {"loudness": [-6.5, 21, float("-inf")]},
        ("'loudness'", "2 rows (rows 2, 3)", "-100 to 20"),
        id="loudness-out-of-range",
    ),
    pytest.param(
        {"key": [-1, 11, 12]}, ("'key'", "2 rows (rows 1, 3)", "0 to 11", "empty"), id="no-key"
    ),
    pytest.param({"key": [3, 4.5, None]}, ("'key'", "(row 2)", "11 (B)"), id="between-two-keys"),
    pytest.param({"mode": [0, 0.5, 1]}, ("'mode'", "(row 2)", "1 for major"), id="half-major"),
    pytest.param({"mode": [0, 2, 1]}, ("'mode'", "(row 2)", "0 to 1"), id="mode-out-of-range"),
    pytest.param(
        {"duration_ms": [215, 180.5, None]},
        ("'duration_ms'", "2 rows", "in milliseconds; multiply by 1000"),
        id="seconds",
    ),
    pytest.param({"tags": [1, 2, 3]}, ("'tags'", "3 rows", "a|b|c"), id="numbers-as-tags"),
    pytest.param(
        {key: [] for key in TRACK_COLUMNS}, ("'track_id'", "0 rows", "export"), id="empty"
    ),
]

INTERACTION_REFUSALS = [
    pytest.param({"user_id": None}, ("'user_id'", "3 rows", "map user_id=COLUMN"), id="no-user"),
    pytest.param(
        {"user_id": ["u", None, "v"]}, ("'user_id'", "1 row", "drop these rows"), id="null-user"
    ),
    pytest.param({"plays": [1, 0, -2]}, ("'plays'", "2 rows", "above 0"), id="plays-below-one"),
    pytest.param(
        {"plays": [1.0, float("nan"), None]},
        ("'plays'", "2 rows", "leave the column out"),
        id="nan-and-null",
    ),
    pytest.param(
        {"plays": [1.0, float("inf"), 1.0]}, ("'plays'", "1 row", "drop"), id="infinite-plays"
    ),
    pytest.param(
        {"plays": [0, 0, 1], "event": ["skip", "play", "play"]},
        ("'plays'", "1 row", "drop"),
        id="play-of-none",
    ),
    pytest.param(
        {"plays": ["many", 1, 2]}, ("'plays'", "1 row", "plain numbers"), id="plays-of-words"
    ),
    pytest.param(
        {"event": ["play", "heard", "PLAY"]},
        ("'event'", "2 rows", "play, skip, like"),
        id="unknown-event",
    ),
    pytest.param(
        {"timestamp": ["yesterday", "2024-13-01", None]},
        ("'timestamp'", "2 rows", "ISO 8601"),
        id="no-time",
    ),
    pytest.param(
        {"timestamp": [1714564800000000, 1, 2]},
        ("'timestamp'", "1 row", "milliseconds"),
        id="microseconds",
    ),
    pytest.param(
        {"timestamp": [[1], [2], [3]]}, ("'timestamp'", "3 rows", "ISO 8601"), id="lists-as-times"
    ),
    pytest.param({"ms_played": [-5, 1, 2]}, ("'ms_played'", "1 row", "0 to"), id="negative-time"),
    pytest.param(
        {"track_id": ["a", "x", "y"]},
        ("'track_id'", "2 rows", "drop these rows"),
        id="unknown-tracks",
    ),
    pytest.param(
        {key: [] for key in INTERACTION_COLUMNS}, ("'user_id'", "0 rows", "export"), id="empty"
    ),
]


@pytest.fixture
def tracks_path(tmp_path: Path) -> Path:
    return written(tmp_path / "tracks.parquet", TRACK_COLUMNS)


@pytest.fixture
def interactions_path(tmp_path: Path) -> Path:
    return written(tmp_path / "log.parquet", INTERACTION_COLUMNS)


def assert_says(error: InvalidData, path: Path, parts: tuple[str, ...]) -> None:
    assert str(path) in error.detail
    assert "\n" not in error.detail
    assert [part for part in parts if part not in error.detail] == []


def changed(columns: Columns, changes: Columns) -> Columns:
    return {name: values for name, values in {**columns, **changes}.items() if values is not None}


@pytest.mark.parametrize(("changes", "parts"), TRACK_REFUSALS)
def test_tracks_are_refused_in_one_line(
    tmp_path: Path, interactions_path: Path, changes: Columns, parts: tuple[str, ...]
) -> None:
    path = written(tmp_path / "songs.parquet", changed(TRACK_COLUMNS, changes))

    with pytest.raises(InvalidData) as refused:
        Dataset.read(path, interactions_path).save(tmp_path / "out")

    assert_says(refused.value, path, parts)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("changes", "parts"), INTERACTION_REFUSALS)
def test_interactions_are_refused_in_one_line(
    tmp_path: Path, tracks_path: Path, changes: Columns, parts: tuple[str, ...]
) -> None:
    path = written(tmp_path / "plays.parquet", changed(INTERACTION_COLUMNS, changes))

    with pytest.raises(InvalidData) as refused:
        Dataset.read(tracks_path, path).save(tmp_path / "out")

    assert_says(refused.value, path, parts)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("(500) Days|a<b", ["(500) Days", "a<b"], id="brackets-in-words"),
        pytest.param('["(rock)","None"]', ["(rock)", "None"], id="json"),
        pytest.param("none such|nan", ["none such", "nan"], id="words-for-nothing-among-others"),
        pytest.param("nan", [], id="nan-is-empty"),
        pytest.param(" NaN ", [], id="nan-of-pandas"),
        pytest.param("naan", ["naan"], id="bread"),
        pytest.param("nan\u00e1|\\Nu", ["nan\u00e1", "\\Nu"], id="longer-than-no-value"),
        pytest.param("rock|NA|\\N", ["rock", "NA", "\\N"], id="no-value-among-others"),
        pytest.param("'80s & '90s'", ["'80s & '90s'"], id="apostrophes-around-a-word"),
        pytest.param("'80s|rockin'|'90s", ["'80s", "rockin'", "'90s"], id="apostrophes"),
        pytest.param(
            "\u201980s|rock \u2019n\u2019 roll",
            ["\u201980s", "rock \u2019n\u2019 roll"],
            id="typeset",
        ),
        pytest.param('"Weird" Al|12"', ['"Weird" Al', '12"'], id="quotes-in-words"),
        pytest.param('["\'rock\'","NA"]', ["'rock'", "NA"], id="json-of-what-else-is-refused"),
    ],
)
def test_words_that_only_resemble_another_notation_are_read(
    tmp_path: Path, text: str, words: list[str]
) -> None:
    path = written(tmp_path / "t.parquet", {**TRACK_COLUMNS, "tags": [text, None, "x"]})

    assert read_tracks(path)["tags"].to_list() == [words, [], ["x"]]
