"""The specification's answers name modules and tests that exist."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "spec.md").read_text()
NAMED = sorted(
    set(re.findall(r"`((?:hybridrec|deployments|tests|examples)/[^`]+\.py[^`]*)`", PAGE))
)
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith(("| ---", "| asked for"))
]


@pytest.mark.parametrize("named", NAMED)
def test_what_is_named_exists(named: str) -> None:
    path, _, test = named.partition("::")

    assert (ROOT / path).is_file()
    if test:
        tree = ast.parse((ROOT / path).read_text())
        assert test in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:40])
def test_every_behaviour_has_a_test_or_is_said_to_come(row: list[str]) -> None:
    _, where, held_by = row

    if where.startswith("to come"):
        assert not held_by
    else:
        assert "`tests/" in held_by
