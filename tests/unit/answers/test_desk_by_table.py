"""Answers of a desk whose stages give scores by table, so that each is known beforehand."""

from dataclasses import replace

import pytest

from hybridrec.answers.desk import Desk
from hybridrec.answers.knowledge import Known
from hybridrec.ranking.rules import RankingConfig
from hybridrec.schema.answers import StageReport
from hybridrec.schema.profile import Interaction
from hybridrec.schema.wire import RecommendRequest, ScoresRequest
from tests.unit.answers.stages import Stages

BOTH = Stages(cf={0: 0.2, 1: 0.6, 2: 0.8}, content={0: 0.3, 1: 0.6, 2: 0.4, 3: 0.1})


def test_a_list_is_the_best_first_and_leaves_out_what_was_played(desk: Desk) -> None:
    (answer,) = BOTH.recommend(desk, RecommendRequest(user_id="bob", k=3))

    assert [item.track_id for item in answer.items] == ["t2", "t0", "t3"]
    assert [item.rank for item in answer.items] == [1, 2, 3]
    assert answer.bundle_version == "v1"
    assert answer.metadata.user_known
    assert answer.metadata.generation_method == "hybrid_confidence_weighted"
    assert answer.metadata.total_candidates_considered == 3


def test_a_total_stranger_gets_what_most_listeners_play(desk: Desk) -> None:
    (answer,) = BOTH.recommend(desk, RecommendRequest(k=3))

    assert [item.track_id for item in answer.items] == ["t1", "t2", "t0"]  # 5, 3 and 1 listeners
    assert {(item.method, item.score, item.confidence) for item in answer.items} == {
        ("popularity", None, 0.0)
    }
    assert answer.metadata.generation_method == "popularity"


@pytest.mark.parametrize("user_id", [pytest.param("bob", id="known"), pytest.param(None, id="not")])
def test_a_list_is_as_long_as_the_catalogue_at_most(desk: Desk, user_id: str | None) -> None:
    request = RecommendRequest(user_id=user_id, k=200, include_played=True)

    (answer,) = BOTH.recommend(desk, request)

    assert len({item.track_id for item in answer.items}) == len(answer.items) == 4


def test_rules_that_leave_too_little_are_given_up_and_said(desk: Desk) -> None:
    strict = replace(desk, ranking=RankingConfig(max_per_artist=1, min_confidence=None))
    request = RecommendRequest(user_id="bob", k=2, candidates=["t0", "t1"], include_played=True)

    (answer,) = BOTH.recommend(strict, request)

    assert [item.track_id for item in answer.items] == ["t1", "t0"]
    assert answer.metadata.dropped["max_per_artist"] == 1
    assert answer.metadata.relaxed == ["max_per_genre", "max_per_artist"]


def test_what_was_left_out_is_counted_by_rule(desk: Desk) -> None:
    request = RecommendRequest(user_id="ann", k=1, candidates=["t0", "t1", "t2", "t3"])

    (answer,) = BOTH.recommend(desk, request)

    assert answer.metadata.dropped == {
        "already_played": 2,
        "max_per_genre": 0,
        "max_per_artist": 0,
        "min_score": 0,
    }
    assert answer.metadata.total_candidates_considered == 2


def test_what_the_store_counted_is_left_out_too(desk: Desk) -> None:
    known = Known(interactions=(Interaction("bob", "t2", plays=1),))

    (answer,) = BOTH.recommend(desk, RecommendRequest(user_id="bob", k=2), known=[known])

    assert [item.track_id for item in answer.items] == ["t0", "t3"]


def test_what_an_erased_user_played_is_forgotten_too(desk: Desk) -> None:
    (answer,) = BOTH.recommend(
        desk, RecommendRequest(user_id="bob", k=1), known=[Known(is_erased=True)]
    )

    assert [item.track_id for item in answer.items] == ["t1"]
    assert answer.items[0].score is None
    assert not answer.metadata.user_known


@pytest.mark.parametrize(
    ("stage", "status", "is_degraded"),
    [
        pytest.param("nmf_scorer", "failed", True, id="failed"),
        pytest.param("two_tower_scorer", "late", True, id="late"),
        pytest.param("audio_predictor", "not_needed", False, id="not needed"),
        pytest.param("audio_predictor", "absent", False, id="absent from the bundle"),
    ],
)
def test_a_stage_that_was_needed_and_lost_is_named(
    desk: Desk, stage: str, status: str, *, is_degraded: bool
) -> None:
    report = StageReport.model_validate({"status": status})
    lossy = replace(BOTH, reports={stage: report})

    (answer,) = lossy.recommend(desk, RecommendRequest(user_id="bob"))
    (scores,) = lossy.score(desk, ScoresRequest(user_id="bob", candidates=["t0"]))

    assert answer.degraded == scores.degraded == ([stage] if is_degraded else [])
    assert answer.stages[stage] == scores.stages[stage] == report
