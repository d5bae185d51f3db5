"""Asks the graph over HTTP, and compares what it answers."""

import json
from typing import Any

import pytest

from deployments.client import Reply
from deployments.local import LocalGraph
from hybridrec.schema.answers import RecommendResponse, ScoresResponse

RECOMMENDATIONS, SCORES = "/v1/recommendations", "/v1/scores"


def ask(graph: LocalGraph, path: str, body: dict[str, Any]) -> Reply:
    return graph.client.post(path, json.dumps(body).encode())


def same_numbers(first: object, second: object) -> None:
    """Compares two answers; numbers to 1e-6, the promise for two ways to compute them."""
    if isinstance(first, dict) and isinstance(second, dict):
        assert first.keys() == second.keys()
        for name in first:
            same_numbers(first[name], second[name])
    elif isinstance(first, list) and isinstance(second, list):
        assert len(first) == len(second)
        for one, other in zip(first, second, strict=True):
            same_numbers(one, other)
    elif isinstance(first, float):
        assert first == pytest.approx(second, abs=1e-6)
    else:
        assert first == second


def without_the_way(answer: RecommendResponse | ScoresResponse) -> dict[str, Any]:
    return answer.model_dump(mode="json", exclude={"request_id", "stages"})
