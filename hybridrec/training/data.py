"""The canonical tables as training arrays."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from hybridrec.features.session import Listening
from hybridrec.histories import Histories, interaction_weight
from hybridrec.schema.names import Floats, Mask, Rows
from hybridrec.vocabulary import Vocabulary

Times = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Interactions:
    """Distinct pairs of user and track, user by user, oldest first where times are known.

    Attributes:
        users: shape (P,), rising.
        items: shape (P,).
        weights: shape (P,), interaction weights, above 0.
        times: shape (P,), Unix seconds of the first play, NaN if unknown.
        n_users: users of the vocabulary.
        n_items: tracks of the vocabulary.
    """

    users: Rows
    items: Rows
    weights: Floats
    times: Times
    n_users: int
    n_items: int

    def __len__(self) -> int:
        return len(self.users)

    @property
    def offsets(self) -> Rows:
        """Shape (n_users + 1,), cuts the pairs by user."""
        return np.searchsorted(self.users, np.arange(self.n_users + 1)).astype(np.int32)

    def where(self, kept: Mask) -> "Interactions":
        """Some of the pairs."""
        return Interactions(
            self.users[kept],
            self.items[kept],
            self.weights[kept],
            self.times[kept],
            self.n_users,
            self.n_items,
        )

    def counts(self) -> Rows:
        """Users of each track; shape (n_items,)."""
        return np.bincount(self.items, minlength=self.n_items).astype(np.int32)

    def histories(self) -> Histories:
        """What each user played."""
        return Histories(self.items, self.weights, self.offsets)


@dataclass(frozen=True, slots=True, eq=False)
class TrainingData:
    """Everything that training reads.

    Attributes:
        tracks: the canonical table of tracks.
        track_ids: its ids.
        user_ids: ids of all users with a play.
        interactions: distinct pairs of user and track.
        listening: events of each user, by row; empty where nothing is dated.
    """

    tracks: pl.DataFrame
    track_ids: Vocabulary
    user_ids: Vocabulary
    interactions: Interactions
    listening: tuple[Listening, ...]


def training_data(tracks: pl.DataFrame, interactions: pl.DataFrame) -> TrainingData:
    """Arrays of two checked tables; users are sorted by id, tracks stay in their order.

    Args:
        tracks: the canonical table of tracks.
        interactions: the canonical table of interactions, of these tracks alone.
    """
    track_ids = Vocabulary(tuple(tracks["track_id"].to_list()))
    played = interactions.filter(pl.col("plays") > 0)
    user_ids = Vocabulary(tuple(played["user_id"].unique().sort().to_list()))
    pairs = played.group_by("user_id", "track_id", maintain_order=True).agg(
        pl.col("plays").sum(), pl.col("timestamp").min()
    )
    users = user_ids.rows(pairs["user_id"].to_list())
    items = track_ids.rows(pairs["track_id"].to_list())
    times = _seconds(pairs["timestamp"])
    order = np.lexsort((items, times, users))
    return TrainingData(
        tracks=tracks,
        track_ids=track_ids,
        user_ids=user_ids,
        interactions=Interactions(
            users=users[order],
            items=items[order],
            weights=interaction_weight(pairs["plays"].to_numpy().astype(np.float32))[order],
            times=times[order],
            n_users=len(user_ids),
            n_items=len(track_ids),
        ),
        listening=_listening(interactions, user_ids, track_ids),
    )


def _listening(
    interactions: pl.DataFrame, user_ids: Vocabulary, track_ids: Vocabulary
) -> tuple[Listening, ...]:
    """The dated plays and skips of each user, oldest first."""
    heard = interactions.filter(
        pl.col("timestamp").is_not_null()
        & (pl.col("event").is_null() | pl.col("event").is_in(["play", "skip"]))
    )
    users = user_ids.rows(heard["user_id"].to_list())
    items = track_ids.rows(heard["track_id"].to_list())
    times = _seconds(heard["timestamp"])
    order = np.lexsort((items, times, users))
    order = order[users[order] >= 0]
    ms_played = heard["ms_played"].fill_null(float("nan")).to_numpy().astype(np.float32)
    skipped = (heard["event"] == "skip").fill_null(value=False).to_numpy()
    cuts = np.searchsorted(users[order], np.arange(1, len(user_ids)))
    return tuple(
        Listening(times[part], items[part], ms_played[part], skipped[part])
        for part in np.split(order, cuts)
    )


def _seconds(timestamps: pl.Series) -> Times:
    seconds = timestamps.dt.epoch("ms").cast(pl.Float64) / 1000
    return seconds.fill_null(float("nan")).to_numpy().astype(np.float64)
