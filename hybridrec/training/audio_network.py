"""The audio predictor's network: what a track is, to the distribution of each audio feature."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from typing_extensions import override

from hybridrec.features.leakage import LOG_DURATION_ORIGIN, YEAR_ORIGIN, YEAR_SCALE
from hybridrec.schema.names import NAME_WIDTHS, Floats
from hybridrec.schema.records import N_AUDIO
from hybridrec.training.audio_intervals import Intervals
from hybridrec.training.networks import VocabularySizes

YEARS = (1920, 1940, 1950, *range(1960, 2021, 5))
MINUTES = (0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 10, 20)
"""Year and duration act in proportion between each two of these."""
KNOTS = (
    (np.array(YEARS) - YEAR_ORIGIN) / YEAR_SCALE,
    np.log(np.array(MINUTES) * 60_000) - LOG_DURATION_ORIGIN,
)
HALF_RELIABLE = 0.5
"""Reliability of words that halves what they say together."""
TERM_SCALE = 0.03
SMALLEST = 1e-3
"""Deviation of inputs that hardly differ."""
UNFORESEEN = 0.01
"""Share of a distribution that is spread over all bins alike."""


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


class Member(nn.Module):
    """One of the networks that answer together."""

    def __init__(
        self, n_inputs: int, sizes: VocabularySizes, hidden: int, dropout: float, n_bins: int
    ) -> None:
        super().__init__()
        self.inputs = nn.Linear(n_inputs, hidden)
        kinds = (sizes.genres, sizes.moods, sizes.tags)
        self.terms = nn.ModuleList(nn.Embedding(n, hidden, padding_idx=0) for n in kinds)
        for table in self.terms:
            weight = table.get_parameter("weight")
            nn.init.normal_(weight, std=TERM_SCALE)
            with torch.no_grad():
                weight[0] = 0.0
        self.input_dropout, self.dropout = nn.Dropout(dropout / 4), nn.Dropout(dropout)
        self.hidden = nn.Linear(hidden, hidden // 2)
        self.expected = nn.Linear(hidden // 2, N_AUDIO)
        self.bins = nn.Linear(hidden // 2, N_AUDIO * n_bins)
        self.n_bins = n_bins

    @override
    def forward(self, inputs: Tensor, terms: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """Expected values, standardised, and logits of the bins, shape (C, 8, n_bins)."""
        sums = self.inputs(self.input_dropout(inputs))
        for table, rows in zip(self.terms, terms, strict=True):
            seen = self.input_dropout((rows > 0).to(sums.dtype)).unsqueeze(2)
            sums = sums + (table(rows) * seen).sum(dim=1)
        first = self.dropout(functional.gelu(sums))
        last = self.dropout(functional.gelu(self.hidden(first)))
        return self.expected(last), self.bins(last).view(-1, N_AUDIO, self.n_bins)


class AudioNetwork(nn.Module):
    """A track's metadata to expected audio and both ends of the 90 % interval, scaled."""

    def __init__(
        self,
        effects: Effects,
        inputs: Inputs,
        members: Sequence[Member],
        target: tuple[Floats, Floats],
        intervals: Intervals,
    ) -> None:
        """Puts it together.

        Args:
            effects: of names and artists.
            inputs: made of them, and of year and duration.
            members: whose mean is the answer.
            target: mean and deviation of the audio, scaled; shape (8,) each.
            intervals: what makes intervals of distributions.
        """
        super().__init__()
        self.effects, self.inputs, self.intervals = effects, inputs, intervals
        self.members = nn.ModuleList(members)
        self.register_buffer("mean", torch.from_numpy(target[0]))
        self.register_buffer("deviation", torch.from_numpy(target[1]))

    @override
    def forward(
        self,
        names: Tensor,
        artist_rows: Tensor,
        genre_rows: Tensor,
        mood_rows: Tensor,
        tag_rows: Tensor,
        numbers: Tensor,
        numbers_known: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor]:
        feed = {
            "names": names,
            "artist_rows": artist_rows,
            "genre_rows": genre_rows,
            "mood_rows": mood_rows,
            "tag_rows": tag_rows,
            "numbers": numbers,
            "numbers_known": numbers_known,
        }
        expected, shares = self.distribution(self.seen(feed), self.terms(feed))
        low, high = self.intervals(shares, genre_rows)
        return expected, low, high

    def seen(self, feed: Mapping[str, Tensor]) -> Tensor:
        """Inputs of the members; shape (C, n_inputs)."""
        sums = self.effects(feed["names"], feed["artist_rows"])
        inputs: Tensor = self.inputs(sums, feed["numbers"], feed["numbers_known"])
        return inputs

    @staticmethod
    def terms(feed: Mapping[str, Tensor]) -> tuple[Tensor, ...]:
        """Rows of genres, moods and tags."""
        return feed["genre_rows"], feed["mood_rows"], feed["tag_rows"]

    def distribution(self, inputs: Tensor, terms: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """Expected values, scaled, and shares of the bins; shapes (C, 8) and (C, 8, n_bins)."""
        answers = [member(inputs, terms) for member in self.members]
        expected = torch.stack([one for one, _ in answers]).mean(dim=0)
        shares = torch.stack([torch.softmax(logits, dim=2) for _, logits in answers]).mean(dim=0)
        shares = (1 - UNFORESEEN) * shares + UNFORESEEN / shares.shape[2]
        return expected * self.get_buffer("deviation") + self.get_buffer("mean"), shares
