"""Fits the two towers.

Source: Yi et al., "Sampling-bias-corrected neural modeling for large corpus item recommendations",
RecSys (2019).
"""

from dataclasses import dataclass

import numpy as np
import torch

from hybridrec.training.config import TwoTowerConfig
from hybridrec.training.loop import Report, minimise, shuffled
from hybridrec.training.samples import Sampler
from hybridrec.training.tower_loss import TowerData, TowerLoss
from hybridrec.training.towers import Towers

MIN_STEPS = 8
"""Of an epoch, about: batches are smaller where it would have fewer."""
ID_RATE = 0.03
"""Learning rate of users' ids, as a share: Adam moves far what it seldom sees, and an id would be
learnt by heart."""


@dataclass(frozen=True, slots=True, eq=False)
class FittedTowers:
    """Both towers and how they came about.

    Attributes:
        towers: both.
        curve: mean loss of each epoch, in nats per track that was to be found.
    """

    towers: Towers
    curve: tuple[float, ...]


def fit_two_tower(
    data: TowerData, config: TwoTowerConfig, rng: np.random.Generator, report: Report
) -> FittedTowers:
    """Both towers.

    Args:
        data: what they are fitted on.
        config: hyperparameters.
        rng: draws batches and what is left unknown in each sample.
        report: is told the share of the work that is done.
    """
    towers = Towers(data.sizes, data.interactions.n_users, config)
    sampler = Sampler(data.interactions, data.items, data.snapshots, config)
    loss = TowerLoss(towers, data, config, rng)
    optimiser = torch.optim.AdamW(
        _groups(towers, config.learning_rate), weight_decay=config.weight_decay, fused=True
    )
    listeners = sampler.listeners
    size = min(config.batch_size, max(2, -(-len(listeners) // MIN_STEPS)))
    epochs, n_steps = shuffled(len(listeners), size, config.n_epochs, rng, config.max_steps)
    curve = minimise(
        towers,
        lambda batch: loss.of(sampler.draw(listeners[batch], rng)),
        epochs,
        optimiser,
        n_steps,
        report,
    )
    return FittedTowers(towers, tuple(curve))


def _groups(towers: Towers, rate: float) -> list[dict[str, object]]:
    """All parameters with their learning rates at the peak."""
    ids = towers.user.user.weight
    others = [parameter for parameter in towers.parameters() if parameter is not ids]
    return [{"params": others, "lr": rate}, {"params": [ids], "lr": ID_RATE * rate}]
