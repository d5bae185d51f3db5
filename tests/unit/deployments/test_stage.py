from dataclasses import replace

import numpy as np
import pytest

from deployments.stage import accept, tiny_query
from hybridrec.errors import StageUnavailable, VersionMissing

NOW = 1_000.0


def test_queries_of_the_held_version_pass_before_their_deadline() -> None:
    queries = replace(tiny_query("v1"), deadline=np.array([NOW + 1]))

    accept("nmf_scorer", "v1", queries, NOW)


def test_queries_of_another_version_are_refused() -> None:
    with pytest.raises(VersionMissing, match="v2"):
        accept("nmf_scorer", "v1", tiny_query("v2"), NOW)


def test_work_that_nobody_waits_for_is_refused() -> None:
    queries = replace(tiny_query("v1"), deadline=np.array([NOW - 1]))

    with pytest.raises(StageUnavailable, match="nmf_scorer"):
        accept("nmf_scorer", "v1", queries, NOW)


def test_clocks_may_differ_a_little() -> None:
    queries = replace(tiny_query("v1"), deadline=np.array([NOW - 0.01]))

    accept("nmf_scorer", "v1", queries, NOW)


def test_one_query_with_time_left_keeps_the_batch() -> None:
    queries = replace(tiny_query("v1"), deadline=np.array([NOW - 1, NOW + 1]))

    accept("nmf_scorer", "v1", queries, NOW)
