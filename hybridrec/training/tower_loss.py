"""The loss of the two towers: a softmax over the tracks of the catalogue.

Of a large catalogue a step sees only some tracks; those that it drew stand for those that it did
not, corrected for the chance of being drawn.

Sources: Liang et al., "Variational autoencoders for collaborative filtering", WWW (2018), for the
softmax over all tracks of what is to be found of a listener; Yi et al., "Sampling-bias-corrected
neural modeling for large corpus item recommendations", RecSys (2019), for the correction.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from hybridrec.features.item import tower_inputs
from hybridrec.features.session_scaler import SessionScaler
from hybridrec.histories import Histories
from hybridrec.models.two_tower import tower_user_rows
from hybridrec.schema.names import Floats, Rows
from hybridrec.schema.records import AudioFeatures, ItemFeatures
from hybridrec.training.config import TwoTowerConfig
from hybridrec.training.data import Interactions
from hybridrec.training.networks import VocabularySizes
from hybridrec.training.samples import Samples, Snapshots
from hybridrec.training.towers import Towers
from hybridrec.vocabulary import OUT_OF_VOCABULARY, PADDING

LEAST_DRAWN = 0.25
"""Share of a step's tracks that are drawn at random, however many its listeners bring."""
NEVER = -1e9
"""Logit of a track that nobody looks for, finite so that no gradient is NaN."""


@dataclass(frozen=True, slots=True, eq=False)
class TowerData:
    """What the towers are fitted on.

    Attributes:
        interactions: distinct pairs of user and track.
        items: features of all tracks.
        audio: their audio, predicted in the gaps.
        snapshots: session features of each user as of one moment.
        sessions: scales them.
        sizes: of the vocabularies.
    """

    interactions: Interactions
    items: ItemFeatures
    audio: AudioFeatures
    snapshots: Snapshots
    sessions: SessionScaler
    sizes: VocabularySizes


