"""The listeners of a made-up world, and how much each of them likes each track.

Half of what they like shows in the tracks' metadata and audio; the other half, scenes and circles
of artists, shows only in what is played together.
"""

from dataclasses import dataclass

import numpy as np

from hybridrec.datasets.discography import Discography
from hybridrec.datasets.genres import GENRES, N_GENRES
from hybridrec.datasets.world import Floats64, Truth, WorldConfig
from hybridrec.schema.names import Floats, Rows


@dataclass(frozen=True, slots=True)
class UserType:
    """How one type of listener chooses, plays and skips.

    Attributes:
        name: as of the session features.
        share: of all listeners.
        genre: pull of the favourite genres, as a logarithm of the rate of choice.
        scene: pull of the favourite scenes.
        artist: pull of the favourite artists and of those near them.
        audio: spread of the preference for each audio feature.
        mainstream: share of a track's popularity that counts.
        activity: distinct tracks, relative to the median listener.
        repeats: mean number of repeats of a track.
        radio: tracks of others' choice that are skipped, per track of the listener's own.
        skips: share of repeats that are skipped.
    """

    name: str
    share: float
    genre: float
    scene: float
    artist: float
    audio: float
    mainstream: float
    activity: float
    repeats: float
    radio: float
    skips: float


USER_TYPES = (
    UserType("explorer", 0.25, 8.8, 9.0, 2.0, 0.300, 0.7, 1.3, 0.25, 0.40, 0.12),
    UserType("loyalist", 0.30, 7.2, 10.0, 12.0, 0.225, 0.9, 0.75, 4.0, 0.08, 0.06),
    UserType("balanced", 0.45, 8.0, 10.0, 6.4, 0.250, 1.0, 1.0, 1.4, 0.20, 0.10),
)

N_SCENES = 24
SECOND_SCENE_SHARE = 0.3
CIRCLE_WIDTH = 12
"""Dimensions of the space in which artists lie near each other for no reason of style."""
N_FAVOURITES = 3
SOLVER_STEPS = 40
BLOCK = 512
"""Listeners whose affinities are held at once."""


def make_truth(discography: Discography, config: WorldConfig, rng: np.random.Generator) -> Truth:
    """Draws the listeners, each as active as the configuration says."""
    n_users, n_tracks = config.n_users, config.n_tracks
    user_types = rng.choice(len(USER_TYPES), n_users, p=[kind.share for kind in USER_TYPES])
    kinds = np.array(
        [(k.genre, k.scene, k.artist, k.audio, k.mainstream, k.activity) for k in USER_TYPES]
    )
    genre, scene, artist, audio, mainstream, activity = kinds[user_types].T[:, :, None]  # (n, 1)

    common = np.array([genre.share for genre in GENRES])
    taste = rng.dirichlet(0.25 * common, n_users) * genre  # (n_users, G)
    circles = rng.normal(size=(discography.n_artists, CIRCLE_WIDTH))
    circles /= np.linalg.norm(circles, axis=1, keepdims=True)
    favourites = favourite_artists(discography, taste, rng)  # (n_users, N_FAVOURITES)
    weights = rng.dirichlet(np.full(N_FAVOURITES, 0.7), n_users)  # (n_users, N_FAVOURITES)
    users = (
        taste,
        rng.dirichlet(np.full(N_SCENES, 0.12), n_users) * scene,
        np.einsum("uf,ufc->uc", weights, circles[favourites]) * artist,
        rng.normal(size=(n_users, discography.audio.shape[1])) * audio,
        mainstream * rng.lognormal(0, 0.2, (n_users, 1)),
    )
    items = (
        discography.genre_shares,
        scenes_of(n_tracks, rng),
        circles[discography.artist],
        standardised(discography.audio),
        discography.log_popularity[:, None],
        np.ones((n_tracks, 1)),
    )
    library = config.median_library * activity[:, 0]
    library *= rng.lognormal(0, config.library_spread, n_users)
    item_truth = np.hstack(items).astype(np.float32)
    user_truth = np.hstack([*users, np.zeros((n_users, 1))]).astype(np.float32)
    user_truth[:, -1] = activity_bias(
        user_truth, item_truth[~discography.is_cold], np.minimum(library, 0.3 * n_tracks)
    )
    return Truth(user_truth, item_truth, user_types.astype(np.int32), discography.is_cold)


def favourite_artists(discography: Discography, taste: Floats64, rng: np.random.Generator) -> Rows:
    """Draws the favourites of each listener among the artists of genres that the listener likes.

    Args:
        discography: its artists.
        taste: shape (n_users, G).
        rng: draws them, without replacement (Gumbel's trick).

    Returns:
        shape (n_users, N_FAVOURITES).
    """
    n_artists = discography.n_artists
    n_tracks = np.bincount(discography.artist, minlength=n_artists)
    style = np.zeros((n_artists, N_GENRES))
    np.add.at(style, discography.artist, discography.genre_shares)
    style /= np.maximum(n_tracks, 1)[:, None]
    appeal = taste @ style.T + np.log(np.maximum(n_tracks, 1e-9))  # (n_users, n_artists)
    appeal += rng.gumbel(size=appeal.shape)
    order = (-appeal).argsort(axis=1)[:, :N_FAVOURITES]
    return order.astype(np.int32)


def scenes_of(n_tracks: int, rng: np.random.Generator) -> Floats64:
    """The hidden scenes that each track belongs to: one, or one and a half.

    Returns:
        shape (n_tracks, N_SCENES).
    """
    unit = np.eye(N_SCENES)
    first = unit[rng.integers(0, N_SCENES, n_tracks)]
    second = unit[rng.integers(0, N_SCENES, n_tracks)]
    has_second = rng.random((n_tracks, 1)) < SECOND_SCENE_SHARE
    return np.maximum(first, 0.6 * second * has_second)


def standardised(values: Floats64) -> Floats64:
    """Columns with mean 0 and spread 1."""
    spread: Floats64 = values.std(axis=0)
    standard: Floats64 = (values - values.mean(axis=0)) / np.maximum(spread, 1e-9)
    return standard


def activity_bias(user_truth: Floats, item_truth: Floats, library: Floats64) -> Floats:
    """The constant of each listener's affinities with which the expected library has a given size.

    Args:
        user_truth: shape (n_users, d), with a constant of 0.
        item_truth: shape (n_playable, d).
        library: shape (n_users,), expected number of distinct tracks, below n_playable.

    Returns:
        shape (n_users,), found by bisection.
    """
    bias = np.zeros(len(user_truth), np.float32)
    for start in range(0, len(user_truth), BLOCK):
        block = slice(start, start + BLOCK)
        affinity = user_truth[block] @ item_truth.T  # (b, n_playable)
        highest = affinity.max(axis=1)
        rates = np.exp(affinity - highest[:, None])
        low = np.full(len(rates), -30.0, np.float32)
        high = np.full(len(rates), 30.0, np.float32)
        for _ in range(SOLVER_STEPS):
            middle = (low + high) / 2
            expected = -np.expm1(-rates * np.exp(middle)[:, None]).sum(axis=1)
            low = np.where(expected < library[block], middle, low)
            high = np.where(expected < library[block], high, middle)
        bias[block] = (low + high) / 2 - highest
    return bias
