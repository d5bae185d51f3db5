"""Seeded splits of interactions: for warm users, for new users and for new tracks.

What may be held out are *liked pairs*: a user and a track with at least one row that is no skip
and none that is a dislike. When a pair is held out, all of its rows leave the training part.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from hybridrec.errors import InvalidData

_PAIR = ["user_id", "track_id"]
_IS_PLAY = pl.col("event").is_null() | ~pl.col("event").is_in(["skip", "dislike"])
_IS_DISLIKE = (pl.col("event") == "dislike").fill_null(value=False)


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Rows of the canonical table of interactions; no user and track stand in two parts.

    Attributes:
        train: what models may be trained on.
        history: what is known at request time, and to no model, of the users of the test; empty
            where those are in ``train``.
        test: what they went on to play, and is to be found.
    """

    train: pl.DataFrame
    history: pl.DataFrame
    test: pl.DataFrame


def hold_out_tracks(
    interactions: pl.DataFrame,
    share: float,
    min_tracks: int,
    n_users: int | None,
    rng: np.random.Generator,
    *,
    newest: bool = False,
) -> Split:
    """Holds out a share of the liked tracks of warm users, whose other rows stay in training.

    Args:
        interactions: the canonical table.
        share: of each chosen user's liked tracks, in (0, 1); rounded, but at least one track is
            held out and at least one stays.
        min_tracks: liked tracks that a user must have to be chosen, at least 2.
        n_users: how many users to choose; None, or more than there are, for all.
        rng: draws the users and the tracks.
        newest: hold out the tracks first played last; a user with a liked track that has no
            timestamp gets a random draw. Times of different users are not compared.

    Raises:
        InvalidData: no user has enough liked tracks.
    """
    pairs = _pairs_of_users(interactions, min_tracks, n_users, rng)
    held = _draw(pairs, share, rng, newest=newest)
    return Split(
        train=interactions.join(held, on=_PAIR, how="anti", maintain_order="left"),
        history=interactions.clear(),
        test=interactions.join(held, on=_PAIR, how="semi", maintain_order="left"),
    )


def hold_out_users(
    interactions: pl.DataFrame,
    min_tracks: int,
    n_users: int | None,
    rng: np.random.Generator,
    *,
    newest: bool = False,
) -> Split:
    """Holds out whole users: half of their liked tracks as test, all their other rows as history.

    Args:
        interactions: the canonical table.
        min_tracks: liked tracks that a user must have to be chosen, at least 2.
        n_users: how many users to choose; None, or more than there are, for all.
        rng: draws the users and the tracks.
        newest: hold out the tracks first played last, as in ``hold_out_tracks``.

    Raises:
        InvalidData: no user has enough liked tracks.
    """
    pairs = _pairs_of_users(interactions, min_tracks, n_users, rng)
    held = _draw(pairs, 0.5, rng, newest=newest)
    of_chosen = interactions.join(pairs, on="user_id", how="semi", maintain_order="left")
    return Split(
        train=interactions.join(pairs, on="user_id", how="anti", maintain_order="left"),
        history=of_chosen.join(held, on=_PAIR, how="anti", maintain_order="left"),
        test=of_chosen.join(held, on=_PAIR, how="semi", maintain_order="left"),
    )


def hold_out_items(
    interactions: pl.DataFrame, share: float, min_users: int, rng: np.random.Generator
) -> Split:
    """Holds out whole tracks, with all of their rows, as if they came out after training.

    Users left with no row in training are new themselves, and not part of the test.

    Args:
        interactions: the canonical table.
        share: of the tracks that may be chosen, in (0, 1); rounded, but at least one.
        min_users: users who like a track that may be chosen, at least 1.
        rng: draws the tracks.

    Raises:
        InvalidData: no track is liked by enough users.
    """
    _refuse_share(share)
    liked = liked_pairs(interactions)
    tracks = frequent(liked, "track_id", min_users)
    n_tracks = max(1, round(share * len(tracks)))
    held = tracks[np.sort(rng.permutation(len(tracks))[:n_tracks])]
    train = interactions.join(held, on="track_id", how="anti", maintain_order="left")
    return Split(
        train=train,
        history=interactions.clear(),
        test=interactions.join(held, on="track_id", how="semi", maintain_order="left")
        .join(liked, on=_PAIR, how="semi", maintain_order="left")
        .join(train, on="user_id", how="semi", maintain_order="left"),
    )


def liked_pairs(interactions: pl.DataFrame) -> pl.DataFrame:
    """Pairs in a fixed order, with the time of the first play; null if any play has none."""
    is_timed = pl.col("timestamp").is_not_null()
    return (
        interactions.group_by(_PAIR)
        .agg(
            pl.col("timestamp").filter(_IS_PLAY).min().alias("first"),
            is_timed.filter(_IS_PLAY).all().alias("is_timed"),
            _IS_PLAY.any().alias("is_played"),
            _IS_DISLIKE.any().alias("is_disliked"),
        )
        .filter(pl.col("is_played") & ~pl.col("is_disliked"))
        .select(*_PAIR, pl.when("is_timed").then("first").alias("first"))
        .sort(_PAIR)
    )


def _pairs_of_users(
    interactions: pl.DataFrame, min_tracks: int, n_users: int | None, rng: np.random.Generator
) -> pl.DataFrame:
    """The liked pairs of the users who are chosen."""
    if min_tracks < 2:  # noqa: PLR2004
        raise ValueError(f"min_tracks {min_tracks} is below 2: one to hold out and one to keep")
    liked = liked_pairs(interactions)
    users = frequent(liked, "user_id", min_tracks)
    chosen = users[np.sort(rng.permutation(len(users))[:n_users])]
    return liked.join(chosen, on="user_id", how="semi", maintain_order="left")


def frequent(pairs: pl.DataFrame, column: str, min_count: int) -> pl.DataFrame:
    """The sorted ids of a column that stand in enough pairs."""
    counts = pairs.group_by(column).len().filter(pl.col("len") >= min_count)
    if counts.is_empty():
        reason = f"none has {min_count} liked pairs; bring more interactions"
        raise InvalidData("interactions", column, reason)
    return counts.select(column).sort(column)


def _draw(
    pairs: pl.DataFrame, share: float, rng: np.random.Generator, *, newest: bool
) -> pl.DataFrame:
    """A share of each user's pairs, the newest or any."""
    _refuse_share(share)
    first = pl.col("first") if newest else pl.lit(None, pairs.schema["first"])
    is_timed = first.is_not_null().all().over("user_id")
    size = pl.len().over("user_id")
    n_held = (share * size).round().cast(pl.Int64).clip(1, size.cast(pl.Int64) - 1)
    return (
        pairs.with_columns(pl.Series("draw", rng.random(len(pairs))), n_held=n_held)
        .with_columns(first=pl.when(is_timed).then(first))
        .sort("user_id", "first", "draw", descending=[False, True, False])
        .filter(pl.int_range(pl.len()).over("user_id") < pl.col("n_held"))
        .select(_PAIR)
    )


def _refuse_share(share: float) -> None:
    if not 0 < share < 1:
        raise ValueError(f"share {share} is not in (0, 1)")
