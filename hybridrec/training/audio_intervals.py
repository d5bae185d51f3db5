"""Intervals of the audio predictor whose level is set genre by genre.

A distribution over bins gives an interval for any level, of which the tail goes to the side that
has room: a feature that is often 0 gets no lower tail. The level of a track is what its genres
need, so that nine of ten tracks of each lie inside.

Sources: Chernozhukov, Wüthrich and Zhu, "Distributional conformal prediction", PNAS (2021); Gibbs,
Cherian and Candès, "Conformal prediction with conditional guarantees", JRSS B (2025).
"""

import torch
from torch import Tensor, nn
from typing_extensions import override

from hybridrec.schema.names import Floats
from hybridrec.schema.records import N_AUDIO

LEVEL = 0.9
"""Share of tracks whose value lies inside the interval."""
LEANING = 5.0
"""By which the lower tail shrinks with the share of the lowest bin over that of the highest."""
ANYWHERE = 2.0
"""Level of which the interval is the whole range."""
TINY = 1e-9


class Intervals(nn.Module):
    """Intervals of distributions over bins.

    Attributes:
        edges: shape (8, n_bins + 1), rising, scaled; bins of no width hold one value alone.
    """

    def __init__(self, edges: Floats, n_genres: int) -> None:
        super().__init__()
        self.register_buffer("edges", torch.from_numpy(edges))
        self.register_buffer("level", torch.full((N_AUDIO,), LEVEL))
        self.register_buffer("level_of_genre", torch.zeros(n_genres, N_AUDIO))
        self.n_genres = n_genres

    @override
    def forward(self, shares: Tensor, genre_rows: Tensor) -> tuple[Tensor, Tensor]:
        """Both ends, shape (C, 8) each.

        Args:
            shares: shape (C, 8, n_bins), adding up to 1.
            genre_rows: shape (C, genres).
        """
        of_genres = nn.functional.embedding(genre_rows, self.get_buffer("level_of_genre"))
        level = (self.get_buffer("level") + of_genres.sum(dim=1)).clamp(0.0, ANYWHERE)
        below = lower_tail(shares)
        tail = 1 - level
        return self._at(shares, below * tail), self._at(shares, 1 - (1 - below) * tail)

    def set_levels(self, base: Floats, of_genre: Floats) -> None:
        """The level of a track is the base, shape (8,), and what its genres add, (n_genres, 8)."""
        self.level = torch.from_numpy(base)
        self.level_of_genre = torch.from_numpy(of_genre)

    def _at(self, shares: Tensor, quantile: Tensor) -> Tensor:
        """The value that a share of the distribution lies below."""
        edges = self.get_buffer("edges")
        before = shares.cumsum(dim=2) - shares
        part = ((quantile.unsqueeze(2) - before) / (shares + TINY)).clamp(0.0, 1.0)
        value: Tensor = edges[:, 0] + (part * (edges[:, 1:] - edges[:, :-1])).sum(dim=2)
        return value

    def needed(self, shares: Tensor, truth: Tensor) -> Tensor:
        """The smallest level at which each interval holds the truth; shape (C, 8)."""
        edges = self.get_buffer("edges")
        width = edges[:, 1:] - edges[:, :-1]
        inside = (truth.unsqueeze(2) - edges[:, :-1]) / width.clamp(min=TINY)
        up_to = (
            shares * torch.where(width > 0, inside.clamp(0.0, 1.0), (inside >= 0).float())
        ).sum(2)
        under = (shares * torch.where(width > 0, inside.clamp(0.0, 1.0), (inside > 0).float())).sum(
            2
        )
        below = lower_tail(shares)
        too_low = 1 - up_to / below.clamp(min=TINY)
        too_high = 1 - (1 - under) / (1 - below).clamp(min=TINY)
        too_low = torch.where(below > 0, too_low, 0.0)
        return torch.maximum(too_low, torch.where(below < 1, too_high, 0.0))


def lower_tail(shares: Tensor) -> Tensor:
    """Which share of what the interval leaves out lies below it; shape (C, 8)."""
    return (0.5 + LEANING * (shares[:, :, -1] - shares[:, :, 0])).clamp(0.0, 1.0)
