"""The networks of the learned fusions: what is known of two scores to their shares."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional
from typing_extensions import override

from hybridrec.fusion.context import N_ITEM_CONTEXT
from hybridrec.schema.names import SOURCE_FEATURES, SOURCES
from hybridrec.schema.records import N_SESSION

CONTEXT_SIZE = 8
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
    def forward(self, above: Tensor, known: Tensor, others: Tensor) -> tuple[Tensor, ...]:
        """Hidden state; shares of shape (N, 2); terms of shape (N, 3): bias, cf, content."""
        hidden = torch.relu(self.hidden(torch.cat([above, known, others], dim=1)))
        weights = torch.exp(self.shares(hidden).clamp(-8.0, 8.0)) * known
        shares = weights / weights.sum(dim=1, keepdim=True).clamp(min=1e-9)
        gain = functional.softplus(self.gain(hidden) + UNIT_GAIN)
        bias = self.bias.expand(above.shape[0], 1)  # len() would fix the size of a batch
        return hidden, shares, torch.cat([bias, gain * shares * above], dim=1)


class FusionNetwork(nn.Module):
    """What is known of two scores to their shares, and to additive terms of the fused logit."""

    def __init__(self, hidden: int, base_logit: float) -> None:
        super().__init__()
        self.session = nn.Linear(2 * N_SESSION, CONTEXT_SIZE)
        self.items = nn.Linear(N_ITEM_CONTEXT, CONTEXT_SIZE)
        n_inputs = 2 * len(SOURCES) + len(SOURCE_FEATURES) + 2 * CONTEXT_SIZE
        self.sharing = Sharing(n_inputs, hidden, base_logit)
        self.context = nn.Linear(hidden, 1)

    @override
    def forward(
        self,
        logits: Tensor,
        known: Tensor,
        sources: Tensor,
        session: Tensor,
        session_known: Tensor,
        items: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """Shares of shape (N, 2); terms of shape (N, 4): bias, cf, content, context."""
        session_context = torch.relu(self.session(torch.cat([session, session_known], dim=1)))
        item_context = torch.relu(self.items(items))
        others = torch.cat([sources, session_context, item_context], dim=1)
        hidden, shares, terms = self.sharing(self.sharing.above_base(logits, known), known, others)
        return shares, torch.cat([terms, self.context(hidden)], dim=1)


class LearnedNetwork(nn.Module):
    """Both scores and their mean confidence to shares and terms."""

    def __init__(self, hidden: int, base_logit: float) -> None:
        super().__init__()
        self.sharing = Sharing(2 * len(SOURCES) + 1, hidden, base_logit)

    @override
    def forward(self, logits: Tensor, known: Tensor, confidence: Tensor) -> tuple[Tensor, Tensor]:
        """Shares of shape (N, 2); terms of shape (N, 4), of which the context's is 0."""
        above = self.sharing.above_base(logits, known)
        _, shares, terms = self.sharing(above, known, confidence)
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
        _, shares, terms = self.sharing(above, known, others)
        return shares, functional.pad(terms, (0, 1))
