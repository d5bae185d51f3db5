"""From tables to a model that is ready to be sealed.

The base models are fitted twice: on a part of the plays, so that the fusion can learn from plays
that they never saw; then on all of them, for serving.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import torch

from hybridrec.catalog import Catalog
from hybridrec.datasets.table import Dataset
from hybridrec.evaluation.card import ModelCard
from hybridrec.evaluation.judgement import Judge
from hybridrec.fusion.context import ItemContext
from hybridrec.fusion.fusions import Fusions
from hybridrec.fusion.meta import FusionFeatures
from hybridrec.fusion.plays_context import PlaysContext
from hybridrec.hybrid import HybridModel
from hybridrec.models.nmf import NMFScorer
from hybridrec.models.two_tower import TwoTowerScorer
from hybridrec.training.config import StackConfig, TrainConfig
from hybridrec.training.data import Interactions
from hybridrec.training.described import audio_loss
from hybridrec.training.examples import SourceCalibrators, StackBatch, calibrated_sources
from hybridrec.training.fusion import fit_fusions
from hybridrec.training.ground import Ground, lay_ground
from hybridrec.training.judge import judge
from hybridrec.training.new_tracks import judge_new_tracks
from hybridrec.training.provenance import provenance_of
from hybridrec.training.queries import stack_of
from hybridrec.training.scorers import fit_base, middle_times
from hybridrec.training.stack import StackSplit, split_for_stacking
from hybridrec.training.tracks import Progress

Parting = Callable[[Interactions, StackConfig, np.random.Generator], StackSplit]
"""Parts the plays into those for the base models and those for the fusion."""


def train(
    dataset: Dataset,
    config: TrainConfig,
    seed: int,
    now: datetime,
    progress: Progress,
    part: Parting = split_for_stacking,
) -> HybridModel:
    """A model of the dataset; the same dataset, options and seed give the same model.

    To the last bit on one kind of processor with one number of threads (``OMP_NUM_THREADS``).

    Args:
        dataset: checked tables.
        config: hyperparameters.
        seed: of all that is drawn.
        now: when it is trained, in UTC.
        progress: is told how far the work is.
        part: parts the plays for the fusion; another than the default is for experiments.
    """
    rng = np.random.default_rng(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        ground = lay_ground(dataset, config, rng, progress)
        split = part(ground.data.interactions, config.stack, rng)
        learnt = _learn(ground, split, config, rng, progress)
        cf, content, fusions = _fit_for_serving(ground, learnt, config, rng, progress)
    plays, summary = ground.data.interactions, learnt.card.summary()
    return HybridModel(
        knowledge=ground.knowledge(plays, ground.sessions(plays, np.full(plays.n_users, np.inf))),
        cf=cf,
        content=content,
        audio=ground.predictor,
        fusions=fusions,
        provenance=provenance_of(dataset, ground.data, config, seed, summary, now),
        card=learnt.card,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Learnt:
    """What plays that no base model saw have taught."""

    context: ItemContext
    calibrators: tuple[SourceCalibrators, SourceCalibrators]
    fusions: Fusions
    card: ModelCard


def _learn(
    ground: Ground,
    split: StackSplit,
    config: TrainConfig,
    rng: np.random.Generator,
    progress: Progress,
) -> _Learnt:
    """The fusion and all calibrators, by base models that are fitted on a part of the plays."""
    plays = ground.data.interactions
    base_plays = plays.where(split.base)
    ground = ground.as_of(base_plays)
    snapshots = ground.sessions(base_plays, middle_times(base_plays))
    first = _named(progress, "on a part")
    base = fit_base(base_plays, ground.tracks, snapshots, config, rng, first)
    cf, content = base.cf, base.content

    stack = stack_of(ground, split)
    batches = _counted(stack.batches(cf, content, config.stack, rng), stack.n_batches, progress)
    calibrators = calibrated_sources(batches)
    context = ItemContext.of_items(
        ground.tracks.items.audio, ground.tracks.audio, ground.tracks.items.completeness
    )
    features = FusionFeatures(
        context,
        PlaysContext(cf.interactions, ground.tracks.items.artist_rows),
        content.sessions,
    )
    fitted = fit_fusions(
        batches, features, calibrators, config.fusion, rng, lambda done: progress("fusion", done)
    )
    progress("evaluation", 0.0)
    catalog = Catalog.of(ground.data.tracks, base_plays.counts())
    known = Judge.of(catalog, len(np.unique(base_plays.users)))
    card = judge(batches, stack, calibrators, fitted.fusions, known, rng)
    of_audio, of_new = rng.spawn(2)
    card = judge_new_tracks(card, stack, base, calibrators, fitted.fusions, of_new)
    if ground.predictor is not None:
        scorers = _calibrated(cf, content, calibrators)
        loss = audio_loss(stack, scorers, fitted.fusions.meta_learning, ground.predictor, of_audio)
        card = card if loss is None else card.model_copy(update={"losses": (*card.losses, loss)})
    progress("evaluation", 1.0)
    audio = ground.audio
    checks, curves = ((), ()) if audio is None else (audio.checks, audio.curves)
    told = {"audio": checks, "curves": (*curves, base.curve, *fitted.curves)}
    card = card.model_copy(update=told)
    return _Learnt(context, calibrators, fitted.fusions, card)


def _fit_for_serving(
    ground: Ground,
    learnt: _Learnt,
    config: TrainConfig,
    rng: np.random.Generator,
    progress: Progress,
) -> tuple[NMFScorer, TwoTowerScorer, Fusions]:
    """The base models on all plays, with what was learnt from those that were kept from them."""
    plays = ground.data.interactions
    snapshots = ground.sessions(plays, middle_times(plays))
    second = _named(progress, "on everything")
    base = fit_base(plays, ground.tracks, snapshots, config, rng, second)
    cf, content = _calibrated(base.cf, base.content, learnt.calibrators)
    features = FusionFeatures(
        learnt.context,
        PlaysContext(cf.interactions, ground.tracks.items.artist_rows),
        content.sessions,
    )
    return cf, content, learnt.fusions.beside(features)


def _counted(batches: Iterator[StackBatch], n_batches: int, progress: Progress) -> list[StackBatch]:
    """All batches, each reported when it is there."""
    made = []
    for batch in batches:
        made.append(batch)
        progress("candidates of the fusion", len(made) / n_batches)
    return made


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
