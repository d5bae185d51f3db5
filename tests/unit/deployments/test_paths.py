"""No option or argument takes an empty path for the current folder."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from deployments.cli import app

COMMANDS = {
    "train, data": ("train", "--out", "b", "--data"),
    "train, out": ("train", "--data", "d", "--out"),
    "train, config": ("train", "--data", "d", "--out", "b", "--config"),
    "inspect": ("inspect",),
    "recommend, bundle": ("recommend", "--users", "u.csv", "--out", "o.parquet", "--bundle"),
    "recommend, users": ("recommend", "--bundle", "b", "--out", "o.parquet", "--users"),
    "recommend, out": ("recommend", "--bundle", "b", "--users", "u.csv", "--out"),
    "evaluate, bundle": ("evaluate", "--test", "t.csv", "--json", "f.json", "--bundle"),
    "evaluate, json": ("evaluate", "--bundle", "b", "--test", "t.csv", "--json"),
    "evaluate, test": ("evaluate", "--bundle", "b", "--json", "f.json", "--test"),
    "evaluate, history": ("evaluate", "--bundle", "b", "--test", "t.csv", "--json", "f.json",
                          "--history"),
    "evaluate, candidates": ("evaluate", "--bundle", "b", "--test", "t.csv", "--json", "f.json",
                             "--candidates"),
    "synth": ("data", "synth", "--out"),
    "table, tracks": ("data", "import", "table", "--interactions", "i", "--out", "d", "--tracks"),
    "table, interactions": ("data", "import", "table", "--tracks", "t", "--out", "d",
                            "--interactions"),
    "table, out": ("data", "import", "table", "--tracks", "t", "--interactions", "i", "--out"),
    "hetrec2011": ("data", "import", "hetrec2011", "--out", "d"),
    "up, bundle": ("up", "--bundle"),
    "up, config": ("up", "--config"),
    "check": ("check",),
}  # fmt: skip
"""Each without the path that follows."""


@pytest.mark.parametrize("path", ["", " "], ids=["empty", "blank"])
@pytest.mark.parametrize("command", COMMANDS)
def test_an_empty_path_is_refused_before_anything_is_done(
    command: str, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    result = CliRunner().invoke(app, [*COMMANDS[command], path])

    assert result.exit_code == 2
    assert "is empty; name a f" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_path_is_taken_as_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    result = CliRunner().invoke(app, ["inspect", " b"])

    assert "there is no bundle at  b" in str(result.exception)
