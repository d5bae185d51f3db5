"""Parquet that aborts the process that reads it, or lets its threads complain."""

from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from deployments import data_commands
from deployments.cli import app
from deployments.probe import check_survivable
from hybridrec.datasets.table import INTERACTIONS_FILE
from hybridrec.errors import InvalidData

LENGTH_IN_A_PAGE = 30
"""A byte of the file below that Polars takes at its word."""
SIZE_OF_A_COLUMN = 130
"""One whose change ends in a panic, which Rust prints on the error stream by itself."""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.parquet"
    table = pl.DataFrame({"user_id": ["u", None, "u", "u"], "track_id": ["0", "1", "0", "1"]})
    table.write_parquet(path, compression="uncompressed")
    return path


@pytest.fixture
def damaged(log: Path) -> Path:
    content = bytearray(log.read_bytes())
    content[LENGTH_IN_A_PAGE] = 1
    log.write_bytes(content)
    return log


@pytest.mark.slow
def test_damage_that_aborts_the_reader_is_refused(tmp_path: Path, damaged: Path) -> None:
    songs, out = tmp_path / "songs.csv", tmp_path / "out"
    songs.write_text("track_id,title,artist\n0,A,B\n1,C,D\n")

    arguments = ["import", "table", "--tracks", songs, "--interactions", damaged, "--out", out]
    result = CliRunner().invoke(data_commands.app, [str(argument) for argument in arguments])

    assert isinstance(result.exception, InvalidData)
    assert result.exception.detail.startswith(f"{damaged}: is no readable .parquet table (damaged")
    assert not out.exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("train", "--data", "{folder}", "--out", "{folder}/bundle"), id="train"),
        pytest.param(
            (
                "recommend",
                "--bundle",
                "none",
                "--users",
                "{log}",
                "--out",
                "{folder}/lists.parquet",
            ),
            id="recommend",
        ),
        pytest.param(
            ("evaluate", "--bundle", "none", "--test", "{log}", "--json", "{folder}/figures.json"),
            id="evaluate",
        ),
    ],
)
def test_no_command_reads_such_a_file(damaged: Path, arguments: tuple[str, ...]) -> None:
    folder = damaged.parent
    damaged.rename(folder / INTERACTIONS_FILE)
    names = {"folder": folder, "log": folder / INTERACTIONS_FILE}

    result = CliRunner().invoke(app, [argument.format_map(names) for argument in arguments])

    assert isinstance(result.exception, InvalidData)
    assert "damaged inside" in result.exception.detail
    assert [one.name for one in folder.iterdir()] == [INTERACTIONS_FILE]


@pytest.mark.slow
def test_damage_that_lets_the_reader_panic_is_refused_without_its_words(
    log: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    content = bytearray(log.read_bytes())
    content[SIZE_OF_A_COLUMN] ^= 1
    log.write_bytes(content)

    with pytest.raises(InvalidData) as refused:
        check_survivable(log)

    assert refused.value.detail == (
        f"{log}: is no readable .parquet table (damaged inside, or of another form); export it"
        " again as .parquet"
    )
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_a_file_that_is_cut_off_is_refused(log: Path) -> None:
    log.write_bytes(log.read_bytes()[:-1])

    with pytest.raises(InvalidData, match="damaged inside, or of another form"):
        check_survivable(log)


def test_a_workbook_is_called_one(log: Path) -> None:
    log.write_bytes(b"PK\x03\x04\x14")

    with pytest.raises(InvalidData, match=r"is a workbook .* export it as Parquet"):
        check_survivable(log)


@pytest.mark.slow
def test_a_sound_file_passes_in_whatever_folder(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (log.parent / "polars.py").write_text("raise SystemExit(1)")
    monkeypatch.chdir(log.parent)

    check_survivable(log)


@pytest.mark.parametrize("name", ["gone.parquet", "songs.csv"])
def test_what_the_reader_refuses_itself_is_left_to_it(tmp_path: Path, name: str) -> None:
    check_survivable(tmp_path / name)
