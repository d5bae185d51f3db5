from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner, Result

from deployments.data_commands import app
from hybridrec.datasets.synthetic import load_truth
from hybridrec.datasets.table import Dataset
from hybridrec.errors import InvalidData
from tests.unit.datasets.hetrec_release import write_release


def run(*arguments: str | int | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def songs(tmp_path: Path) -> Path:
    path = tmp_path / "songs.csv"
    path.write_text("song,name,artist\n1,Sunrise,Nina Hart\n2,Letter,Copper Wolf\n")
    return path


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.jsonl"
    path.write_text('{"uid": "u", "song": 1, "plays": 2}\n{"uid": "v", "song": 2, "plays": 1}\n')
    return path


def test_synth_writes_a_world_and_says_so_in_one_line(tmp_path: Path) -> None:
    result = run("synth", "--out", tmp_path / "w", "--users", 20, "--tracks", 60, "--seed", 3)

    dataset = Dataset.load(tmp_path / "w")
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 1
    assert f"{len(dataset.interactions):,} interactions" in result.stdout
    assert f"60 tracks written to {tmp_path / 'w'}" in result.stdout
    assert len(load_truth(tmp_path / "w").user_truth) == 20


def test_synth_gives_the_same_bytes_for_the_same_seed(tmp_path: Path) -> None:
    for name in ("one", "two"):
        run("synth", "--out", tmp_path / name, "--users", 20, "--tracks", 60)

    for file in ("tracks.parquet", "interactions.parquet", "truth.safetensors"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_synth_leaves_other_files_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")

    run("synth", "--out", tmp_path, "--users", 20, "--tracks", 60)
    run("synth", "--out", tmp_path, "--users", 20, "--tracks", 80)

    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert len(Dataset.load(tmp_path).tracks) == 80
    assert len(list(tmp_path.iterdir())) == 4


def test_tables_are_imported_through_a_map(tmp_path: Path, songs: Path, log: Path) -> None:
    result = run(
        *("import", "table", "--tracks", songs, "--interactions", log, "--out", tmp_path / "out"),
        *("--map", "track_id=song", "--map", "tracks.title=name", "--map", "user_id=uid"),
    )

    dataset = Dataset.load(tmp_path / "out")
    assert result.exit_code == 0
    assert result.stdout.startswith("2 interactions of 2 users with 2 tracks written to ")
    assert dataset.tracks["title"].to_list() == ["Sunrise", "Letter"]
    assert dataset.interactions.select("user_id", "track_id", "plays").rows() == [
        ("u", "1", 2),
        ("v", "2", 1),
    ]


@pytest.mark.parametrize(
    ("maps", "message"),
    [
        pytest.param([], "songs.csv: column 'track_id': missing in 2 rows", id="no-map"),
        pytest.param(["track_ids=song"], "write 'track_id'", id="misspelt-field"),
        pytest.param(["track_id=song", "title=name"], "column 'user_id'", id="half-a-map"),
    ],
)
def test_a_refused_import_writes_nothing(
    tmp_path: Path, songs: Path, log: Path, maps: list[str], message: str
) -> None:
    options = [part for entry in maps for part in ("--map", entry)]
    out = tmp_path / "out"

    result = run(
        "import", "table", "--tracks", songs, "--interactions", log, "--out", out, *options
    )

    assert isinstance(result.exception, InvalidData)
    assert message in result.exception.detail
    assert not out.exists()


def test_plays_that_have_not_happened_yet_are_refused(tmp_path: Path, songs: Path) -> None:
    log, out = tmp_path / "log.csv", tmp_path / "out"
    log.write_text("user_id,song,timestamp\nu,1,2590000000\nu,2,1714564800\nu,2,\n")  # in 2052

    result = run(
        *("import", "table", "--tracks", songs, "--interactions", log, "--out", out),
        *("--map", "track_id=song", "--map", "title=name"),
    )

    assert isinstance(result.exception, InvalidData)
    assert f"{log}: column 'timestamp': " in result.exception.detail
    assert "'2052-01-27') in 1 row (line 2); " in result.exception.detail
    assert not out.exists()


def test_an_import_that_is_refused_leaves_the_earlier_one(
    tmp_path: Path, songs: Path, log: Path
) -> None:
    out = tmp_path / "out"
    run("synth", "--out", out, "--users", 20, "--tracks", 60)
    before = pl.read_parquet(out / "tracks.parquet")

    run("import", "table", "--tracks", songs, "--interactions", log, "--out", out)

    assert pl.read_parquet(out / "tracks.parquet").equals(before)


def test_hetrec_is_imported_and_says_what_it_left_out(tmp_path: Path) -> None:
    release = write_release(tmp_path / "src")

    result = run("import", "hetrec2011", release, "--out", tmp_path / "out")

    assert result.exit_code == 0
    assert result.stdout == f"4 interactions of 3 users with 3 tracks written to {tmp_path}/out\n"
    assert "1 taggings of artists that artists.dat lacks are left out" in result.stderr
    assert Dataset.load(tmp_path / "out").tracks["genres"].to_list() == [["hip_hop"], [], []]


def test_a_refused_hetrec_writes_nothing(tmp_path: Path) -> None:
    release = write_release(tmp_path / "src", plays=[(2, 1, 0)])

    result = run("import", "hetrec2011", release, "--out", tmp_path / "out")

    assert isinstance(result.exception, InvalidData)
    assert not (tmp_path / "out").exists()


def test_ids_that_look_alike_are_warned_of_and_kept(tmp_path: Path) -> None:
    songs, log, out = tmp_path / "songs.csv", tmp_path / "log.csv", tmp_path / "out"
    songs.write_text('track_id,title,artist\nA,Sunrise,X\na,Letter,Y\n"b ",Now,Z\n')
    log.write_text("uid,track_id\nann,a\nann,A\nAnn,A\na nn,a\nbob,a\n")

    result = run(
        *("import", "table", "--tracks", songs, "--interactions", log, "--out", out),
        *("--map", "user_id=uid"),
    )

    assert result.exit_code == 0
    assert Dataset.load(out).tracks["track_id"].to_list() == ["A", "a", "b "]
    twins, padded, users = result.stderr.splitlines()
    assert twins == (
        f"warning: {songs}: column 'track_id': ids that differ only in case, blanks or ways of"
        " writing a character ('A' and 'a') (lines 2, 3) count as different; write them alike if"
        " they are one"
    )
    assert padded == (
        f"warning: {songs}: column 'track_id': ids with blanks around them ('b ') (line 4) are"
        " kept so; requests must write them the same way"
    )
    assert f"{log}: column 'uid' (user_id): ids that differ only in case, blanks or ways" in users
    assert "('ann' and 'Ann' and 'a nn') (lines 2, 4, 5)" in users


def test_ids_and_words_that_unicode_takes_for_one_are_warned_of_by_their_code_points(
    tmp_path: Path,
) -> None:
    songs, log = tmp_path / "songs.csv", tmp_path / "log.csv"
    header, composed, decomposed = "track_id,title,artist,genres,tags", "caf\u00e9", "cafe\u0301"
    songs.write_text(
        f"{header}\n{composed},A,X,Rock|jazz,T\n{decomposed},B,Y,rock|pop,t\nc,C,Z,jazz,t\n"
    )
    log.write_text("user_id,track_id\nann,c\na\u200bnn,c\n")

    result = run(
        *("import", "table", "--tracks", songs, "--interactions", log, "--out", tmp_path / "out")
    )

    ids, users, genres = result.stderr.splitlines()
    assert f"('{composed}' and 'cafe\\u0301') (lines 2, 3)" in ids
    assert "('ann' and 'a\\u200bnn') (lines 2, 3)" in users
    assert "'genres': words that differ only in case" in genres
    assert "('Rock' and 'rock') (lines 2, 3)" in genres


def states(folder: Path) -> dict[Path, tuple[int, ...]]:
    """Of each file: what a write would change, and a look would not."""
    found = {path: path.stat() for path in folder.rglob("*")}
    return {
        path: (one.st_ino, one.st_mode, one.st_size, one.st_mtime_ns) for path, one in found.items()
    }


@pytest.mark.parametrize("name", ["tracks.parquet", "interactions.parquet"])
def test_a_table_whose_place_is_taken_leaves_the_other_as_it_was(
    tmp_path: Path, songs: Path, log: Path, name: str
) -> None:
    out = tmp_path / "out"
    run("synth", "--out", out, "--users", 20, "--tracks", 60)
    (out / name).unlink()
    (out / name).mkdir()
    before = states(out)

    result = run(
        *("import", "table", "--tracks", songs, "--interactions", log, "--out", out),
        *("--map", "track_id=song", "--map", "title=name", "--map", "user_id=uid"),
    )

    assert isinstance(result.exception, InvalidData)
    assert "cannot be written" in result.exception.detail
    assert states(out) == before
