"""The networks of the two towers."""

import torch
from torch import Tensor, nn
from torch.nn import functional
from typing_extensions import override

from hybridrec.schema.names import RATING_FEATURES
from hybridrec.schema.records import N_AUDIO, N_SESSION
from hybridrec.training.networks import ARTIST_SIZE, TERM_SIZE, Bag, Metadata, VocabularySizes


class ItemTower(nn.Module):
    """A track's metadata, audio and ratings to a unit vector."""

    def __init__(self, sizes: VocabularySizes, text_size: int, hidden: int, out: int) -> None:
        super().__init__()
        self.metadata = Metadata(sizes, text_size)
        n_inputs = self.metadata.size + 2 * N_AUDIO + 2 * len(RATING_FEATURES)
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
        inputs = torch.cat([metadata, *numbers], dim=1)
        return functional.normalize(self.straight(inputs) + self.deep(inputs), dim=1)


class UserTower(nn.Module):
    """A listener's id, history, preferences and session to a unit vector."""

    def __init__(self, n_users: int, n_genres: int, n_moods: int, hidden: int, out: int) -> None:
        super().__init__()
        self.user = nn.Embedding(n_users, ARTIST_SIZE)
        nn.init.normal_(self.user.weight, std=0.01)
        self.genres = Bag(n_genres, TERM_SIZE)
        self.moods = Bag(n_moods, TERM_SIZE)
        self.history = nn.Linear(out, out)
        n_inputs = ARTIST_SIZE + out + 2 * TERM_SIZE + 2 * N_SESSION
        self.deep = nn.Sequential(nn.Linear(n_inputs, hidden), nn.ReLU(), nn.Linear(hidden, out))

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
