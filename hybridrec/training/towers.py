"""The networks of the two towers."""

import torch
from torch import Tensor, nn
from torch.nn import functional
from typing_extensions import override

from hybridrec.schema.names import RATING_FEATURES
from hybridrec.schema.records import N_AUDIO, N_SESSION
from hybridrec.training.config import TwoTowerConfig
from hybridrec.training.networks import TERM_SIZE, Bag, Metadata, VocabularySizes
from hybridrec.vocabulary import N_RESERVED, OUT_OF_VOCABULARY

USER_SIZE = 32
FIRST_SHARE = 0.1
"""By which the weights that bend a listener's mean track are smaller than usual at first."""


class ItemTower(nn.Module):
    """A track's metadata, audio and ratings to a unit vector."""

    def __init__(self, sizes: VocabularySizes, config: TwoTowerConfig) -> None:
        super().__init__()
        hidden, out = config.hidden_size, config.embedding_size
        self.metadata = Metadata(sizes, config.text_size, config.artist_size)
        n_inputs = self.metadata.size + 2 * N_AUDIO + 2 * len(RATING_FEATURES)
        self.dropout = nn.Dropout(config.input_dropout)
        self.straight = nn.Linear(n_inputs, out)
        self.deep = nn.Sequential(nn.Linear(n_inputs, hidden), nn.ReLU(), nn.Linear(hidden, out))

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
        metadata = self.metadata(tokens, artist_rows, genre_rows, mood_rows, tag_rows)
        # a value counts as far as it may be trusted
        numbers = [audio * audio_confidence, audio_confidence, ratings, ratings_known]
        inputs = self.dropout(torch.cat([metadata, *numbers], dim=1))
        return functional.normalize(self.straight(inputs) + self.deep(inputs), dim=1)


class UserTower(nn.Module):
    """A listener's id, history, preferences and session to a unit vector."""

    def __init__(self, n_users: int, sizes: VocabularySizes, config: TwoTowerConfig) -> None:
        super().__init__()
        hidden, out = config.hidden_size, config.embedding_size
        n_rows = n_users + N_RESERVED
        self.user = nn.Embedding(n_rows, USER_SIZE, padding_idx=OUT_OF_VOCABULARY)
        nn.init.normal_(self.user.weight, std=0.01)
        with torch.no_grad():
            self.user.weight[OUT_OF_VOCABULARY] = 0.0  # and stays it: an id can only add
        self.genres = Bag(sizes.genres, TERM_SIZE)
        self.moods = Bag(sizes.moods, TERM_SIZE)
        self.history = nn.Linear(out, out)
        # at first a listener is the mean of what they played, and little more
        nn.init.eye_(self.history.weight)
        nn.init.zeros_(self.history.bias)
        n_inputs = USER_SIZE + out + 2 * TERM_SIZE + 2 * N_SESSION
        last = nn.Linear(hidden, out)
        with torch.no_grad():
            last.weight *= FIRST_SHARE
        self.deep = nn.Sequential(nn.Linear(n_inputs, hidden), nn.ReLU(), last)

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
        parts = [
            self.user(user_rows),
            history_pool,
            self.genres(genre_rows),
            self.moods(mood_rows),
            session,
            session_known,
        ]
        deep = self.deep(torch.cat(parts, dim=1))
        return functional.normalize(self.history(history_pool) + deep, dim=1)


class Towers(nn.Module):
    """Both towers, fitted together."""

    def __init__(self, sizes: VocabularySizes, n_users: int, config: TwoTowerConfig) -> None:
        super().__init__()
        self.item = ItemTower(sizes, config)
        self.user = UserTower(n_users, sizes, config)
