import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import numpy as np
import pytest

from deployments.fanout import FanOut, Watch
from deployments.offload import Offload
from deployments.stage import unknown_items
from hybridrec.answers.plan import Scored
from hybridrec.errors import VersionMissing
from hybridrec.fusion.confidence import ConfidenceWeighted
from hybridrec.schema.names import FUSIONS, Mask
from hybridrec.testing import uncalibrated
from tests.serve.fakes import QUERY, FakeGraph

DEADLINE_S = 0.2
WITH_COLD_ITEM = replace(QUERY, cold_items=unknown_items(1))
YES = np.ones(1, np.bool_)


@pytest.fixture
def graph() -> FakeGraph:
    return FakeGraph.of_constants()


def fanout_of(graph: FakeGraph, *, has_predictor: bool = True) -> FanOut:
    return FanOut(
        graph.calls, uncalibrated(ConfidenceWeighted(prior=0.5)), Offload(1), has_predictor
    )


def ask(
    graph: FakeGraph, *, predicts_audio: Mask | None = None, has_predictor: bool = True
) -> Scored:
    async def score() -> Scored:
        fanout = fanout_of(graph, has_predictor=has_predictor)
        return await fanout.score(WITH_COLD_ITEM, Watch(DEADLINE_S), predicts_audio=predicts_audio)

    return asyncio.run(score())


def statuses(scored: Scored) -> dict[str, str]:
    return {name: report.status for name, report in scored.stages.items()}


def test_all_stages_answer(graph: FakeGraph) -> None:
    scored = ask(graph)

    assert statuses(scored) == {
        "nmf_scorer": "ok",
        "two_tower_scorer": "ok",
        "audio_predictor": "not_needed",
        "meta_fusion": "ok",
    }
    assert scored.cf.scores.tolist() == [0.25]
    assert scored.content.scores.tolist() == [0.75]
    assert scored.fused.fusion.tolist() == [FUSIONS.index("meta_learning")]


def test_a_late_scorer_is_absent_and_cancelled(graph: FakeGraph) -> None:
    graph.score_cf.is_late()

    scored = ask(graph)

    assert statuses(scored)["nmf_scorer"] == "late"
    assert scored.cf.is_absent
    assert graph.score_cf.replies[0].is_cancelled
    assert not graph.score_content.replies[0].is_cancelled
    assert scored.fused.scores == pytest.approx([0.75])  # content alone


def test_a_dead_scorer_is_absent(graph: FakeGraph) -> None:
    graph.score_content.dies()

    scored = ask(graph)

    assert statuses(scored)["two_tower_scorer"] == "failed"
    assert scored.content.is_absent
    assert scored.fused.scores == pytest.approx([0.25])


def test_a_scorer_with_another_bundle_is_absent(graph: FakeGraph) -> None:
    def refuse(_: object) -> None:
        raise VersionMissing("v1", "v2")

    graph.score_cf.work = refuse  # type: ignore[assignment]  # it never returns

    assert statuses(ask(graph))["nmf_scorer"] == "failed"


def test_a_lost_fusion_is_replaced_by_shares_of_confidence(graph: FakeGraph) -> None:
    graph.fuse.is_late()

    scored = ask(graph)

    assert statuses(scored)["meta_fusion"] == "late"
    assert scored.fused.fusion.tolist() == [FUSIONS.index("confidence_weighted")]
    assert scored.fused.scores == pytest.approx([0.5])


def test_audio_is_predicted_where_it_is_needed(graph: FakeGraph) -> None:
    scored = ask(graph, predicts_audio=YES)

    assert statuses(scored)["audio_predictor"] == "ok"
    assert scored.cold_audio.predicted.all()
    assert graph.predict_audio.asked[0][1] is YES
    assert graph.score_content.asked[0][1] is scored.cold_audio


@pytest.mark.parametrize(
    ("break_it", "status"),
    [
        pytest.param(lambda stage: stage.is_late(), "late", id="late"),
        pytest.param(lambda stage: stage.dies(), "failed", id="dead"),
    ],
)
def test_without_the_predictor_unknown_audio_stays_unknown(
    graph: FakeGraph, break_it: Callable[[object], None], status: str
) -> None:
    break_it(graph.predict_audio)

    scored = ask(graph, predicts_audio=YES)

    assert statuses(scored)["audio_predictor"] == status
    assert np.isnan(scored.cold_audio.values).all()
    assert statuses(scored)["two_tower_scorer"] == "ok"


def test_a_predictor_that_the_bundle_lacks_is_absent_and_not_asked(graph: FakeGraph) -> None:
    scored = ask(graph, predicts_audio=YES, has_predictor=False)

    assert statuses(scored)["audio_predictor"] == "absent"
    assert graph.predict_audio.asked == []


def test_all_stages_lost_take_no_longer_than_the_deadline(graph: FakeGraph) -> None:
    for stage in (graph.score_cf, graph.score_content, graph.predict_audio, graph.fuse):
        stage.is_late()

    async def timed() -> float:
        watch = Watch(DEADLINE_S)
        await fanout_of(graph).score(WITH_COLD_ITEM, watch, predicts_audio=YES)
        return watch.ms

    assert asyncio.run(timed()) < DEADLINE_S * 1e3


def test_a_lost_retrieval_finds_nothing_and_is_remembered(graph: FakeGraph) -> None:
    graph.retrieve_cf.dies()

    async def both() -> tuple[Watch, list[int], list[int]]:
        watch = Watch(DEADLINE_S)
        fanout = fanout_of(graph)
        cf, content = await fanout.retrieve(QUERY, watch)
        await fanout.score(QUERY, watch, predicts_audio=None)
        return watch, cf.of(0).tolist(), content.of(0).tolist()

    watch, cf, content = asyncio.run(both())

    assert (cf, content) == ([], [4])
    assert watch.reports["nmf_scorer"].status == "failed"  # though it scored afterwards


def test_whoever_stops_waiting_cancels_the_stages(graph: FakeGraph) -> None:
    graph.score_cf.is_late()

    async def leave() -> None:
        fanout = fanout_of(graph)
        waiting: Awaitable[Scored] = fanout.score(QUERY, Watch(60.0), predicts_audio=None)
        await asyncio.wait_for(waiting, 0.05)

    with pytest.raises(TimeoutError):
        asyncio.run(leave())

    assert graph.score_cf.replies[0].is_cancelled


def test_a_bug_is_not_an_absence(graph: FakeGraph) -> None:
    graph.score_cf.work = lambda _: 1 / 0  # type: ignore[assignment,return-value]  # it never returns

    with pytest.raises(ZeroDivisionError):
        ask(graph)
