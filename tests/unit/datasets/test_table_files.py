from pathlib import Path

import polars as pl
import pytest

from hybridrec.datasets.column_map import ColumnMaps
from hybridrec.datasets.table import Dataset, check_pair, read_interactions, read_tracks
from hybridrec.errors import InvalidData

TRACK_COLUMNS = {
    "track_id": ["a", "b", "c"],
    "title": ["Sunrise", "Letter", "Undertow"],
    "artist": ["Nina Hart", "Copper Wolf", "Ada Vale"],
}
INTERACTION_COLUMNS = {"user_id": ["u", "u", "v"], "track_id": ["a", "b", "c"]}


def written(path: Path, columns: dict[str, list[str]]) -> Path:
    pl.DataFrame(columns, strict=False).write_parquet(path)
    return path


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


@pytest.mark.parametrize(
    ("name", "content", "parts"),
    [
        pytest.param("gone.csv", None, ("does not exist", "check its path"), id="no-file"),
        pytest.param("t.xlsx", b"PK", ("convert it", ".parquet, .csv, .jsonl"), id="excel"),
        pytest.param("t.parquet", b"not a table", ("no readable", "export it"), id="fake-parquet"),
        pytest.param("t.csv", b"", ("0 rows", "export it"), id="no-bytes"),
        pytest.param("t.jsonl", b"[1, 2", ("no readable", "export it"), id="fake-jsonl"),
        pytest.param("t.csv", b"a,b\n1,2,3\n\xff,1\n", ("t.csv",), id="ragged-binary"),
    ],
)
def test_what_is_no_table_is_refused(
    tmp_path: Path, name: str, content: bytes | None, parts: tuple[str, ...]
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(InvalidData) as refused:
        read_tracks(path)

    assert_says(refused.value, path, parts)


def test_a_folder_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(InvalidData, match="is a folder"):
        read_interactions(tmp_path)


def test_a_mapped_column_that_is_not_there_is_named(tracks_path: Path) -> None:
    with pytest.raises(InvalidData, match=r"'song_name': missing in 3 rows; .*title=COLUMN"):
        read_tracks(tracks_path, {"title": "song_name"})


def test_a_map_entry_that_is_turned_round_is_told_the_right_way() -> None:
    with pytest.raises(InvalidData, match="'title' is the field: write --map 'title=song name'"):
        ColumnMaps.parse(["song name=title"])


def test_an_unknown_field_of_a_map_is_met_with_the_nearest(tracks_path: Path) -> None:
    with pytest.raises(InvalidData, match=r"tracks\.parquet.*no field 'titel'; write 'title'"):
        read_tracks(tracks_path, {"titel": "title"})


def test_a_dataset_survives_saving(
    tmp_path: Path, tracks_path: Path, interactions_path: Path
) -> None:
    dataset = Dataset.read(tracks_path, interactions_path)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text("mine")

    dataset.save(tmp_path / "out")
    dataset.save(tmp_path / "out")  # overwrites its own files

    loaded = Dataset.load(tmp_path / "out")
    assert loaded.tracks.equals(dataset.tracks)
    assert loaded.interactions.equals(dataset.interactions)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "interactions.parquet",
        "notes.txt",
        "tracks.parquet",
    ]


def test_a_dataset_of_other_types_is_not_saved(tmp_path: Path, tracks_path: Path) -> None:
    dataset = Dataset(read_tracks(tracks_path), pl.DataFrame(INTERACTION_COLUMNS))

    with pytest.raises(InvalidData, match="canonical schema"):
        dataset.save(tmp_path / "out")

    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_named(
    tracks_path: Path, interactions_path: Path
) -> None:
    dataset = Dataset.read(tracks_path, interactions_path)

    with pytest.raises(InvalidData, match="cannot be written"):
        dataset.save(tracks_path)


def test_a_pair_that_fits_passes(tracks_path: Path, interactions_path: Path) -> None:
    check_pair(read_tracks(tracks_path), read_interactions(interactions_path))
