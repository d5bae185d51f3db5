"""Which candidates the stack's questions have, and what is known of them."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from hybridrec.datasets.table import Dataset
from hybridrec.hybrid import HybridModel
from hybridrec.training.config import StackConfig
from hybridrec.training.data import training_data
from hybridrec.training.examples import StackBatch, calibrated_sources
from hybridrec.training.fusion import _kept_sources
from hybridrec.training.queries import Stack
from hybridrec.training.stack import StackSplit, split_for_stacking

CONFIG = StackConfig(n_random=20)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def asked(
    tiny_model: HybridModel, tiny_data: Path
) -> tuple[Stack, StackSplit, tuple[StackBatch, ...]]:
    rng = np.random.default_rng(3)
    dataset = Dataset.load(tiny_data)
    plays = training_data(dataset.tracks, dataset.interactions).interactions
    split = split_for_stacking(plays, CONFIG, rng)
    stack = Stack(plays, split, tiny_model.knowledge, tiny_model.knowledge.sessions)
    return stack, split, tuple(stack.batches(tiny_model.cf, tiny_model.content, CONFIG, rng))


def test_every_label_is_judged_also_where_retrieval_missed_it(
    asked: tuple[Stack, StackSplit, tuple[StackBatch, ...]],
) -> None:
    stack, split, batches = asked

    users = iter(split.users.tolist())
    for batch in batches:
        rows, offsets = batch.queries.candidate_rows, batch.queries.offsets
        for start, stop in pairwise(offsets.tolist()):
            found = rows[start:stop][batch.played[start:stop]]
            assert sorted(found) == sorted(stack.labels(next(users)))
    missed = np.concatenate([~batch.pooled for batch in batches])
    played = np.concatenate([batch.played for batch in batches])
    assert missed.any()
    assert played[missed].all()


def test_what_retrieval_missed_counts_for_confidence_and_not_for_scores(
    asked: tuple[Stack, StackSplit, tuple[StackBatch, ...]],
) -> None:
    _, _, batches = asked
    forgotten = [without_missed(batch) for batch in batches]

    for (score, confidence), (score_of_pool, confidence_of_pool) in zip(
        calibrated_sources(batches), calibrated_sources(forgotten), strict=True
    ):
        assert score.to_logit.x.tolist() == score_of_pool.to_logit.x.tolist()
        assert score.to_logit.y.tolist() == score_of_pool.to_logit.y.tolist()
        # plays that no scorer found are ordered worse: all together are less sure
        assert confidence.calibrated.mean() < confidence_of_pool.calibrated.mean()


def test_sources_are_lost_as_often_as_asked_and_never_both(rng: np.random.Generator) -> None:
    kept = _kept_sources(20_000, 0.2, rng)

    # 0.02: seven standard errors of a share of 20,000
    assert kept.mean(axis=0) == pytest.approx([0.8, 0.8], abs=0.02)
    assert kept.max(axis=1).min() == 1


def without_missed(batch: StackBatch) -> StackBatch:
    """The same batch as if nobody had played what retrieval missed."""
    played = batch.played & batch.pooled
    return StackBatch(
        batch.queries,
        batch.cf,
        batch.content,
        played,
        batch.random,
        batch.pooled,
        batch.calibrates,
    )
