"""Every block of code in the documents runs, or is what it says to be."""

import re
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from deployments.args import AppArgs
from hybridrec.hybrid import HybridModel
from hybridrec.schema.wire import RecommendRequest
from hybridrec.training.config import TrainConfig
from tests.contracts.blocks import DOCUMENTS, ROOT, Block, blocks_of, commands_of, is_shown
from tests.contracts.shell import ask_in_process, prepare, run

BLOCKS = [block for document in DOCUMENTS for block in blocks_of(document)]
RUNNABLE = ("console", "sh", "python")
CHECKS: dict[str, Callable[[str], object]] = {
    "toml": lambda text: TrainConfig.model_validate(tomllib.loads(text)),
    "yaml": lambda text: AppArgs.model_validate(yaml.safe_load(text)),
    "json": lambda text: RecommendRequest.model_validate_json(text, strict=True),
}
"""How a block that is not run is held to what it says to be."""
NOT_RUN = {
    ("README.md", "make demo"): "sets up an environment and serves: benchmarks/demo.py times it",
    ("README.md", "make test"): "runs this test",
    ("README.md", "hybridrec train"): "takes minutes; docs/training.md has the same, with options",
    ("README.md", "hybridrec up"): "serves until it is ended: tests/serve/test_up_down.py",
    ("docs/data.md", "hybridrec data import hetrec2011"): "needs the release, which is not ours",
    ("k8s/README.md", "serve deploy"): "needs a cluster",
}
"""Commands by document and beginning, and why no test of the documents runs them."""


def excuse(document: str, command: str) -> tuple[str, str] | None:
    """The entry of the table that speaks of a command."""
    found = [
        key for key in NOT_RUN if key[0] == document and f"{command} ".startswith(f"{key[1]} ")
    ]
    return found[0] if found else None


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.place)
def test_a_block_is_of_a_kind_that_is_checked(block: Block) -> None:
    assert block.kind in (*RUNNABLE, *CHECKS, "text")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_fence_is_left_open_or_indented(document: Path) -> None:
    fences = re.findall(r"^\s*(?:```|~~~)", document.read_text(), re.MULTILINE)

    assert len(fences) == 2 * len(blocks_of(document))


def test_text_hides_no_command() -> None:
    command = re.compile(
        r"^(\$|(hybridrec|make|curl|python|serve|kubectl) (?=[a-z-]))", re.MULTILINE
    )

    hidden = [
        block.place for block in BLOCKS if block.kind == "text" and command.search(block.text)
    ]

    assert hidden == []


@pytest.mark.parametrize(
    "block", [block for block in BLOCKS if block.kind in CHECKS], ids=lambda block: block.place
)
def test_a_file_in_a_document_is_accepted(block: Block) -> None:
    CHECKS[block.kind](block.text)


@pytest.mark.parametrize(
    ("kind", "text"),
    [("toml", "[nmf]\nn_factor = 8"), ("yaml", "bundel: here"), ("json", '{"kk": 3}')],
)
def test_a_file_with_a_misspelt_key_would_not_be(kind: str, text: str) -> None:
    with pytest.raises(ValueError, match=r"n_factor|bundel|kk"):
        CHECKS[kind](text)


def test_every_command_that_is_not_run_is_there() -> None:
    said = {
        excuse(block.document, command.text)
        for block in BLOCKS
        if block.kind in {"console", "sh"}
        for command in commands_of(block)
    }

    assert said - {None} == set(NOT_RUN)


@pytest.fixture
def folder(tmp_path: Path, tiny_data: Path, tiny_bundle: Path, tiny_model: HybridModel) -> Path:
    prepare(tmp_path, tiny_data, tiny_bundle, tiny_model)
    return tmp_path


def run_block(block: Block, folder: Path, ask: Callable[[str], None]) -> None:
    if block.kind == "python":
        assert run([sys.executable, "-c", block.text], folder).strip()
        return
    for command in commands_of(block):
        if excuse(block.document, command.text) is not None:
            continue
        if command.text.startswith("curl "):
            ask(command.text)
            continue
        output = run(["bash", "-euc", command.text], folder)
        assert not command.shown or is_shown(command.shown, output), output


@pytest.mark.slow
@pytest.mark.parametrize(
    "document",
    [one for one in DOCUMENTS if any(block.kind in RUNNABLE for block in blocks_of(one))],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_the_blocks_of_a_document_run_in_their_order(
    document: Path, folder: Path, tiny_model: HybridModel
) -> None:
    for block in blocks_of(document):
        if block.kind in RUNNABLE:
            run_block(
                block, folder, lambda text: ask_in_process(tiny_model, folder / "bundle", text)
            )


@pytest.mark.parametrize(
    ("shown", "output", "is_so"),
    [
        ("bundle …, sound\n…\n", "bundle 1f, sound\na\nb\n", True),
        ("bundle …, sound", "bundle 1f, damaged", False),
        ("a", "a\nb", False),
        ("a.c", "abc", False),
    ],
)
def test_an_output_is_compared_but_for_what_is_left_open(
    shown: str, output: str, *, is_so: bool
) -> None:
    assert is_shown(shown, output) is is_so
