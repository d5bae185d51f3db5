"""From tables to a model that is ready to be sealed.

The base models are fitted twice: on a part of the plays, so that the fusion can learn from plays
that they never saw; then on all of them, for serving.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from hybridrec.datasets.table import Dataset
from hybridrec.fusion.context import ItemContext
from hybridrec.hybrid import HybridModel
from hybridrec.models.nmf import NMFScorer
from hybridrec.models.two_tower import TwoTowerScorer
from hybridrec.training.config import TrainConfig
from hybridrec.training.examples import SourceCalibrators, calibrated_sources
from hybridrec.training.fusion import fit_meta_fusion, fusion_features
from hybridrec.training.ground import lay_ground
from hybridrec.training.judge import judge
from hybridrec.training.provenance import provenance_of
from hybridrec.training.queries import stack_of
from hybridrec.training.scorers import Progress, fit_base, middle_times
from hybridrec.training.stack import split_for_stacking


def train(dataset: Dataset, config: TrainConfig, seed: int, progress: Progress) -> HybridModel:
    """A model of the dataset; the same dataset, options and seed give the same model.

    Args:
        dataset: checked tables.
        config: hyperparameters.
        seed: of all that is drawn.
        progress: is told how far the work is.
    """
    rng = np.random.default_rng(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return _train(dataset, config, seed, rng, progress)


def _train(
    dataset: Dataset, config: TrainConfig, seed: int, rng: np.random.Generator, progress: Progress
) -> HybridModel:
    ground = lay_ground(dataset, config, rng, progress)
    plays = ground.data.interactions
    split = split_for_stacking(plays, config.stack, rng)
    base_plays = plays.where(split.base)
    middle = middle_times(base_plays)
    snapshots = ground.sessions(base_plays, middle)
    first = _named(progress, "on a part")
    cf, content = fit_base(base_plays, ground.tracks, snapshots, config, rng, first)

    stack = stack_of(ground, split)
    batches = list(stack.batches(cf, content, config.stack, rng))
    calibrators = calibrated_sources(batches)
    context = ItemContext.of_items(
        ground.tracks.items.audio, ground.tracks.audio, ground.tracks.items.completeness
    )
    n_reference = config.fusion.n_reference_items
    features = fusion_features(*_calibrated(cf, content, calibrators), context, n_reference, rng)
    fusion = fit_meta_fusion(
        batches, features, calibrators, config.fusion, rng, lambda done: progress("fusion", done)
    )
    card = judge(batches, stack, calibrators, fusion, base_plays.counts(), rng)

    now = np.full(plays.n_users, np.inf)
    snapshots = ground.sessions(plays, middle_times(plays))
    second = _named(progress, "on everything")
    cf, content = fit_base(plays, ground.tracks, snapshots, config, rng, second)
    cf, content = _calibrated(cf, content, calibrators)
    final_features = fusion_features(cf, content, context, n_reference, rng)
    return HybridModel(
        knowledge=ground.knowledge(plays, ground.sessions(plays, now)),
        cf=cf,
        content=content,
        audio=ground.predictor,
        fusion=replace(fusion, features=final_features),
        provenance=provenance_of(dataset, ground.data, config, seed, card.summary()),
        card=card,
    )


def _named(progress: Progress, which: str) -> Progress:
    """Tells the two fits of the base models apart."""
    return lambda what, done: progress(f"{what} {which}", done)


def _calibrated(
    cf: NMFScorer, content: TwoTowerScorer, calibrators: Sequence[SourceCalibrators]
) -> tuple[NMFScorer, TwoTowerScorer]:
    of_cf, of_content = calibrators
    return (
        replace(cf, calibrator=of_cf[0], confidence_calibrator=of_cf[1]),
        replace(content, calibrator=of_content[0], confidence_calibrator=of_content[1]),
    )
