"""No command hands a terminal what it would obey: control sequences of the input are escaped."""

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deployments import cli, data_commands
from deployments.asides import doing, tell

RED, TURNED = "\x1b[31m", "\u202e"
SONGS = "track_id,title,artist\n1,Sunrise,Nina Hart\n2,Letter,Copper Wolf\n"
PLAYS = "user_id,track_id\nu,1\nv,2\n"


def refusal(folder: Path, songs: str, plays: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What an import says that refuses a table."""
    (folder / "songs.csv").write_text(songs)
    (folder / "plays.csv").write_text(plays)
    files = ["--tracks", str(folder / "songs.csv"), "--interactions", str(folder / "plays.csv")]
    return said(["data", "import", "table", *files, "--out", str(folder / "out")], capsys)


def said(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one line that a command writes to the error stream before it ends with code 2."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["hybridrec", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
    assert ended.value.code == 2
    return capsys.readouterr().err.removesuffix("\n")


@pytest.mark.parametrize(
    ("songs", "plays", "quoted"),
    [
        pytest.param(
            SONGS.replace("title", f"{RED}name"), PLAYS, r"\x1b[31mname", id="columns-listed"
        ),
        pytest.param(
            SONGS, PLAYS.replace("v,2", f"v,{RED}2"), r"\x1b[31m2", id="an-unknown-track"
        ),
        pytest.param(
            SONGS.replace("artist\n", "artist,year\n").replace("Hart", f"Hart,{RED}{TURNED}9")
            .replace("Wolf", "Wolf,9"), PLAYS, r"\x1b[31m\u202e9", id="a-year-that-is-none",
        ),
    ],
)  # fmt: skip
def test_a_refused_table_is_quoted_with_escapes(
    tmp_path: Path, songs: str, plays: str, quoted: str, capsys: pytest.CaptureFixture[str]
) -> None:
    line = refusal(tmp_path, songs, plays, capsys)

    assert line.isprintable()
    assert quoted in line


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["data", f"{RED}synth"], id="a-command"),
        pytest.param(["check", f"{RED}nowhere.yaml"], id="a-path"),
        pytest.param(
            ["data", "import", "table", "--tracks", "a.csv", "--interactions", "b.csv",
             "--out", "o", "--map", f"{RED}title=x"], id="a-map",
        ),
    ],
)  # fmt: skip
def test_a_refused_argument_is_quoted_with_escapes(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    line = said(arguments, capsys)

    assert line.isprintable()
    assert r"\x1b[31m" in line


def test_findings_on_a_configuration_are_written_with_escapes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "serve.yaml"
    path.write_text('"\\e[31mhttp_options": {}\nlogging_config: {log_level: "\\e[31mINFO"}\n')

    lines = said(["check", str(path)], capsys).splitlines()

    assert all(line.isprintable() for line in lines)
    assert sum(r"\x1b[31m" in line for line in lines) == 2


def test_a_warning_is_written_with_escapes(capsys: pytest.CaptureFixture[str]) -> None:
    tell(f"column '{RED}'")

    assert capsys.readouterr().err == "column '\\x1b[31m'\n"


def test_a_warning_of_a_mapped_column_is_written_with_escapes(tmp_path: Path) -> None:
    (tmp_path / "songs.csv").write_text(SONGS.replace("track_id", f"{RED}id").replace("2,", "1 ,"))
    (tmp_path / "plays.csv").write_text(PLAYS.replace("v,2", "v,1"))

    result = CliRunner().invoke(
        data_commands.app,
        ["import", "table", "--tracks", str(tmp_path / "songs.csv"), "--interactions",
         str(tmp_path / "plays.csv"), "--out", str(tmp_path / "out"),
         "--map", f"tracks.track_id={RED}id"],
    )  # fmt: skip

    assert result.exit_code == 0
    assert r"column '\x1b[31mid' (track_id): ids that differ" in result.stderr
    assert all(line.isprintable() for line in result.stderr.splitlines())


def test_a_message_is_written_to_the_letter(capsys: pytest.CaptureFixture[str]) -> None:
    tell("serve.yaml:100: [red]x[/red] :cat: " + "long " * 100)

    assert capsys.readouterr().err == "serve.yaml:100: [red]x[/red] :cat: " + "long " * 100 + "\n"


def test_what_is_done_is_said_to_the_letter_and_with_escapes() -> None:
    assert str(doing(f"reading [red]{RED}.csv").status) == r"reading [red]\x1b[31m.csv"
