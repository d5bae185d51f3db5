"""HetRec 2011 Last.fm-2K in its official layout."""

import os
from pathlib import Path

import polars as pl
import pytest

from hybridrec.datasets.hetrec import read_hetrec
from hybridrec.errors import InvalidData
from hybridrec.schema.names import AUDIO_FEATURES
from hybridrec.schema.tables import INTERACTIONS, TRACKS
from tests.parts import hetrec2011
from tests.unit.datasets.hetrec_release import ARTISTS, PLAYS, TAGGINGS, TAGS, Cells, write_release

FILES = ["artists.dat", "tags.dat", "user_artists.dat", "user_taggedartists.dat"]


def test_artists_are_the_tracks_and_weights_the_plays(tmp_path: Path) -> None:
    dataset = read_hetrec(write_release(tmp_path)).dataset

    assert dataset.tracks.select("track_id", "title", "artist").rows() == [
        (str(row[0]), row[1], row[1]) for row in ARTISTS
    ]
    assert dataset.interactions.select("user_id", "track_id", "plays").rows() == [
        (str(user), str(artist), plays) for user, artist, plays in PLAYS
    ]
    assert (dataset.tracks.schema, dataset.interactions.schema) == (TRACKS, INTERACTIONS)
    dataset.check()


def test_no_audio_and_no_time_is_made_up(tmp_path: Path) -> None:
    dataset = read_hetrec(write_release(tmp_path)).dataset

    audio = dataset.tracks.select(*AUDIO_FEATURES, "loudness", "key", "mode")
    assert audio.null_count().row(0) == (len(dataset.tracks),) * audio.width
    assert dataset.interactions["timestamp"].null_count() == len(PLAYS)


def test_tags_become_genres_moods_and_what_is_left(tmp_path: Path) -> None:
    tracks = read_hetrec(write_release(tmp_path)).dataset.tracks

    assert tracks.select("genres", "moods", "tags").rows() == [
        (["hip_hop"], ["sad"], ["español"]),
        ([], [], []),
        ([], [], ["seen_live"]),
    ]


def test_tags_in_utf_8_are_read_too(tmp_path: Path) -> None:
    write_release(tmp_path)
    tags = tmp_path / "tags.dat"
    tags.write_bytes(tags.read_bytes().decode("cp1252").encode("utf-8"))

    assert read_hetrec(tmp_path).dataset.tracks["tags"][0].to_list() == ["español"]


def test_taggings_of_artists_that_the_release_lacks_are_left_out_and_counted(
    tmp_path: Path,
) -> None:
    assert read_hetrec(write_release(tmp_path)).n_left_out == 1


def test_a_separator_of_unicode_does_not_end_a_line(tmp_path: Path) -> None:
    artists = [(1, "A\u2028B\x85C", "", ""), *ARTISTS[1:]]

    tracks = read_hetrec(write_release(tmp_path, artists=artists)).dataset.tracks

    assert tracks["title"][0] == "A\u2028B\x85C"


def test_quotes_are_letters(tmp_path: Path) -> None:
    artists = [(1, '"Weird" A', "", ""), (2, '"', "", ""), *ARTISTS[2:]]

    tracks = read_hetrec(write_release(tmp_path, artists=artists)).dataset.tracks

    assert tracks["title"].to_list()[:2] == ['"Weird" A', '"']


REFUSALS = [
    pytest.param(
        {"artists": [*ARTISTS, (2, "Twin", "", "")]},
        "artists.dat: column 'id' (track_id): duplicate ids (such as '2') in 2 rows (lines 3, 5)",
        id="artist-twice",
    ),
    pytest.param(
        {"artists": [*ARTISTS, ("x", "Twin", "", "")]},
        "artists.dat: column 'id': no whole numbers above 0 (such as 'x') in 1 row (line 5)",
        id="artist-without-number",
    ),
    pytest.param(
        {"artists": [*ARTISTS, (8, " ", "", "")]},
        "artists.dat: column 'name': empty names (such as ' ') in 1 row (line 5)",
        id="artist-without-name",
    ),
    pytest.param(
        {"artists": [*ARTISTS, (8, "X", "")]},
        "artists.dat: 4 columns, but another number of cells (such as 3) in 1 row (line 5)",
        id="too-few-cells",
    ),
    pytest.param(
        {"artists": []}, "artists.dat: column 'id' (track_id): no values in 0 rows", id="no-artist"
    ),
    pytest.param(
        {"plays": []}, "user_artists.dat: column 'userID' (user_id): no values", id="no-plays"
    ),
    pytest.param({"tags": []}, "tags.dat: column 'tagID': no values in 0 rows", id="no-tag"),
    pytest.param(
        {"taggings": []},
        "user_taggedartists.dat: column 'tagID': no values in 0 rows",
        id="no-taggings",
    ),
    pytest.param(
        {"plays": [*PLAYS, (4, 1, 0), (4, 2, -3)]},
        "user_artists.dat: column 'weight': no whole numbers above 0 (such as '0') in 2 rows"
        " (lines 6, 7)",
        id="weights-below-one",
    ),
    pytest.param(
        {"plays": [*PLAYS, (4, 1, 1_000_001)]},
        "user_artists.dat: column 'weight' (plays): values out of range",
        id="weight-beyond-all-time",
    ),
    pytest.param(
        {"plays": [*PLAYS, (4, 55, 3)]},
        "user_artists.dat: column 'artistID' (track_id): artists that artists.dat lacks (such as"
        " '55') in 1 row (line 6); unpack hetrec2011-lastfm-2k.zip again if artists.dat is cut off,"
        " or add them there, or drop these rows",
        id="unknown-artist",
    ),
    pytest.param(
        {"plays": [*PLAYS, (2, 2, 9)]},
        "user_artists.dat: column 'artistID': artists that one user has more than once"
        " (such as '2') in 2 rows (lines 3, 6)",
        id="pair-twice",
    ),
    pytest.param(
        {"plays": [*PLAYS, ("", 2, 9)]},
        "user_artists.dat: column 'userID': no whole numbers above 0 (such as '') in 1 row",
        id="no-user",
    ),
    pytest.param(
        {"tags": [*TAGS, (3, "gloomy")]},
        "tags.dat: column 'tagID': duplicate ids (such as '3') in 2 rows (lines 4, 8)",
        id="tag-twice",
    ),
    pytest.param(
        {"taggings": [*TAGGINGS, (2, 1, 77, 1, 1, 2009)]},
        "user_taggedartists.dat: column 'tagID': unknown tags (such as '77') in 1 row (line 9)",
        id="unknown-tag",
    ),
    pytest.param(
        {"tags": [*TAGS, (9, " ")]},
        "tags.dat: column 'tagValue': empty tags (such as ' ') in 1 row (line 8)",
        id="tag-without-text",
    ),
    pytest.param(
        {"artists": [*ARTISTS, (8, "A\0B", "", "")]},
        "artists.dat: column 'name': NUL characters (such as 'A\\x00B') in 1 row (line 5)",
        id="nul-in-a-name",
    ),
    *[
        pytest.param(
            {"taggings": [*TAGGINGS, (2, 1, 1, day, month, year)]},
            f"user_taggedartists.dat: column '{column}': {problem} in 1 row (line 9); ",
            id=f"no-day-{year}-{month}-{day}",
        )
        for day, month, year, column, problem in (
            (1, 1, 2099, "year", "years before 1900, or after the release (such as '2099')"),
            (1, 1, 2012, "year", "years before 1900, or after the release (such as '2012')"),
            (1, 1, 1899, "year", "years before 1900, or after the release (such as '1899')"),
            (
                1,
                1,
                "9" * 30,
                "year",
                f"years before 1900, or after the release (such as '{'9' * 30}')",
            ),
            (1, 1, "abc", "year", "no whole numbers above 0 (such as 'abc')"),
            (1, 13, 2009, "month", "no months (such as '13')"),
            (31, 4, 2009, "day", "no days of their month (such as '31')"),
            (29, 2, 2009, "day", "no days of their month (such as '29')"),
            (0, 2, 2009, "day", "no whole numbers above 0 (such as '0')"),
        )
    ],
]


