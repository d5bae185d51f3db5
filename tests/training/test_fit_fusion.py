"""On whose plays the fusion is trained, and on whose it is calibrated."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from hybridrec.datasets.table import Dataset
from hybridrec.fusion.calibrated import Fusion
from hybridrec.fusion.fusions import Fusions
from hybridrec.fusion.merged import Merger
from hybridrec.fusion.ranked import Fused
from hybridrec.hybrid import HybridModel
from hybridrec.models.calibration import sigmoid
from hybridrec.persistence.fusion import NETWORK_FILES
from hybridrec.schema.names import FUSIONS, Floats, Mask
from hybridrec.schema.records import AudioFeatures
from hybridrec.training.config import FusionConfig, StackConfig
from hybridrec.training.data import training_data
from hybridrec.training.examples import StackBatch, calibrated_sources, recalibrated
from hybridrec.training.fusion import FittedFusions, fit_fusions
from hybridrec.training.fusion_fit import among_others
from hybridrec.training.queries import Stack
from hybridrec.training.stack import split_for_stacking

pytestmark = pytest.mark.slow

SHARE_IN_TRAINING, SHARE_IN_CALIBRATION = 0.05, 0.5
CF_WEIGHT = 0.75


@pytest.fixture(scope="module")
def batches(tiny_model: HybridModel, tiny_data: Path) -> tuple[StackBatch, ...]:
    """Training queries of which little was played, calibrating ones of which half was."""
    rng = np.random.default_rng(3)
    dataset, config = Dataset.load(tiny_data), StackConfig(n_random=20)
    plays = training_data(dataset.tracks, dataset.interactions).interactions
    split = split_for_stacking(plays, config, rng)
    stack = Stack(plays, split, tiny_model.knowledge, tiny_model.knowledge.sessions)
    return tuple(
        replace(batch, played=played_at_random(batch, rng))
        for batch in stack.batches(tiny_model.cf, tiny_model.content, config, rng)
    )


def played_at_random(batch: StackBatch, rng: np.random.Generator) -> Mask:
    calibrates = batch.calibrates[batch.queries.query_of_candidate]
    share = np.where(calibrates, SHARE_IN_CALIBRATION, SHARE_IN_TRAINING)
    played: Mask = rng.random(len(share)) < share
    return played


@pytest.fixture(scope="module")
def fitted(tiny_model: HybridModel, batches: tuple[StackBatch, ...]) -> FittedFusions:
    return fitted_on(tiny_model, batches)


def fitted_on(tiny_model: HybridModel, batches: tuple[StackBatch, ...]) -> FittedFusions:
    return fit_fusions(
        batches,
        tiny_model.fusions.meta_learning.merger.features,
        calibrated_sources(batches),
        FusionConfig(
            hidden_size=4, n_epochs=20, learning_rate=0.03, weight_decay=0.0, cf_weight=CF_WEIGHT
        ),
        np.random.default_rng(4),
        lambda _done: None,
    )


@pytest.fixture(scope="module")
def fusions(fitted: FittedFusions) -> Fusions:
    return fitted.fusions


@pytest.fixture(params=FUSIONS)
def fusion(request: pytest.FixtureRequest, fusions: Fusions) -> Fusion[Merger]:
    return fusions[request.param]


@pytest.fixture
def fused(batches: tuple[StackBatch, ...], fusion: Fusion[Merger]) -> Fused:
    """The first batch."""
    batch = batches[0]
    no_audio = AudioFeatures.measured(batch.queries.cold_items.audio)
    sources = recalibrated(batch, calibrated_sources(batches))
    return fusion.score_all(batch.queries, *sources, no_audio)


@pytest.fixture
def said(batches: tuple[StackBatch, ...], fused: Fused) -> tuple[Floats, Floats]:
    """Probabilities of the first batch before calibration, and after it."""
    pooled = batches[0].pooled
    return sigmoid(fused.raw_logits[pooled]), fused.scores[pooled]


def test_a_network_learns_from_users_that_do_not_calibrate(
    said: tuple[Floats, Floats], fusion: Fusion[Merger]
) -> None:
    if not fusion.merger.providers:
        # what has no network starts from the share among those that calibrate, as the sources do
        assert np.nanmean(said[0]) == pytest.approx(SHARE_IN_CALIBRATION, abs=0.3)
        return
    # labels are drawn by lot: nothing but their share can be learnt, and that after some epochs
    assert np.nanmean(said[0]) == pytest.approx(SHARE_IN_TRAINING, abs=0.05)


def test_scores_are_calibrated_on_users_that_did_not_train(
    said: tuple[Floats, Floats], fused: Fused
) -> None:
    # some 30 queries of 200 candidates each: an error of half a percent
    assert np.nanmean(said[1]) == pytest.approx(SHARE_IN_CALIBRATION, abs=0.05)
    assert np.nanmedian(fused.low) > SHARE_IN_CALIBRATION - 0.1


def test_from_surplus_plays_no_share_is_learnt(
    tiny_model: HybridModel, batches: tuple[StackBatch, ...]
) -> None:
    rng = np.random.default_rng(5)
    more = []
    for batch in batches:
        surplus = batch.pooled & ~batch.played & (rng.random(len(batch.played)) < 0.4)
        more.append(replace(batch, pooled=batch.pooled & ~surplus, surplus=surplus))

    meta = fitted_on(tiny_model, tuple(more)).fusions.meta_learning

    batch = more[0]
    no_audio = AudioFeatures.measured(batch.queries.cold_items.audio)
    sources = recalibrated(batch, calibrated_sources(more))
    said = sigmoid(meta.score_all(batch.queries, *sources, no_audio).raw_logits[batch.pooled])
    assert np.nanmean(said) == pytest.approx(SHARE_IN_TRAINING, abs=0.05)


def test_what_has_no_network_starts_from_the_share_that_was_played(fusions: Fusions) -> None:
    for merger in (fusions.weighted_sum.merger, fusions.confidence_weighted.merger):
        assert merger.prior == pytest.approx(SHARE_IN_CALIBRATION, abs=0.02)


def test_fixed_shares_are_those_of_the_configuration(fusions: Fusions) -> None:
    assert fusions.weighted_sum.merger.cf_weight == CF_WEIGHT


def test_every_network_tells_how_it_learnt(fitted: FittedFusions) -> None:
    assert [one.network for one in fitted.curves] == list(NETWORK_FILES)
    for one in fitted.curves:
        assert len(one.losses) == 20
        assert one.losses[-1] < one.losses[0]


def test_a_play_is_worth_its_share_among_the_candidates_of_its_own_group() -> None:
    logits = torch.tensor([0.0, 1.0, 2.0, 7.0, 7.0])
    played = torch.tensor([0.0, 1.0, 1.0, 1.0, 0.0])

    lost = among_others(logits, played, torch.tensor([0, 0, 0, 3, 3]))

    shares = np.exp([1, 2]) / np.exp([0, 1, 2]).sum()
    assert lost.item() == pytest.approx(-np.log([*shares, 0.5]).sum(), rel=1e-6)
