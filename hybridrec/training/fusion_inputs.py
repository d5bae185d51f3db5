"""Brings what the meta-learner is told of candidates to a common scale."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from typing_extensions import override

from hybridrec.fusion.plays_context import OF_TRACK
from hybridrec.schema.names import SOURCE_FEATURES, SOURCES, Floats, Mask
from hybridrec.training.examples import Examples

SOURCE_OF_FEATURE = [SOURCES.index(source) for source, _ in SOURCE_FEATURES]
LEAST = 1e-6
"""Deviations below this are none."""
FARTHEST = 6.0
"""Standard deviations from the mean within which inputs are kept: what is further off was hardly
ever seen in training."""


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """Where the inputs lie.

    Attributes:
        sources: shape (2, S), mean and deviation of what sources that know tell.
        plays: shape (2, P), of the columns of ``PLAYS_CONTEXT``, of tracks that were played.
    """

    sources: Floats
    plays: Floats

    @classmethod
    def of(cls, examples: Examples) -> "Spread":
        """Of the candidates that a fusion trains on."""
        inputs = examples.inputs.take(examples.trains)
        knows = inputs.known[:, SOURCE_OF_FEATURE] > 0
        is_played = np.ones_like(inputs.plays, bool)
        is_played[:, :OF_TRACK] = inputs.plays[:, :1] > 0
        return cls(_spread(inputs.sources, knows), _spread(inputs.plays, is_played))


class Scaled(nn.Module):
    """Standardises inputs; 0 stands for what is not known."""

    said: Tensor
    told: Tensor

    def __init__(self, spread: Spread) -> None:
        super().__init__()
        self.columns = torch.tensor(SOURCE_OF_FEATURE)
        self.register_buffer("said", torch.from_numpy(spread.sources))
        self.register_buffer("told", torch.from_numpy(spread.plays))

    @override
    def forward(self, known: Tensor, sources: Tensor, plays: Tensor) -> tuple[Tensor, Tensor]:
        """Shapes (N, S) and (N, P)."""
        of_sources, of_plays = (
            ((values - mean) / deviation).clamp(-FARTHEST, FARTHEST)
            for values, (mean, deviation) in ((sources, self.said), (plays, self.told))
        )
        is_played = plays[:, :1]
        of_track = of_plays[:, 1:OF_TRACK] * is_played
        said = of_sources * known[:, self.columns]
        return said, torch.cat([is_played, of_track, of_plays[:, OF_TRACK:]], dim=1)


def _spread(values: Floats, known: Mask) -> Floats:
    """Mean and deviation of each column's known values; 0 and 1 where they are all alike."""
    columns = [column[of_known] for column, of_known in zip(values.T, known.T, strict=True)]
    mean = np.array([one.mean(dtype=np.float64) if len(one) else 0.0 for one in columns])
    deviation = np.array([one.std(dtype=np.float64) if len(one) else 0.0 for one in columns])
    flat = deviation < LEAST
    found = np.stack([np.where(flat, 0.0, mean), np.where(flat, 1.0, deviation)])
    return found.astype(np.float32)
