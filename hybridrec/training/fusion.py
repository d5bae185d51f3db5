"""Fits the meta-learner, and every calibrator, on the stack.

Base scores are out of fold: no label of the stack was seen by the model that scores it.
"""

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from hybridrec.fusion.context import ItemContext, SourceContext
from hybridrec.fusion.meta import OUTPUTS, FusionFeatures, MetaFusion, raw_outputs
from hybridrec.models.nmf import NMFScorer
from hybridrec.models.two_tower import TwoTowerScorer
from hybridrec.schema.names import Floats, Mask
from hybridrec.training.calibration import (
    base_rate,
    fit_confidence_calibrator,
    fit_interval,
    fit_score_calibrator,
)
from hybridrec.training.config import FusionConfig
from hybridrec.training.examples import Examples, SourceCalibrators, StackBatch, examples_of
from hybridrec.training.export import export
from hybridrec.training.loop import Batch, Report, minimise, shuffled
from hybridrec.training.networks import FusionNetwork


def fusion_features(
    cf: NMFScorer,
    content: TwoTowerScorer,
    items: ItemContext,
    n_reference: int,
    rng: np.random.Generator,
) -> FusionFeatures:
    """What the meta-learner sees, with reference tracks drawn among those that were played."""
    known = np.flatnonzero(cf.interactions > 0)
    rows = np.sort(rng.choice(known, min(n_reference, len(known)), replace=False)).astype(np.int32)
    embeddings = content.items.embeddings
    return FusionFeatures(
        cf=SourceContext(cf.item_factors, cf.item_scale, rows, cf.calibrator),
        content=SourceContext(
            embeddings, np.ones(len(embeddings), np.float32), rows, content.calibrator
        ),
        items=items,
        sessions=content.sessions,
    )


def fit_meta_fusion(
    stack: Sequence[StackBatch],
    features: FusionFeatures,
    calibrators: Sequence[SourceCalibrators],
    config: FusionConfig,
    rng: np.random.Generator,
    report: Report,
) -> MetaFusion:
    """The fusion, calibrated on queries that it was not trained on.

    Args:
        stack: all batches.
        features: of the base models that scored the stack.
        calibrators: of cf and content.
        config: hyperparameters.
        rng: draws batches and lost sources.
        report: is told the share of the work that is done.
    """
    examples = examples_of(stack, features, calibrators)
    network = _fit(examples, config, rng, report)
    judged = examples.calibrates
    example = examples.inputs.take(np.arange(2)).feed()
    exported = export(network, "meta_fusion.onnx", example, OUTPUTS)
    said = raw_outputs(exported, examples.inputs.take(np.flatnonzero(judged)))
    played, pooled = examples.played[judged], examples.pooled[judged]
    return MetaFusion(
        network=exported,
        features=features,
        calibrator=fit_score_calibrator(said.logits[pooled], played[pooled]),
        interval=fit_interval(said.logits[pooled], played[pooled]),
        confidence_calibrator=fit_confidence_calibrator(
            said.confidence,
            said.logits,
            played,
            examples.random[judged],
            examples.queries[judged],
        ),
        prior=base_rate(played[pooled]),
    )


def _fit(
    examples: Examples, config: FusionConfig, rng: np.random.Generator, report: Report
) -> FusionNetwork:
    trains = np.flatnonzero(~examples.calibrates & examples.pooled)
    inputs = {name: torch.from_numpy(array) for name, array in examples.inputs.feed().items()}
    played = torch.from_numpy(examples.played.astype(np.float32))
    base = base_rate(examples.played[trains])
    network = FusionNetwork(config.hidden_size, math.log(base) - math.log1p(-base))
    starts = np.flatnonzero(np.diff(examples.queries[trains], prepend=-1))
    parts = np.split(trains, starts[1:])

    def loss_of(batch: Batch) -> Tensor:
        rows = torch.from_numpy(np.concatenate([parts[query] for query in batch]))
        feed = {name: tensor[rows] for name, tensor in inputs.items()}
        kept = torch.from_numpy(_kept_sources(len(rows), config.source_dropout, rng))
        feed["known"] = feed["known"] * kept
        feed["sources"] = feed["sources"] * kept.repeat(1, 3)
        _, terms = network(**feed)
        return functional.binary_cross_entropy_with_logits(terms.sum(dim=1), played[rows])

    optimiser = torch.optim.AdamW(
        network.parameters(), config.learning_rate, weight_decay=config.weight_decay
    )
    epochs, n_steps = shuffled(len(parts), config.queries_per_step, config.n_epochs, rng)
    minimise(network, loss_of, epochs, optimiser, n_steps, report)
    return network


def _kept_sources(n: int, dropout: float, rng: np.random.Generator) -> Floats:
    """1 for a source that stays; at most one of the two is lost. Shape (n, 2)."""
    lost = rng.choice(3, n, p=[1 - 2 * dropout, dropout, dropout])
    kept: Mask = np.arange(1, 3) != lost[:, None]
    return kept.astype(np.float32)
