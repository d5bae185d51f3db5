"""The audio predictor's network: what a track is, to the distribution of each audio feature."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional
from typing_extensions import override

from hybridrec.schema.names import Floats
from hybridrec.schema.records import N_AUDIO
from hybridrec.training.audio_inputs import Effects, Inputs
from hybridrec.training.audio_intervals import Intervals
from hybridrec.training.networks import VocabularySizes

TERM_SCALE = 0.03
UNFORESEEN = 0.01
"""Share of a distribution that is spread over all bins alike."""


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
            sums = sums + self._sum(table, rows)
        first = self.dropout(functional.gelu(sums))
        last = self.dropout(functional.gelu(self.hidden(first)))
        return self.expected(last), self.bins(last).view(-1, N_AUDIO, self.n_bins)

    def _sum(self, table: nn.Module, rows: Tensor) -> Tensor:
        """Sum of the terms' rows; some terms are hidden in training, padding is zeros."""
        share = self.input_dropout.p if self.training else 0.0
        if share:
            rows = rows.masked_fill(torch.rand(rows.shape) < share, 0)
        whole: Tensor = table(rows).sum(dim=1)
        return whole / (1 - share)


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