class TowerLoss:
    """The loss of one batch of samples."""

    def __init__(
        self, towers: Towers, data: TowerData, config: TwoTowerConfig, rng: np.random.Generator
    ) -> None:
        self._towers, self._config, self._rng = towers, config, rng
        self._sessions = data.sessions
        feed = tower_inputs(data.items, data.audio)
        self._items = {name: torch.from_numpy(array) for name, array in feed.items()}
        self._is_played = data.interactions.counts() > 0

    def of(self, samples: Samples) -> Tensor:
        """Cross entropy of what is to be found, among all that the listener is not known for.

        Each of n tracks that are to be found of one listener counts 1 / sqrt(n).
        """
        rows, log_chance = self._tracks(samples)
        embeddings = self._embed_items(rows)  # (n, d)
        users = self._embed_users(samples, embeddings, rows) / self._config.temperature
        logits = functional.linear(users, embeddings, torch.from_numpy(-log_chance))
        logits[self._known(samples, rows)] = NEVER
        wanted = samples.wanted
        owners, places = torch.from_numpy(_owners(wanted)), np.searchsorted(rows, wanted.rows)
        affinity = (users[owners] * embeddings[torch.from_numpy(places)]).sum(dim=1)
        counts = torch.from_numpy(np.diff(wanted.offsets))[owners]
        weights = counts.rsqrt() / counts.rsqrt().sum()
        loss: Tensor = weights @ (logits.logsumexp(dim=1)[owners] - affinity)
        return loss

    def _known(self, samples: Samples, rows: Rows) -> tuple[Tensor, Tensor]:
        """Whose tracks are known, so that nobody looks for them, and where they stand in rows."""
        parts = (samples.history, samples.unused)
        owners = np.concatenate([_owners(part) for part in parts])
        tracks = np.concatenate([part.rows for part in parts])
        places = np.searchsorted(rows, tracks)
        here = rows[np.minimum(places, len(rows) - 1)] == tracks
        return torch.from_numpy(owners[here]), torch.from_numpy(places[here])

    def _tracks(self, samples: Samples) -> tuple[Rows, Floats]:
        """Rising rows of tracks to embed, and the logarithm of the chance that each is among them.

        The listeners' own are there for sure; of the others all or some, all equally likely. Then
        the sum over them, each divided by its chance, is expected to be that over all tracks.
        """
        is_there = np.zeros(len(self._is_played), bool)
        is_there[samples.history.rows] = is_there[samples.wanted.rows] = True
        others = np.flatnonzero(self._is_played & ~is_there)
        limit = self._config.max_tracks
        room = max(limit - int(is_there.sum()), int(LEAST_DRAWN * limit), 1)
        log_chance = np.zeros(len(is_there), np.float32)
        if len(others) > room:
            log_chance[others] = np.log(room / len(others))
            others = self._rng.choice(others, room, replace=False)
        is_there[others] = True
        rows = np.flatnonzero(is_there).astype(np.int32)
        return rows, log_chance[rows]

    def _embed_items(self, rows: Rows) -> Tensor:
        places = torch.from_numpy(rows)
        feed = {name: tensor.index_select(0, places) for name, tensor in self._items.items()}
        no_artist, no_audio = (
            self._some((len(rows), 1), self._config.item_dropout) for _ in range(2)
        )
        no_rating, no_token = (
            self._some(tuple(feed[name].shape), share)
            for name, share in (
                ("ratings", self._config.rating_dropout),
                ("tokens", self._config.token_dropout),
            )
        )
        feed["tokens"] = feed["tokens"].masked_fill(no_token, PADDING)
        feed["artist_rows"] = feed["artist_rows"].masked_fill(no_artist[:, 0], OUT_OF_VOCABULARY)
        for mask, names in (
            (no_audio, ("audio", "audio_confidence")),
            (no_rating, ("ratings", "ratings_known")),
        ):
            for name in names:
                feed[name] = feed[name].masked_fill(mask, 0.0)
        embeddings: Tensor = self._towers.item(**feed)
        return embeddings

    def _some(self, shape: tuple[int, ...], share: float) -> Tensor:
        """A mask that holds in a share of its places, drawn at random."""
        return torch.from_numpy(self._rng.random(shape, np.float32) < share)

    def _embed_users(self, samples: Samples, embeddings: Tensor, rows: Rows) -> Tensor:
        n, config, draw = len(samples), self._config, self._rng.random
        sessions = np.where(
            (draw(n) >= config.session_dropout)[:, None], samples.sessions, np.float32(np.nan)
        )
        session, session_known = self._sessions.transform(sessions)
        users = np.where(draw(n) >= config.user_dropout, samples.users, -1)
        weights = _shares(samples.history) * (draw(n) >= config.history_dropout)[
            _owners(samples.history)
        ].astype(np.float32)
        pool = functional.embedding_bag(
            torch.from_numpy(np.searchsorted(rows, samples.history.rows).astype(np.int32)),
            embeddings,
            torch.from_numpy(samples.history.offsets[:-1]),
            mode="sum",
            per_sample_weights=torch.from_numpy(weights),
        )
        embedded: Tensor = self._towers.user(
            user_rows=torch.from_numpy(tower_user_rows(users)),
            history_pool=pool,
            genre_rows=torch.from_numpy(samples.genres),
            mood_rows=torch.from_numpy(samples.moods),
            session=torch.from_numpy(session),
            session_known=torch.from_numpy(session_known),
        )
        return embedded


def _owners(histories: Histories) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Whose each track is."""
    return np.arange(len(histories)).repeat(np.diff(histories.offsets))


def _shares(histories: Histories) -> Floats:
    """Each weight over the sum of its listener's, as the pool of a history weighs its tracks."""
    total = np.bincount(_owners(histories), histories.weights, len(histories))
    shares: Floats = (histories.weights / total[_owners(histories)]).astype(np.float32)
    return shares
