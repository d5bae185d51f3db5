"""What is written of tracks, as vectors that nothing learns, beside what the towers learnt.

Towers know best the tracks that they were trained on. Of a track that nobody played they know what
its artist and terms stood for elsewhere, and there plain likeness of what is written tells as much:
so a share of the affinity is that. Terms are drawn into few numbers at random, which keeps cosines
about as they are.

Source: Bingham and Mannila, "Random projection in dimensionality reduction", KDD (2001).
"""

import math

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from typing_extensions import override

from hybridrec.schema.names import Rows
from hybridrec.schema.records import ItemFeatures
from hybridrec.training.networks import VocabularySizes
from hybridrec.training.towers import ItemTower, UserTower
from hybridrec.vocabulary import N_RESERVED

ARTIST_WEIGHT = 5.0
"""Of the artist, where a genre, mood or tag counts 1, each times its rarity."""


class Description(nn.Module):
    """Artist, genres, moods and tags as a unit vector; zeros where none is known."""

    def __init__(
        self, items: ItemFeatures, sizes: VocabularySizes, size: int, rng: np.random.Generator
    ) -> None:
        super().__init__()
        self.artists = _drawn(items.artist_rows[:, None], sizes.artists, size, rng, ARTIST_WEIGHT)
        self.genres = _drawn(items.genre_rows, sizes.genres, size, rng)
        self.moods = _drawn(items.mood_rows, sizes.moods, size, rng)
        self.tags = _drawn(items.tag_rows, sizes.tags, size, rng)

    @override
    def forward(
        self, artist_rows: Tensor, genre_rows: Tensor, mood_rows: Tensor, tag_rows: Tensor
    ) -> Tensor:
        terms = (
            self.artists(artist_rows)
            + self.genres(genre_rows).sum(dim=1)
            + self.moods(mood_rows).sum(dim=1)
            + self.tags(tag_rows).sum(dim=1)
        )
        return functional.normalize(terms, dim=1)


class DescribedItems(nn.Module):
    """A track's learnt embedding and its description; of length 1, or less if none is written."""

    def __init__(self, tower: ItemTower, description: Description, share: float) -> None:
        super().__init__()
        self.tower, self.description, self.share = tower, description, share

    @override
    def forward(
        self,
        tokens: Tensor,
        artist_rows: Tensor,
        genre_rows: Tensor,
        mood_rows: Tensor,
        tag_rows: Tensor,
        audio: Tensor,
        audio_confidence: Tensor,
        ratings: Tensor,
        ratings_known: Tensor,
    ) -> Tensor:
        terms = (artist_rows, genre_rows, mood_rows, tag_rows)
        learnt = self.tower(tokens, *terms, audio, audio_confidence, ratings, ratings_known)
        return _joined(learnt, self.description(*terms), self.share)


class DescribedUsers(nn.Module):
    """A listener's learnt embedding, and the description of what they played.

    The product with a track's is ``(1 - share) * learnt cosine + share * cosine of descriptions``.
    """

    def __init__(self, tower: UserTower, size: int, share: float) -> None:
        super().__init__()
        self.tower, self.size, self.share = tower, size, share

    @override
    def forward(
        self,
        user_rows: Tensor,
        history_pool: Tensor,
        genre_rows: Tensor,
        mood_rows: Tensor,
        session: Tensor,
        session_known: Tensor,
    ) -> Tensor:
        learnt_pool = history_pool[:, : self.size] / math.sqrt(1.0 - self.share)
        learnt = self.tower(user_rows, learnt_pool, genre_rows, mood_rows, session, session_known)
        described = functional.normalize(history_pool[:, self.size :], dim=1)
        return _joined(learnt, described, self.share)


def _joined(learnt: Tensor, described: Tensor, share: float) -> Tensor:
    return torch.cat([math.sqrt(1.0 - share) * learnt, math.sqrt(share) * described], dim=1)


def _drawn(
    rows: Rows, n_terms: int, size: int, rng: np.random.Generator, weight: float = 1.0
) -> nn.Embedding:
    """A random vector for each term, as long as the term is rare; zeros for reserved rows.

    Args:
        rows: shape (n_items, w), terms of each track of the catalogue.
        n_terms: of the vocabulary, the reserved rows among them.
        size: of the vectors.
        rng: draws them.
        weight: of all of them.
    """
    n_having = np.bincount(rows.ravel(), minlength=n_terms)[:n_terms]
    rarity = np.log((1 + len(rows)) / (1 + n_having)) + 1
    rarity[:N_RESERVED] = 0.0
    vectors = rng.standard_normal((n_terms, size)) * (weight * rarity / math.sqrt(size))[:, None]
    drawn = nn.Embedding(n_terms, size, _weight=torch.from_numpy(vectors.astype(np.float32)))
    drawn.requires_grad_(requires_grad=False)
    return drawn
