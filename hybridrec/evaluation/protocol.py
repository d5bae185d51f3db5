"""One set of questions for all models: who asks, what is known then, and what is to be found.

New tracks are drawn first, then new users, then warm users, and what is left is the one table that
all models train on, so that they answer all questions from one training. The questions about later
plays have a table of their own, cut at one moment for everybody.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from pydantic import Field

from hybridrec.config import Config
from hybridrec.errors import InvalidData
from hybridrec.evaluation.later import hold_out_later
from hybridrec.evaluation.splits import (
    frequent,
    hold_out_items,
    hold_out_tracks,
    hold_out_users,
    liked_pairs,
)

SliceName = Literal["warm", "new_user", "new_track", "temporal"]
UNDATED = ("popularity", "aoty_num_ratings")
"""Columns of tracks that count listeners up to a day that nobody knows."""
_PAIR = ["user_id", "track_id"]


class ProtocolConfig(Config):
    """How many are asked; where there are few, the shares are what holds."""

    n_new_tracks: int = Field(default=250, ge=1)
    """Tracks that no model sees a play of."""
    min_listeners: int = Field(default=5, ge=1)
    """Users who like a track that may be new: fewer tell little of a ranking."""
    n_new_users: int = Field(default=500, ge=1)
    """Users that no model sees; half of their tracks are their history."""
    n_warm_users: int = Field(default=2_000, ge=1)
    """Users who keep most of their tracks in training."""
    min_tracks: int = Field(default=8, ge=2)
    """Liked tracks of a warm or new user: fewer leave next to nothing to hold out."""
    held_out_share: float = Field(default=0.25, gt=0, lt=1)
    """Of a warm user's tracks."""
    max_new_share: float = Field(default=0.1, gt=0, lt=1)
    """Of all tracks and all users that may be new, so that models have something to train on."""
    max_warm_share: float = Field(default=0.5, gt=0, le=1)
    """Of all users that may be warm."""
    n_askers: int = Field(default=2_000, ge=1)
    """Users who are asked about new tracks, and about later plays, at most."""
    later_share: float = Field(default=0.2, gt=0, lt=1)
    """Of all dated rows: those after the moment that parts training from later plays."""


@dataclass(frozen=True, slots=True, eq=False)
class Slice:
    """Questions of one kind.

    Attributes:
        name: which kind.
        user_ids: who asks, sorted.
        history: interactions of those whom training does not know; else empty.
        candidates: ids of the tracks that are ranked; None for all but the excluded ones.
        test: columns ``user_id`` and ``track_id``, sorted pairs to be found, of every asker some.
        excluded: ids of tracks that are not ranked, since what is played of them is to be found in
            another slice: here they would be misses, right or wrong.
    """

    name: SliceName
    user_ids: tuple[str, ...]
    history: pl.DataFrame
    candidates: tuple[str, ...] | None
    test: pl.DataFrame
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Protocol:
    """What all models are trained on, and what they are asked.

    Attributes:
        tracks: the canonical table of all tracks; columns of ``UNDATED`` are null where training
            has no play, since their counts would tell of what is to be found.
        train: the canonical table of interactions that models may see.
        slices: the questions.
    """

    tracks: pl.DataFrame
    train: pl.DataFrame
    slices: tuple[Slice, ...]

    def __getitem__(self, name: SliceName) -> Slice:
        return {one.name: one for one in self.slices}[name]


def draw_protocol(
    tracks: pl.DataFrame,
    interactions: pl.DataFrame,
    config: ProtocolConfig,
    rng: np.random.Generator,
) -> Protocol:
    """The slices ``warm``, ``new_user`` and ``new_track``, which share one table of training.

    Args:
        tracks: the canonical table.
        interactions: the canonical table, of these tracks alone.
        config: how many are asked.
        rng: draws users and tracks; the same seed gives the same protocol.

    Raises:
        InvalidData: there are too few tracks or users with enough plays.
    """
    liked = liked_pairs(interactions)
    n_tracks = len(frequent(liked, "track_id", config.min_listeners))
    n_new = _at_most(config.n_new_tracks, config.max_new_share, n_tracks)
    new_tracks = hold_out_items(interactions, n_new / n_tracks, config.min_listeners, rng)

    n_users = len(frequent(liked_pairs(new_tracks.train), "user_id", config.min_tracks))
    n_new = _at_most(config.n_new_users, config.max_new_share, n_users)
    new_users = hold_out_users(new_tracks.train, config.min_tracks, n_new, rng)

    n_users = len(frequent(liked_pairs(new_users.train), "user_id", config.min_tracks))
    n_warm = _at_most(config.n_warm_users, config.max_warm_share, n_users)
    warm = hold_out_tracks(new_users.train, config.held_out_share, config.min_tracks, n_warm, rng)
    asked = new_tracks.test.join(warm.train, on="user_id", how="semi", maintain_order="left")
    nothing, new_ids = interactions.clear(), tuple(sorted(set(new_tracks.test["track_id"])))
    return Protocol(
        tracks=without_undated(tracks, warm.train),
        train=warm.train,
        slices=(
            _slice("warm", nothing, None, warm.test, new_ids),
            _slice("new_user", new_users.history, None, new_users.test, new_ids),
            _slice("new_track", nothing, new_ids, _of_some(asked, config.n_askers, rng)),
        ),
    )


def draw_temporal(
    tracks: pl.DataFrame,
    interactions: pl.DataFrame,
    config: ProtocolConfig,
    rng: np.random.Generator,
) -> Protocol:
    """The slice ``temporal``: one moment for everybody parts training from what is to be found.

    Args:
        tracks: the canonical table.
        interactions: the canonical table, of these tracks alone; undated rows stand in no part.
        config: how many are asked.
        rng: draws the users.

    Raises:
        InvalidData: no row is dated, or no user of the time before plays anything new after it.
    """
    split = hold_out_later(interactions, config.later_share)
    test = _of_some(split.test, config.n_askers, rng)
    if test.is_empty():
        raise InvalidData("interactions", "timestamp", "nobody of the earlier part plays later on")
    return Protocol(
        tracks=without_undated(tracks, split.train),
        train=split.train,
        slices=(_slice("temporal", interactions.clear(), None, test),),
    )


def without_undated(tracks: pl.DataFrame, train: pl.DataFrame) -> pl.DataFrame:
    """The tracks, with columns of ``UNDATED`` null where training has no row of them."""
    is_seen = pl.col("track_id").is_in(train["track_id"].unique().implode())
    return tracks.with_columns(pl.when(is_seen).then(pl.col(UNDATED)))


def _at_most(wanted: int, share: float, n: int) -> int:
    return max(1, min(wanted, int(share * n)))


def _of_some(test: pl.DataFrame, n_users: int, rng: np.random.Generator) -> pl.DataFrame:
    """The rows of some users, drawn."""
    users = test.select(pl.col("user_id").unique().sort())
    chosen = users[np.sort(rng.permutation(len(users))[:n_users])]
    return test.join(chosen, on="user_id", how="semi", maintain_order="left")


def _slice(
    name: SliceName,
    history: pl.DataFrame,
    candidates: tuple[str, ...] | None,
    test: pl.DataFrame,
    excluded: tuple[str, ...] = (),
) -> Slice:
    pairs = test.select(_PAIR).unique().sort(_PAIR)
    return Slice(
        name=name,
        user_ids=tuple(pairs["user_id"].unique().sort().to_list()),
        history=history,
        candidates=candidates,
        test=pairs,
        excluded=excluded,
    )
