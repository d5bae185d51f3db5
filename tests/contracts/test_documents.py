"""Examples run, and links between documents lead somewhere; test_blocks.py runs the rest."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contracts.blocks import DOCUMENTS, ROOT

EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


@pytest.fixture
def folder_with_demo(tmp_path: Path, tiny_bundle: Path) -> Path:
    """Where ``make demo`` has been, with a smaller bundle."""
    (tmp_path / ".demo").mkdir()
    (tmp_path / ".demo" / "bundle").symlink_to(tiny_bundle)
    return tmp_path


def run_python(arguments: list[str], folder: Path) -> str:
    done = subprocess.run(  # noqa: S603  our own interpreter and files
        [sys.executable, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs_and_shows_something(example: Path, folder_with_demo: Path) -> None:
    shown = run_python([str(example)], folder_with_demo)

    assert shown.strip()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_short(example: Path) -> None:
    assert len(example.read_text().splitlines()) <= 60


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text())

    missing = [link for link in links if not (document.parent / link).exists()]

    assert missing == []
