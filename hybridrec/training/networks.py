"""What the networks of tracks share."""

import torch
from torch import Tensor, nn
from torch.nn import functional
from typing_extensions import override

from hybridrec.features.text import N_BUCKETS

TERM_SIZE = 24


class Bag(nn.Module):
    """Mean of the embeddings of padded terms; zeros where there are none. Row 0 is padding."""

    def __init__(self, n_terms: int, size: int) -> None:
        super().__init__()
        self.table = nn.Embedding(n_terms, size, padding_idx=0)
        nn.init.normal_(self.table.weight, std=0.1)
        with torch.no_grad():
            self.table.weight[0] = 0.0

    @override
    def forward(self, rows: Tensor) -> Tensor:
        if self.training:  # the same, twice as fast, but nothing that ONNX could hold
            return functional.embedding_bag(rows, self.table.weight, mode="mean", padding_idx=0)
        n_terms = (rows > 0).sum(dim=1, keepdim=True).clamp(min=1)
        pooled: Tensor = self.table(rows).sum(dim=1) / n_terms
        return pooled


class VocabularySizes:
    """Rows of the embedding tables, padding and unknown among them."""

    def __init__(self, artists: int, genres: int, moods: int, tags: int) -> None:
        self.artists, self.genres, self.moods, self.tags = artists, genres, moods, tags


class Metadata(nn.Module):
    """Text, artist, genres, moods and tags of a track as one vector."""

    def __init__(self, sizes: VocabularySizes, text_size: int, artist_size: int) -> None:
        super().__init__()
        self.text = Bag(N_BUCKETS, text_size)
        self.artist = nn.Embedding(sizes.artists, artist_size)
        nn.init.normal_(self.artist.weight, std=0.1)
        self.genres = Bag(sizes.genres, TERM_SIZE)
        self.moods = Bag(sizes.moods, TERM_SIZE)
        self.tags = Bag(sizes.tags, TERM_SIZE)
        self.size = text_size + artist_size + 3 * TERM_SIZE

    @override
    def forward(
        self,
        tokens: Tensor,
        artist_rows: Tensor,
        genre_rows: Tensor,
        mood_rows: Tensor,
        tag_rows: Tensor,
    ) -> Tensor:
        parts = [
            self.text(tokens),
            self.artist(artist_rows),
            self.genres(genre_rows),
            self.moods(mood_rows),
            self.tags(tag_rows),
        ]
        return torch.cat(parts, dim=1)
