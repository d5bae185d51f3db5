"""Ids and words that are probably one, written in two ways."""

from collections.abc import Sequence

import polars as pl
import pytest

from hybridrec.datasets.look_alikes import look_alikes
from hybridrec.datasets.source import Source
from hybridrec.datasets.table import Dataset
from hybridrec.schema.tables import INTERACTIONS, TRACKS

SONGS, LOG = Source("songs", unit="line"), Source("log")


def told(
    genres: Sequence[Sequence[str]] = (), moods: Sequence[Sequence[str]] = ()
) -> tuple[str, ...]:
    """What is said of tracks with these words, row by row."""
    n_tracks = max(len(genres), len(moods))
    words = {"genres": genres or [[]] * n_tracks, "moods": moods or [[]] * n_tracks}
    ids = {"track_id": [f"t{row}" for row in range(n_tracks)]}
    absent = [pl.lit(None).alias(name) for name in TRACKS if name not in {*ids, *words}]
    tracks = pl.DataFrame(ids | words, strict=False).with_columns(absent).select(*TRACKS)
    return look_alikes(Dataset(tracks.cast(TRACKS), INTERACTIONS.to_frame()), SONGS, LOG)


def test_words_in_one_row_are_told_of_that_row_alone() -> None:
    (line,) = told(genres=[["jazz"], ["rock", "Rock"]])

    assert "('Rock' and 'rock') (line 2) count as different" in line


def test_a_row_with_many_of_them_is_counted_once() -> None:
    (line,) = told(genres=[["rock", "Rock"], ["ROCK", "Jazz"], ["jazz"]])

    assert "(lines 1, 2, 3)" in line


def test_words_of_one_row_are_told_in_the_same_order_each_time() -> None:
    (line,) = told(genres=[["d", "c", "b", "a", "D", "C", "B", "A"]])

    assert "('A' and 'a', 'B' and 'b', 'C' and 'c', …) (line 1)" in line


def test_moods_are_looked_at_as_genres_are() -> None:
    genres, moods = told(genres=[["rock"], ["Rock"]], moods=[["calm"], ["calm "]])

    assert "column 'genres': words that differ only in case" in genres
    assert "column 'moods': words that differ only in case" in moods
    assert "('calm' and 'calm ')" in moods


@pytest.mark.parametrize(
    ("one", "other", "shown"),
    [
        pytest.param("rock", "\uff32\uff4f\uff43\uff4b", "\\uff32\\uff4f\\uff43\\uff4b", id="wide"),
        pytest.param("office", "o\ufb03ce", "o\\ufb03ce", id="ligature"),
        pytest.param("caf\u00e9", "cafe\u0301", "cafe\\u0301", id="decomposed"),
    ],
)
def test_compatible_characters_look_alike_and_are_told_by_their_code_points(
    one: str, other: str, shown: str
) -> None:
    (line,) = told(genres=[[one], [other]])

    assert f"('{one}' and '{shown}') (lines 1, 2)" in line


def test_words_that_differ_in_a_letter_do_not_look_alike() -> None:
    assert told(genres=[["rock", "rack"], ["caf\u00e9", "cafe"]]) == ()
