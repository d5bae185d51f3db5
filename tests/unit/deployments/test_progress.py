"""How far a training is, on a terminal and where there is none."""

import io

import pytest
from rich.console import Console

from deployments import progress
from deployments.progress import shown_progress


def test_without_a_terminal_each_stage_is_told_once_when_it_begins(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with shown_progress() as report:
        for stage, done in (("factors", 0.5), ("factors", 1.0), ("towers", 0.1)):
            report(stage, done)
            said = capsys.readouterr().err
            assert said == (f"training: {stage}\n" if done < 1.0 else "")


def test_on_a_terminal_each_stage_has_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    terminal = Console(file=screen, force_terminal=True, width=100)
    monkeypatch.setattr(progress, "Console", lambda *, stderr: terminal if stderr else None)

    with shown_progress() as report:
        report("factors", 1.0)
        report("towers", 0.5)

    bars = screen.getvalue().splitlines()
    assert any("factors" in bar and "100%" in bar for bar in bars)
    assert any("towers" in bar and "50%" in bar for bar in bars)
