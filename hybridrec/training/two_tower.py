"""Fits the two towers by a softmax over the batch's own tracks, corrected for their popularity.

Source: Yi et al., "Sampling-bias-corrected neural modeling for large corpus item recommendations",
RecSys (2019).
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from hybridrec.features.item import tower_inputs
from hybridrec.features.session_scaler import SessionScaler
from hybridrec.models.two_tower import tower_user_rows
from hybridrec.schema.names import Rows
from hybridrec.schema.records import AudioFeatures, ItemFeatures
from hybridrec.training.config import TwoTowerConfig
from hybridrec.training.data import Interactions
from hybridrec.training.loop import Report, minimise, shuffled
from hybridrec.training.networks import VocabularySizes
from hybridrec.training.samples import Sampler, Samples, Snapshots
from hybridrec.training.towers import ItemTower, UserTower
from hybridrec.vocabulary import N_RESERVED, OUT_OF_VOCABULARY


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


class Towers(nn.Module):
    """Both towers, fitted together."""

    def __init__(self, data: TowerData, config: TwoTowerConfig) -> None:
        super().__init__()
        hidden, out = config.hidden_size, config.embedding_size
        sizes = data.sizes
        n_users = data.interactions.n_users + N_RESERVED
        self.item = ItemTower(sizes, config.text_size, hidden, out)
        self.user = UserTower(n_users, sizes.genres, sizes.moods, hidden, out)


def fit_two_tower(
    data: TowerData, config: TwoTowerConfig, rng: np.random.Generator, report: Report
) -> Towers:
    """Both towers.

    Args:
        data: what they are fitted on.
        config: hyperparameters.
        rng: draws batches and what is left unknown in each sample.
        report: is told the share of the work that is done.
    """
    towers = Towers(data, config)
    sampler = Sampler(data.interactions, data.items, data.snapshots, config)
    step = _Step(towers, data, config, rng)
    optimiser = torch.optim.AdamW(
        towers.parameters(), config.learning_rate, weight_decay=config.weight_decay, fused=True
    )
    epochs, n_steps = shuffled(len(data.interactions), config.batch_size, config.n_epochs, rng)
    minimise(
        towers,
        lambda batch: step.loss(sampler.draw(batch, rng)),
        epochs,
        optimiser,
        n_steps,
        report,
    )
    return towers


class _Step:
    """The loss of one batch of samples."""

    def __init__(
        self, towers: Towers, data: TowerData, config: TwoTowerConfig, rng: np.random.Generator
    ) -> None:
        self._towers, self._config, self._rng = towers, config, rng
        self._sessions = data.sessions
        feed = tower_inputs(data.items, data.audio)
        self._items = {name: torch.from_numpy(array) for name, array in feed.items()}
        counts = data.interactions.counts()
        self._log_share = torch.from_numpy(
            np.log(np.maximum(counts, 1) / max(counts.sum(), 1)).astype(np.float32)
        )

    def loss(self, samples: Samples) -> Tensor:
        """Cross entropy of each play among the tracks of the batch that the user did not play."""
        needed, place_of = np.unique(
            np.concatenate([samples.items, samples.history.ravel()]), return_inverse=True
        )
        embeddings = self._embed_items(needed)  # (n, d); the row of -1 is never weighed
        n = len(samples.items)
        columns = np.unique(place_of[:n])
        places = place_of[n:].reshape(samples.history.shape).astype(np.int32)
        users = self._embed_users(samples, embeddings, places)
        logits = users @ embeddings[columns].T / self._config.temperature
        logits = logits - self._log_share[needed[columns]]
        target = np.searchsorted(columns, place_of[:n])
        played = _is_among(needed[columns], samples.history)
        played[np.arange(n), target] = False
        logits = logits.masked_fill(torch.from_numpy(played), -1e9)
        return functional.cross_entropy(logits, torch.from_numpy(target))

    def _embed_items(self, rows: Rows) -> Tensor:
        places = torch.from_numpy(np.maximum(rows, 0))
        feed = {name: tensor.index_select(0, places) for name, tensor in self._items.items()}
        no_artist, no_audio, no_ratings = (
            torch.from_numpy(self._rng.random(len(rows)) < self._config.item_dropout)
            for _ in range(3)
        )
        feed["artist_rows"] = feed["artist_rows"].masked_fill(no_artist, OUT_OF_VOCABULARY)
        for mask, names in (
            (no_audio, ("audio", "audio_confidence")),
            (no_ratings, ("ratings", "ratings_known")),
        ):
            for name in names:
                feed[name] = feed[name].masked_fill(mask[:, None], 0.0)
        embeddings: Tensor = self._towers.item(**feed)
        return embeddings

    def _embed_users(self, samples: Samples, embeddings: Tensor, places: Rows) -> Tensor:
        n, config, draw = len(samples.users), self._config, self._rng.random
        weights = samples.weights * (draw(n) >= config.history_dropout)[:, None]
        sessions = np.where(
            (draw(n) >= config.session_dropout)[:, None], samples.sessions, np.float32(np.nan)
        )
        session, session_known = self._sessions.transform(sessions)
        users = np.where(draw(n) >= config.user_dropout, samples.users, -1)
        shares = np.zeros((n, len(embeddings)), np.float32)
        np.add.at(shares, (np.arange(n)[:, None], places), weights)
        pool = torch.from_numpy(shares) @ embeddings  # faster than to gather and scatter rows
        embedded: Tensor = self._towers.user(
            user_rows=torch.from_numpy(tower_user_rows(users)),
            history_pool=pool,
            genre_rows=torch.from_numpy(samples.genres),
            mood_rows=torch.from_numpy(samples.moods),
            session=torch.from_numpy(session),
            session_known=torch.from_numpy(session_known),
        )
        return embedded


def _is_among(columns: Rows, history: Rows) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """Whether each sample's user is known to have played the track of each column."""
    place = np.clip(np.searchsorted(columns, history), 0, len(columns) - 1)  # (S, L)
    hit = columns[place] == history
    among = np.zeros((len(history), len(columns)), bool)
    sample, entry = np.nonzero(hit)
    among[sample, place[sample, entry]] = True
    return among
