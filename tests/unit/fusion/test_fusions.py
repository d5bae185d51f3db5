"""What every fusion promises, and what each does by itself."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from hybridrec.fusion.confidence import ConfidenceWeighted
from hybridrec.fusion.weighted import WeightedSum
from hybridrec.hybrid import HybridModel
from hybridrec.models.calibration import logit
from hybridrec.schema.names import FUSIONS
from hybridrec.schema.records import AudioFeatures, QueryBatch
from hybridrec.schema.scores import FusedBatch, ScoreBatch
from hybridrec.testing import FakeScorer, one_query, query_batch, uncalibrated
from tests.contracts.scoring import queries_of

NO_AUDIO = AudioFeatures.measured(np.zeros((0, 8), np.float32))
Fuse = Callable[[QueryBatch, ScoreBatch, ScoreBatch], FusedBatch]


@pytest.fixture(params=FUSIONS)
def fuse(request: pytest.FixtureRequest, tiny_model: HybridModel) -> Fuse:
    fusion = tiny_model.fusions[request.param]
    return lambda queries, cf, content: fusion.fuse(queries, cf, content, NO_AUDIO)


def said_of(model: HybridModel, queries: QueryBatch) -> tuple[ScoreBatch, ScoreBatch]:
    return model.cf.score(queries), model.content.score(queries, NO_AUDIO)


@pytest.fixture
def batch(tiny_model: HybridModel) -> QueryBatch:
    """Known users, and at the end a stranger of whom nobody knows anything."""
    stranger = one_query(range(40), user_row=-1, cold_items=tiny_model.knowledge.no_items)
    return query_batch([*queries_of(tiny_model, 15), stranger])


def test_terms_add_up_to_the_logit_of_the_score(
    fuse: Fuse, batch: QueryBatch, tiny_model: HybridModel
) -> None:
    fused = fuse(batch, *said_of(tiny_model, batch))

    terms = fused.terms
    total = terms.bias + terms.cf + terms.content + terms.context + terms.calibration
    known = ~np.isnan(fused.scores)
    assert known.any()
    # a float32 probability near 0 or 1 holds its logit to about four digits
    assert total[known] == pytest.approx(logit(fused.scores[known]), abs=1e-3)


def test_shares_and_intervals_are_in_order(
    fuse: Fuse, batch: QueryBatch, tiny_model: HybridModel
) -> None:
    fused = fuse(batch, *said_of(tiny_model, batch))

    known = ~np.isnan(fused.scores)
    weights, sure = fused.cf_weight[known], fused.confidence[known]
    assert ((weights >= 0) & (weights <= 1)).all()
    assert ((sure > 0) & (sure <= 1)).all()
    told = ~np.isnan(fused.low)
    assert (fused.low[told] <= fused.scores[told]).all()
    assert (fused.scores[told] <= fused.high[told]).all()


def test_the_best_come_first_and_the_unknown_last(
    fuse: Fuse, batch: QueryBatch, tiny_model: HybridModel
) -> None:
    fused = fuse(batch, *said_of(tiny_model, batch))

    for query in range(len(batch)):
        ranked = np.nan_to_num(fused.scores[fused.part(query)], nan=-1)
        rows = fused.rows[fused.part(query)]
        assert (np.diff(ranked) <= 0).all()
        assert (np.diff(rows)[np.diff(ranked) == 0] > 0).all()


def test_where_no_source_knows_nothing_is_known(
    fuse: Fuse, batch: QueryBatch, tiny_model: HybridModel
) -> None:
    fused = fuse(batch, *said_of(tiny_model, batch))

    stranger = fused.part(15)
    assert np.isnan(fused.scores[stranger]).all()
    assert np.isnan(fused.cf_weight[stranger]).all()
    assert (fused.confidence[stranger] == 0).all()


def test_a_query_gets_the_same_bits_alone_and_in_company(
    fuse: Fuse, tiny_model: HybridModel
) -> None:
    alone = queries_of(tiny_model, 16)
    together = query_batch(alone)

    fused = fuse(together, *said_of(tiny_model, together))

    for place, query in enumerate(alone):
        one = fuse(query, *said_of(tiny_model, query))
        assert np.array_equal(one.scores, fused.scores[fused.part(place)], equal_nan=True)
        assert np.array_equal(one.rows, fused.rows[fused.part(place)])


@pytest.mark.parametrize("lost", ["cf", "content"])
def test_a_lost_source_leaves_all_to_the_other(
    fuse: Fuse, tiny_model: HybridModel, lost: str
) -> None:
    (query,) = queries_of(tiny_model, 1)
    cf, content = said_of(tiny_model, query)
    absent = ScoreBatch.absent(lost, query)

    fused = fuse(query, *((absent, content) if lost == "cf" else (cf, absent)))

    known = ~np.isnan(fused.scores)
    assert known.any()
    assert (fused.cf_weight[known] == (0 if lost == "cf" else 1)).all()
    assert (getattr(fused.terms, lost)[known] == 0).all()


def test_it_says_which_fusion_ran(tiny_model: HybridModel, batch: QueryBatch) -> None:
    said = said_of(tiny_model, batch)

    for number, name in enumerate(FUSIONS):
        fused = tiny_model.fusions[name].fuse(batch, *said, NO_AUDIO)
        assert fused.fusion.tolist() == [number] * len(batch)


def test_every_interval_is_told_and_never_a_point_at_0_or_1(
    fuse: Fuse, batch: QueryBatch, tiny_model: HybridModel
) -> None:
    fused = fuse(batch, *said_of(tiny_model, batch))

    known = ~np.isnan(fused.scores)
    assert not np.isnan(fused.low[known]).any()
    assert not np.isnan(fused.high[known]).any()
    assert (fused.low[known] < fused.high[known]).any()


def test_only_so_many_are_kept(fuse: Fuse, tiny_model: HybridModel) -> None:
    (query,) = queries_of(tiny_model, 1)
    said = said_of(tiny_model, query)

    few = fuse(replace(query, n_keep=np.array([3], np.int32)), *said)

    assert few.rows.tolist() == fuse(query, *said).rows[:3].tolist()


def test_shares_of_confidence_by_hand() -> None:
    query = one_query([0, 1])
    cf = FakeScorer("cf", {0: 0.5, 1: 0.9}, confidence=0.6).score(query)
    content = FakeScorer("content", {0: 0.8}, confidence=0.2).score(query)

    fused = uncalibrated(ConfidenceWeighted(prior=0.5)).fuse(query, cf, content, NO_AUDIO)

    mixed = 0.25 * np.log(0.8 / 0.2)
    assert fused.rows.tolist() == [1, 0]
    assert fused.cf_weight == pytest.approx([1.0, 0.75])
    assert fused.scores == pytest.approx([0.9, 1 / (1 + np.exp(-mixed))], abs=1e-6)
    assert fused.confidence == pytest.approx([0.6, 0.75 * 0.6 + 0.25 * 0.2])


def test_fixed_shares_by_hand() -> None:
    query = one_query([0, 1])
    cf = FakeScorer("cf", {0: 0.5, 1: 0.9}, confidence=0.6).score(query)
    content = FakeScorer("content", {0: 0.8}, confidence=0.2).score(query)

    fused = uncalibrated(WeightedSum(cf_weight=0.6, prior=0.5)).fuse(query, cf, content, NO_AUDIO)

    mixed = 0.6 * 0.0 + 0.4 * np.log(0.8 / 0.2)
    assert fused.rows.tolist() == [1, 0]
    assert fused.cf_weight == pytest.approx([1.0, 0.6])
    assert fused.scores == pytest.approx([0.9, 1 / (1 + np.exp(-mixed))], abs=1e-6)
    assert fused.confidence == pytest.approx([0.6, 0.6 * 0.6 + 0.4 * 0.2])


def test_a_session_that_training_knew_changes_the_fusion(tiny_model: HybridModel) -> None:
    (query,) = queries_of(tiny_model, 1)
    session = tiny_model.knowledge.sessions[[0]]
    said = said_of(tiny_model, query)

    without = tiny_model.fusions.meta_learning.fuse(query, *said, NO_AUDIO)
    within = tiny_model.fusions.meta_learning.fuse(replace(query, session=session), *said, NO_AUDIO)

    assert not np.isnan(session).all()
    assert sorted(without.scores.tolist()) != sorted(within.scores.tolist())
