"""What the members of the audio predictor see of a track beside its terms."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from typing_extensions import override

from hybridrec.features.leakage import LOG_DURATION_ORIGIN, YEAR_ORIGIN, YEAR_SCALE
from hybridrec.schema.names import NAME_WIDTHS, Floats

YEARS = (1920, 1940, 1950, *range(1960, 2021, 5))
MINUTES = (0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 10, 20)
"""Year and duration act in proportion between each two of these."""
KNOTS = (
    (np.array(YEARS) - YEAR_ORIGIN) / YEAR_SCALE,
    np.log(np.array(MINUTES) * 60_000) - LOG_DURATION_ORIGIN,
)
HALF_RELIABLE = 0.5
"""Reliability of words that halves what they say together."""
SMALLEST = 1e-3
"""Deviation of inputs that hardly differ."""


class Effects(nn.Module):
    """Sums of the effects of a track's words, field by field, and of its artist."""

    def __init__(self, tables: Sequence[Floats]) -> None:
        super().__init__()
        for field, table in enumerate(tables):
            self.register_buffer(f"table_{field}", torch.from_numpy(table))

    @override
    def forward(self, names: Tensor, artist_rows: Tensor) -> Tensor:
        """Shape (C, fields, T + 2), see ``hybridrec.training.effects.Effects``."""
        n_rows = len(self.get_buffer("table_0"))
        fields = [
            *torch.split(folded(names, n_rows), list(NAME_WIDTHS), dim=1),
            artist_rows.unsqueeze(1),
        ]
        sums = [
            functional.embedding(rows, self.get_buffer(f"table_{field}")).sum(dim=1)
            for field, rows in enumerate(fields)
        ]
        return torch.stack(sums, dim=1)


def folded(names: Tensor, n_rows: int) -> Tensor:
    """Hashes of names as rows of a table of so many; padding stays 0."""
    return torch.where(names > 0, (names - 1) % (n_rows - 1) + 1, 0)


class Inputs(nn.Module):
    """What the members see of a track beside its terms, standardised once that is known."""

    def __init__(self) -> None:
        super().__init__()
        for number, knots in enumerate(KNOTS):
            self.register_buffer(f"knots_{number}", torch.tensor(knots, dtype=torch.float32))
        self.register_buffer("mean", torch.zeros(1))
        self.register_buffer("deviation", torch.ones(1))

    @override
    def forward(self, sums: Tensor, numbers: Tensor, numbers_known: Tensor) -> Tensor:
        """Shape (C, n_inputs)."""
        return self.standard(self.plain(sums, numbers, numbers_known))

    def standardise(self, plain: Tensor) -> None:
        """From now on, inputs like these have mean 0 and deviation 1."""
        self.mean, self.deviation = plain.mean(dim=0), plain.std(dim=0).clamp(min=SMALLEST)

    def standard(self, plain: Tensor) -> Tensor:
        """Standardised inputs."""
        standard: Tensor = (plain - self.get_buffer("mean")) / self.get_buffer("deviation")
        return standard

    def plain(self, sums: Tensor, numbers: Tensor, numbers_known: Tensor) -> Tensor:
        """Inputs before they are standardised."""
        weight, reliability = sums[:, :, -1:], sums[:, :, -2:-1]
        total = sums[:, :, :-2]
        mean = total / (reliability + HALF_RELIABLE)
        parts = [part.flatten(1) for part in (total, mean, reliability, torch.log1p(weight))]
        for number in range(len(KNOTS)):
            knots = self.get_buffer(f"knots_{number}")
            past = (numbers[:, number : number + 1] - knots[:-1]) / (knots[1:] - knots[:-1])
            parts.append(past.clamp(0.0, 1.0) * numbers_known[:, number : number + 1])
        return torch.cat([*parts, numbers_known], dim=1)
