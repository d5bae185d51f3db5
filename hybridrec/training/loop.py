"""Steps of gradient descent, the same for every network."""

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

Batch = npt.NDArray[np.int64]
Report = Callable[[float], None]
GRADIENT_NORM = 5.0


def minimise(
    network: nn.Module,
    loss_of: Callable[[Batch], Tensor],
    epochs: Iterator[list[Batch]],
    optimiser: torch.optim.Optimizer,
    n_steps: int,
    report: Report,
) -> list[float]:
    """One step per batch, with the learning rate rising and falling once over all steps.

    Args:
        network: is put into training mode.
        loss_of: the loss of one batch.
        epochs: the batches of each epoch.
        optimiser: of the network's parameters, at the peak learning rate.
        n_steps: of all epochs together.
        report: is told the share of the steps that is done.

    Returns:
        the mean loss of each epoch.
    """
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, [group["lr"] for group in optimiser.param_groups], total_steps=n_steps + 1
    )
    network.train()
    curve: list[float] = []
    done = 0
    for batches in epochs:
        losses = []
        for batch in batches:
            optimiser.zero_grad(set_to_none=True)
            loss = loss_of(batch)
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(network.parameters(), GRADIENT_NORM)
            optimiser.step()
            schedule.step()
            losses.append(float(loss.detach()))
            done += 1
        curve.append(float(np.mean(losses)))
        report(done / n_steps)
    return curve


def shuffled(
    n: int, size: int, n_epochs: int, rng: np.random.Generator, max_steps: int | None = None
) -> tuple[Iterator[list[Batch]], int]:
    """Epochs of batches over n samples, and how many batches there are in all.

    All batches are of about one size, at most the one asked for: a small one would weigh as much as
    the others. Where there were more than ``max_steps``, there are fewer epochs; a single one ends
    early.
    """
    n_batches = -(-n // size)
    cuts = [n * batch // n_batches for batch in range(n_batches + 1)]
    spans = list(pairwise(cuts))[:max_steps]
    if max_steps is not None:
        n_epochs = min(n_epochs, max_steps // len(spans))
    epochs = (
        [order[start:end] for start, end in spans]
        for order in (rng.permutation(n) for _ in range(n_epochs))
    )
    return epochs, len(spans) * n_epochs
