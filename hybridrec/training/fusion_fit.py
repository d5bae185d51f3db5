"""Trains the network of a learned fusion."""

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from hybridrec.schema.names import Floats, Mask
from hybridrec.training.calibration import base_rate
from hybridrec.training.config import FusionConfig
from hybridrec.training.examples import Examples
from hybridrec.training.feeds import Feed
from hybridrec.training.loop import Batch, Report, minimise, shuffled


def fit_network(
    build: Callable[[int, float], nn.Module],
    feed: Feed,
    examples: Examples,
    config: FusionConfig,
    rng: np.random.Generator,
    report: Report,
) -> tuple[nn.Module, list[float]]:
    """The network, trained on the queries that do not calibrate, and the mean loss of each epoch.

    Args:
        build: makes the network of a hidden size and a base logit.
        feed: its inputs.
        examples: of all queries.
        config: hyperparameters.
        rng: draws batches and lost sources.
        report: is told the share of the work that is done.
    """
    trains = np.flatnonzero(~examples.calibrates & examples.pooled)
    played = torch.from_numpy(examples.judged.played.astype(np.float32))
    base = base_rate(examples.judged.played[trains])
    network = build(config.hidden_size, math.log(base) - math.log1p(-base))
    starts = np.flatnonzero(np.diff(examples.judged.queries[trains], prepend=-1))
    parts = np.split(trains, starts[1:])

    def loss_of(batch: Batch) -> Tensor:
        rows = np.concatenate([parts[query] for query in batch])
        _, terms = network(**feed(rows, kept_sources(len(rows), config.source_dropout, rng)))
        return functional.binary_cross_entropy_with_logits(
            terms.sum(dim=1), played[torch.from_numpy(rows)]
        )

    optimiser = torch.optim.AdamW(
        network.parameters(), config.learning_rate, weight_decay=config.weight_decay
    )
    epochs, n_steps = shuffled(len(parts), config.queries_per_step, config.n_epochs, rng)
    return network, minimise(network, loss_of, epochs, optimiser, n_steps, report)


def kept_sources(n: int, dropout: float, rng: np.random.Generator) -> Floats:
    """1 for a source that stays; at most one of the two is lost. Shape (n, 2)."""
    lost = rng.choice(3, n, p=[1 - 2 * dropout, dropout, dropout])
    kept: Mask = np.arange(1, 3) != lost[:, None]
    return kept.astype(np.float32)
