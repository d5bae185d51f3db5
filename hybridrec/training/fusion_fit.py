"""Trains the network of a learned fusion."""

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from hybridrec.fusion.plays_context import PLAYS_CONTEXT
from hybridrec.schema.names import Floats, Mask
from hybridrec.training.calibration import base_rate
from hybridrec.training.config import FusionConfig
from hybridrec.training.examples import Examples
from hybridrec.training.feeds import Feed
from hybridrec.training.loop import Batch, Report, minimise, shuffled

IS_PLAYED = PLAYS_CONTEXT.index("is_played")


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
    trains = examples.trains
    played = torch.from_numpy((examples.judged.played | examples.surplus).astype(np.float32))
    counts = torch.from_numpy((~examples.surplus).astype(np.float32))
    is_new = torch.from_numpy(examples.inputs.plays[:, IS_PLAYED] == 0)
    base = base_rate(examples.judged.played[trains[examples.pooled[trains]]])
    network = build(config.hidden_size, math.log(base) - math.log1p(-base))
    starts = np.flatnonzero(np.diff(examples.judged.queries[trains], prepend=-1))
    parts = np.split(trains, starts[1:])

    def loss_of(batch: Batch) -> Tensor:
        rows = np.concatenate([parts[query] for query in batch])
        places, sizes = torch.from_numpy(rows), [len(parts[query]) for query in batch]
        _, terms = network(**feed(rows, kept_sources(len(rows), config.source_dropout, rng)))
        logits, wanted = terms.sum(dim=1), played[places]
        each = functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
        queries = torch.arange(len(batch)).repeat_interleave(torch.tensor(sizes))
        among = among_others(logits, wanted, 2 * queries + is_new[places])
        return ((each * counts[places]).sum() + config.list_weight * among) / len(batch)

    optimiser = torch.optim.AdamW(
        network.parameters(), config.learning_rate, weight_decay=config.weight_decay
    )
    epochs, n_steps = shuffled(len(parts), config.queries_per_step, config.n_epochs, rng)
    return network, minimise(network, loss_of, epochs, optimiser, n_steps, report)


def among_others(logits: Tensor, played: Tensor, groups: Tensor) -> Tensor:
    """Minus the logarithm of each play's share in a softmax over its group, summed.

    Source: Cao et al., "Learning to rank: from pairwise approach to listwise approach", ICML
    (2007).

    Args:
        logits: shape (n,).
        played: shape (n,).
        groups: shape (n,), numbers from 0 on.
    """
    n_groups = int(groups.max()) + 1
    highest = torch.full((n_groups,), -torch.inf).scatter_reduce(0, groups, logits.detach(), "amax")
    shares = torch.exp(logits - highest[groups])
    totals = torch.zeros(n_groups).index_add(0, groups, shares)
    return ((totals.log() + highest)[groups] - logits).mul(played).sum()


def kept_sources(n: int, dropout: float, rng: np.random.Generator) -> Floats:
    """1 for a source that stays; at most one of the two is lost. Shape (n, 2)."""
    lost = rng.choice(3, n, p=[1 - 2 * dropout, dropout, dropout])
    kept: Mask = np.arange(1, 3) != lost[:, None]
    return kept.astype(np.float32)
