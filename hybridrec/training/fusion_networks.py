"""The networks of the learned fusions: what is known of two scores to their shares."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional
from typing_extensions import override

from hybridrec.fusion.context import N_ITEM_CONTEXT
from hybridrec.fusion.plays_context import PLAYS_CONTEXT
from hybridrec.schema.names import SOURCE_FEATURES, SOURCES
from hybridrec.schema.records import N_SESSION
from hybridrec.training.fusion_inputs import Scaled, Spread

CONTEXT_SIZE = 8
DROPOUT = 0.1
"""Share of the hidden units that a step does not see."""
UNIT_GAIN = math.log(math.e - 1)
"""Softplus of this is 1: the gain where a layer says nothing."""


class Sharing(nn.Module):
    """The last layers of every fusion: inputs to shares and to additive terms of the logit."""

    base_logit: Tensor

    def __init__(self, n_inputs: int, hidden: int, base_logit: float) -> None:
        super().__init__()
        self.hidden = nn.Linear(n_inputs, hidden)
        self.shares = nn.Linear(hidden, len(SOURCES))
        self.gain = nn.Linear(hidden, 1)
        self.bias = nn.Parameter(torch.tensor(base_logit))
        self.register_buffer("base_logit", torch.tensor(base_logit))

    def above_base(self, logits: Tensor, known: Tensor) -> Tensor:
        """What each source says beyond the base, 0 where it says nothing; shape (N, 2)."""
        return (logits - self.base_logit) * known

    @override
    def forward(
        self, above: Tensor, said: Tensor, known: Tensor, others: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Shares of shape (N, 2); terms of shape (N, 3): bias, cf, content.

        Args:
            above: shape (N, 2), what each source says beyond the base.
            said: shape (N, 2), what is shared out.
            known: shape (N, 2).
            others: shape (N, n), what else shares and gain depend on.
        """
        hidden = torch.relu(self.hidden(torch.cat([above, known, others], dim=1)))
        weights = torch.exp(self.shares(hidden).clamp(-8.0, 8.0)) * known
        shares = weights / weights.sum(dim=1, keepdim=True).clamp(min=1e-9)
        gain = functional.softplus(self.gain(hidden) + UNIT_GAIN)
        bias = self.bias.expand(above.shape[0], 1)  # len() would fix the size of a batch
        return shares, torch.cat([bias, gain * shares * said], dim=1)


class FusionNetwork(nn.Module):
    """What is known of two scores to their shares, and to additive terms of the fused logit.

    Each source's term sees that source and the context alone, the context's term the context
    alone; only shares and gain see everything. So a term stands for what its source says.
    """

    def __init__(self, hidden: int, base_logit: float, spread: Spread) -> None:
        super().__init__()
        self.scaled = Scaled(spread)
        self.session = nn.Linear(2 * N_SESSION, CONTEXT_SIZE)
        self.items = nn.Linear(N_ITEM_CONTEXT, CONTEXT_SIZE)
        n_context = 2 * CONTEXT_SIZE + len(PLAYS_CONTEXT)
        n_inputs = 2 * len(SOURCES) + len(SOURCE_FEATURES) + n_context
        self.sharing = Sharing(n_inputs, hidden, base_logit)
        of_source = [
            [place for place, (name, _) in enumerate(SOURCE_FEATURES) if name == source]
            for source in SOURCES
        ]
        self.columns = [torch.tensor(places) for places in of_source]
        self.said = nn.ModuleList(_Term(1 + len(places), n_context, hidden) for places in of_source)
        self.context = _Term(len(SOURCES), n_context, hidden)

    @override
    def forward(
        self,
        logits: Tensor,
        known: Tensor,
        sources: Tensor,
        session: Tensor,
        session_known: Tensor,
        items: Tensor,
        plays: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """Shares of shape (N, 2); terms of shape (N, 4): bias, cf, content, context."""
        sources, plays = self.scaled(known, sources, plays)
        session_context = torch.relu(self.session(torch.cat([session, session_known], dim=1)))
        item_context = torch.relu(self.items(items))
        context = torch.cat([session_context, item_context, plays], dim=1)
        above = self.sharing.above_base(logits, known)
        beyond = [
            term(torch.cat([above[:, place : place + 1], sources[:, columns]], dim=1), context)
            for place, (term, columns) in enumerate(zip(self.said, self.columns, strict=True))
        ]
        said = above + torch.cat(beyond, dim=1) * known
        others = torch.cat([sources, context], dim=1)
        shares, terms = self.sharing(above, said, known, others)
        return shares, torch.cat([terms, self.context(known, context)], dim=1)


class _Term(nn.Module):
    """A part of the logit, from what a source says and the context."""

    def __init__(self, n_said: int, n_context: int, hidden: int) -> None:
        super().__init__()
        self.straight = nn.Linear(n_said, 1)
        last = nn.Linear(hidden // 2, 1)
        self.deep = nn.Sequential(
            nn.Linear(n_said + n_context, hidden),
            nn.SiLU(),
            nn.Dropout(DROPOUT),
            nn.Linear(hidden, hidden // 2),
            nn.SiLU(),
            last,
        )
        for layer in (self.straight, last):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    @override
    def forward(self, said: Tensor, context: Tensor) -> Tensor:
        """Shape (N, 1)."""
        part: Tensor = self.straight(said) + self.deep(torch.cat([said, context], dim=1))
        return part


class LearnedNetwork(nn.Module):
    """Both scores and their mean confidence to shares and terms."""

    def __init__(self, hidden: int, base_logit: float) -> None:
        super().__init__()
        self.sharing = Sharing(2 * len(SOURCES) + 1, hidden, base_logit)

    @override
    def forward(self, logits: Tensor, known: Tensor, confidence: Tensor) -> tuple[Tensor, Tensor]:
        """Shares of shape (N, 2); terms of shape (N, 4), of which the context's is 0."""
        above = self.sharing.above_base(logits, known)
        shares, terms = self.sharing(above, above, known, confidence)
        return shares, functional.pad(terms, (0, 1))


class AdaptiveNetwork(nn.Module):
    """The same, with the user's embedding."""

    def __init__(self, embedding_size: int, hidden: int, base_logit: float) -> None:
        super().__init__()
        self.user = nn.Linear(embedding_size, CONTEXT_SIZE)
        self.sharing = Sharing(2 * len(SOURCES) + 2 + CONTEXT_SIZE, hidden, base_logit)

    @override
    def forward(
        self,
        logits: Tensor,
        known: Tensor,
        confidence: Tensor,
        user: Tensor,
        user_known: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """Shares of shape (N, 2); terms of shape (N, 4), of which the context's is 0."""
        taste = torch.relu(self.user(user)) * user_known
        others = torch.cat([confidence, taste, user_known], dim=1)
        above = self.sharing.above_base(logits, known)
        shares, terms = self.sharing(above, above, known, others)
        return shares, functional.pad(terms, (0, 1))
