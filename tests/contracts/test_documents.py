"""What the documents show, runs."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from hybridrec.training.config import TrainConfig

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
DOCUMENTS = sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("k8s/*.md")])


def blocks(document: Path, language: str) -> list[str]:
    """The code blocks of a document in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", document.read_text(), re.MULTILINE | re.DOTALL)


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


@pytest.mark.slow
def test_the_python_of_the_readme_runs(folder_with_demo: Path) -> None:
    found = blocks(ROOT / "README.md", "python")

    assert found
    for block in found:
        assert run_python(["-c", block], folder_with_demo).strip()


def test_the_options_in_the_documents_are_accepted() -> None:
    found = [block for document in DOCUMENTS for block in blocks(document, "toml")]

    assert found
    for block in found:
        TrainConfig.model_validate(tomllib.loads(block))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text())

    missing = [link for link in links if not (document.parent / link).exists()]

    assert missing == []
