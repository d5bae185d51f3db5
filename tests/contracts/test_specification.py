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

HEADINGS = [
    "## Overview",
    "## System Architecture",
    "### Core Components Integration",
    "#### Component Relationships",
    "### Data Flow Architecture",
    "## Collaborative Filtering Pipeline",
    "### NMF Integration",
    "#### Confidence Estimation for CF",
    "### Cold Start Handling",
    "## Content-Based Filtering Pipeline",
    "### Two-Tower Integration",
    "#### Feature Preparation",
    "### Audio Feature Integration",
    "## Fusion Mechanisms",
    "### Meta-Learning Fusion",
    "### Traditional Fusion Methods",
    "## Recommendation Generation",
    "### Candidate Scoring",
    "### Recommendation Filtering",
    "## Explanation Generation",
    "### Multi-Factor Explanations",
    "#### Collaborative Filtering Explanations",
    "#### Content-Based Explanations",
    "#### Meta-Learning Explanations",
    "### Explanation Summary Generation",
    "## Model Persistence and Loading",
    "### Comprehensive Model Saving",
    "### Model Loading and Restoration",
    "## Production Deployment",
    "### Batch Recommendation Generation",
    "### Real-time Recommendation API",
    "### Performance Monitoring",
]
"""Those of the specification, in its order."""


def test_every_heading_of_the_specification_is_gone_through() -> None:
    assert [line for line in PAGE.splitlines() if line.startswith("##")] == HEADINGS


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
