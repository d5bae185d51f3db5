"""What the listeners of a made-up world play: sessions of plays and skips over some months."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import polars as pl

from hybridrec.datasets.discography import Discography
from hybridrec.datasets.listeners import BLOCK, USER_TYPES
from hybridrec.datasets.sessions import start_times
from hybridrec.datasets.world import Floats64, Truth, WorldConfig
from hybridrec.errors import InvalidConfig
from hybridrec.schema.names import Rows
from hybridrec.schema.tables import INTERACTIONS

PREFERENCE_PULL = 1.2
"""How strongly the odds of a skip fall with the preference."""
FULL_PLAY_SHARE = 0.85


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """Tracks that listeners heard at all, ordered by listener.

    Attributes:
        users: shape (n,).
        tracks: shape (n,).
        preference: shape (n,), affinity standardised over all tracks of the listener.
        is_own: shape (n,), the listener's choice; others came by radio, and were skipped.
    """

    users: Rows
    tracks: Rows
    preference: Floats64
    is_own: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Listens:
    """Single listens, ordered by listener and time."""

    users: Rows
    tracks: Rows
    is_skip: npt.NDArray[np.bool_]


def make_log(
    discography: Discography, truth: Truth, config: WorldConfig, rng: np.random.Generator
) -> pl.DataFrame:
    """Draws the interactions, of schema ``INTERACTIONS`` and in order of time.

    Raises:
        InvalidConfig: the world is so small that nobody plays anything.
    """
    heard = heard_tracks(discography, truth, rng)
    if not heard.is_own.any():
        raise InvalidConfig("n_users", "nobody plays a track; raise it, or median_library")
    listens = ordered(heard, truth, rng)
    n_listens = len(listens.users)
    duration_ms = discography.duration_ms[listens.tracks]
    part = np.where(rng.random(n_listens) < FULL_PLAY_SHARE, 1.0, rng.uniform(0.5, 1, n_listens))
    skipped_ms = np.minimum(rng.uniform(2_000, 35_000, n_listens), 0.4 * duration_ms)
    ms_played = np.where(listens.is_skip, skipped_ms, part * duration_ms).round()
    start_s = start_times(listens.users, ms_played / 1000, config, rng)
    log = pl.DataFrame(
        {
            "user_id": pl.Series(truth.user_ids).gather(listens.users),
            "track_id": pl.Series([f"t{row:06d}" for row in range(len(discography))]).gather(
                listens.tracks
            ),
            "plays": (~listens.is_skip).astype(np.float32),
            "timestamp": epoch_ms(config.start) + (1000 * start_s).round().astype(np.int64),
            "event": pl.Series(["play", "skip"]).gather(listens.is_skip.astype(np.int32)),
            "ms_played": ms_played,
        }
    )
    utc = pl.col("timestamp").cast(pl.Datetime("ms")).dt.replace_time_zone("UTC")
    return log.with_columns(utc).cast(INTERACTIONS).sort("timestamp", "user_id")


def epoch_ms(moment: datetime) -> int:
    """Milliseconds since 1970."""
    return round(moment.timestamp() * 1000)


def heard_tracks(discography: Discography, truth: Truth, rng: np.random.Generator) -> Heard:
    """Draws each listener's library by the true probabilities, and skipped tracks by radio.

    Radio plays what is popular; the less a listener likes a track, the more likely the skip.
    """
    fame = np.exp(discography.log_popularity) * ~truth.is_cold
    fame /= fame.sum()
    radio = np.array([kind.radio for kind in USER_TYPES])[truth.user_types]  # (n_users,)
    parts = []
    for start in range(0, len(truth.user_truth), BLOCK):
        rows = np.arange(start, min(start + BLOCK, len(truth.user_truth)), dtype=np.int32)
        affinity = truth.true_affinity(rows)  # (b, n_tracks)
        mean, spread = affinity.mean(axis=1, keepdims=True), affinity.std(axis=1, keepdims=True)
        preference = (affinity - mean) / np.maximum(spread, 1e-9)
        is_own = rng.random(affinity.shape, np.float32) < truth.play_probability(rows)
        wanted = radio[rows] * is_own.sum(axis=1)  # (b,)
        dislike = fame / (1 + np.exp(PREFERENCE_PULL * preference))
        chance = wanted[:, None] * dislike / dislike.sum(axis=1, keepdims=True)
        is_radio = ~is_own & (rng.random(affinity.shape, np.float32) < chance)
        places, tracks = np.nonzero(is_own | is_radio)
        parts.append((rows[places], tracks, preference[places, tracks], is_own[places, tracks]))
    users, tracks, preference, is_own = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Heard(users, tracks.astype(np.int32), preference, is_own)


def ordered(heard: Heard, truth: Truth, rng: np.random.Generator) -> Listens:
    """Repeats the tracks as their listeners do, and puts all listens in order.

    A track is first played where its listener found it, and repeated later. Better liked tracks
    are repeated more; repeats that meet less liking are skipped more.
    """
    types = truth.user_types[heard.users]
    repeats = np.array([kind.repeats for kind in USER_TYPES])[types]
    liking = np.exp(0.5 * (heard.preference - heard.preference[heard.is_own].mean()))
    n_repeats = rng.poisson(rng.gamma(1.0, repeats * liking.clip(0.2, 4)) * heard.is_own)
    first = np.repeat(np.arange(len(heard.users)), 1 + n_repeats)  # (n_listens,) into heard
    is_repeat = np.ones(len(first), bool)
    is_repeat[np.cumsum(1 + n_repeats) - 1 - n_repeats] = False
    found = rng.random(len(heard.users))[first]
    moment = np.where(is_repeat, found + (1 - found) * rng.random(len(first)), found)

    skips = np.array([kind.skips for kind in USER_TYPES])[types]
    middle = heard.preference[heard.is_own].mean()
    logit = np.log(skips / (1 - skips)) - PREFERENCE_PULL * (heard.preference - middle)
    is_skipped_repeat = is_repeat & (rng.random(len(first)) < 1 / (1 + np.exp(-logit[first])))
    is_skip = is_skipped_repeat | ~heard.is_own[first]
    order = np.lexsort((moment, heard.users[first]))
    return Listens(heard.users[first][order], heard.tracks[first][order], is_skip[order])