def test_a_leap_day_and_the_last_day_of_the_release_are_days(tmp_path: Path) -> None:
    taggings = [*TAGGINGS, (2, 1, 1, 29, 2, 2008), (2, 1, 1, 31, 12, 2011)]

    assert read_hetrec(write_release(tmp_path, taggings=taggings)).n_left_out == 1


@pytest.mark.parametrize(("files", "message"), REFUSALS)
def test_flaws_are_refused_by_file_column_and_line(
    tmp_path: Path, files: dict[str, Cells], message: str
) -> None:
    write_release(tmp_path, **files)

    with pytest.raises(InvalidData) as refused:
        read_hetrec(tmp_path)

    assert f"{tmp_path}/{message}" in refused.value.detail
    assert "; " in refused.value.detail


@pytest.mark.parametrize("file", FILES)
def test_a_file_that_has_no_header_is_named(tmp_path: Path, file: str) -> None:
    write_release(tmp_path)
    _, _, headless = (tmp_path / file).read_bytes().partition(b"\n")
    (tmp_path / file).write_bytes(headless)

    with pytest.raises(InvalidData) as refused:
        read_hetrec(tmp_path)

    assert f"{tmp_path / file}: line 1 is not the header " in refused.value.detail


@pytest.mark.parametrize("file", FILES)
def test_a_file_that_is_missing_is_named(tmp_path: Path, file: str) -> None:
    (write_release(tmp_path) / file).unlink()

    with pytest.raises(InvalidData) as refused:
        read_hetrec(tmp_path)

    assert f"{tmp_path / file}: cannot be read " in refused.value.detail
    assert "unpack hetrec2011-lastfm-2k.zip and name its folder" in refused.value.detail


def test_another_encoding_of_names_is_refused_by_line(tmp_path: Path) -> None:
    path = write_release(tmp_path) / "artists.dat"
    path.write_bytes(path.read_bytes() + "9\tTeló\t\t\n".encode("latin-1"))

    with pytest.raises(InvalidData) as refused:
        read_hetrec(tmp_path)

    assert refused.value.detail.startswith(f"{path}: line 5 is not in UTF-8; unpack")


def test_a_zip_is_no_folder(tmp_path: Path) -> None:
    path = tmp_path / "hetrec2011-lastfm-2k.zip"
    path.write_bytes(b"PK")

    with pytest.raises(InvalidData, match=r"Not a directory.*; unpack"):
        read_hetrec(path)


@pytest.mark.long
@pytest.mark.needs("hetrec2011")
def test_the_release_is_read_whole() -> None:
    found = read_hetrec(hetrec2011())

    dataset = found.dataset
    dataset.check()
    assert len(dataset.tracks) == 17_632
    assert dataset.n_users == 1_892
    assert found.n_left_out == 1_538
    muse = dataset.tracks.row(by_predicate=pl.col("title") == "Muse", named=True)
    assert muse["genres"][:2] == ["alternative_rock", "rock"]
    assert dataset.tracks["tags"].explode().str.contains("español").any()


def test_a_pipe_is_no_file_to_wait_for(tmp_path: Path) -> None:
    release = write_release(tmp_path)
    (release / "artists.dat").unlink()
    os.mkfifo(release / "artists.dat")

    with pytest.raises(InvalidData, match="is no file; unpack"):
        read_hetrec(release)
