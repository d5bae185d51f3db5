"""The catalogue of a made-up music world: artists, their albums, and how each track sounds."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hybridrec.datasets.genres import AUDIO_NOISE, GENRES, N_GENRES
from hybridrec.datasets.world import Floats64, WorldConfig

Places = npt.NDArray[np.int64]

TRACKS_PER_ARTIST = 10
MIN_ARTISTS = 3
TRACKS_PER_ALBUM = 9
ARTIST_NOISE_SHARE = 0.7
"""Spread of artists within their genre, relative to that of tracks within their artist."""
TWO_GENRES_SHARE = 0.45
"""Share of artists with a second genre."""
LIVE_SHARE = 0.03
"""Share of tracks that are recorded on stage."""
LIVE_LIVENESS = 0.8
FIRST_YEAR, LAST_YEAR = 1962, 2024
TEMPO = 7
LIVENESS = 5


@dataclass(frozen=True, slots=True, eq=False)
class Discography:
    """What is true of the tracks, known to listeners or not.

    Attributes:
        artist: shape (n,), row of each track's artist.
        album: shape (n,), row of each track's album.
        n_artists: artists.
        genre_shares: shape (n, G), sums to 1.
        audio: shape (n, 8), in the units of the canonical table.
        is_live: shape (n,).
        year: shape (n,).
        duration_ms: shape (n,).
        log_popularity: shape (n,), natural logarithm of a Zipf weight, mean 0.
        is_cold: shape (n,), whether the track came out after everybody's last play.
    """

    artist: Places
    album: Places
    n_artists: int
    genre_shares: Floats64
    audio: Floats64
    is_live: npt.NDArray[np.bool_]
    year: Places
    duration_ms: Floats64
    log_popularity: Floats64
    is_cold: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.artist)


def make_discography(config: WorldConfig, rng: np.random.Generator) -> Discography:
    """Draws artists with one or two genres, and tracks that sound like their artist."""
    n_tracks = config.n_tracks
    n_artists = max(MIN_ARTISTS, n_tracks // TRACKS_PER_ARTIST)
    output = rng.dirichlet(np.full(n_artists, 1.2))  # few artists have many tracks
    artist = np.sort(rng.choice(n_artists, n_tracks, p=output))
    album, album_order = albums_of(artist)
    primary, artist_shares = artist_genres(n_artists, rng)

    leaning = rng.normal(0, 0.15, n_tracks)  # how far a track goes to the artist's second genre
    main = np.eye(N_GENRES)[primary[artist]]  # (n, G)
    shares = artist_shares[artist] + leaning[:, None] * (main - artist_shares[artist])
    genre_shares = np.clip(shares, 0, None) / np.clip(shares, 0, None).sum(axis=1, keepdims=True)

    is_live = rng.random(n_tracks) < LIVE_SHARE
    is_cold = np.zeros(n_tracks, bool)
    is_cold[rng.choice(n_tracks, round(config.cold_share * n_tracks), replace=False)] = True
    debut = rng.triangular(FIRST_YEAR, 2008, LAST_YEAR - 4, n_artists).astype(np.int64)
    year = np.minimum(debut[artist] + 2 * album_order, LAST_YEAR - 1)
    minutes = genre_shares @ np.array([genre.minutes for genre in GENRES])
    fame = rng.normal(size=n_artists)[artist] + rng.normal(size=n_tracks)  # (n,)
    rank = (-fame).argsort().argsort() + 1
    log_popularity = -config.popularity_exponent * np.log(rank)
    return Discography(
        artist=artist,
        album=album,
        n_artists=n_artists,
        genre_shares=genre_shares,
        audio=audio_of(genre_shares, artist, is_live, rng),
        is_live=is_live,
        year=np.where(is_cold, LAST_YEAR, year),
        duration_ms=np.round(minutes * rng.lognormal(0, 0.22, n_tracks) * 60_000),
        log_popularity=log_popularity - log_popularity.mean(),
        is_cold=is_cold,
    )


def albums_of(artist: Places) -> tuple[Places, Places]:
    """Rows of the tracks' albums, and each album's place among its artist's.

    Args:
        artist: shape (n,), ascending.
    """
    first = np.searchsorted(artist, artist)  # (n,) where the artist's tracks begin
    order = (np.arange(len(artist)) - first) // TRACKS_PER_ALBUM
    is_new = np.ones(len(artist), bool)
    is_new[1:] = (np.diff(artist) != 0) | (np.diff(order) != 0)
    return is_new.cumsum() - 1, order


def artist_genres(n_artists: int, rng: np.random.Generator) -> tuple[Places, Floats64]:
    """Each artist's first genre, and the shares of the one or two genres of the artist.

    A second genre is one that sounds like the first.

    Returns:
        shapes (n_artists,) and (n_artists, G).
    """
    common = np.array([genre.share for genre in GENRES])
    primary = rng.choice(N_GENRES, n_artists, p=common / common.sum())
    audio = np.array([genre.audio for genre in GENRES]) / np.array(AUDIO_NOISE)
    distance = np.linalg.norm(audio[:, None] - audio[None], axis=2)  # (G, G)
    likely = np.exp(-distance) * (1 - np.eye(N_GENRES))
    cumulated = (likely / likely.sum(axis=1, keepdims=True)).cumsum(axis=1)
    second = (rng.random(n_artists)[:, None] > cumulated[primary]).sum(axis=1).clip(0, N_GENRES - 1)
    share = np.where(
        rng.random(n_artists) < TWO_GENRES_SHARE, rng.uniform(0.2, 0.5, n_artists), 0.0
    )
    unit = np.eye(N_GENRES)
    return primary, unit[primary] * (1 - share)[:, None] + unit[second] * share[:, None]


def audio_of(
    genre_shares: Floats64, artist: Places, is_live: npt.NDArray[np.bool_], rng: np.random.Generator
) -> Floats64:
    """Audio of the tracks: what their genres sound like, and the artist's and the track's own.

    Returns:
        shape (n, 8).
    """
    usual = np.array([genre.audio for genre in GENRES])
    noise = np.array(AUDIO_NOISE)
    n_artists = int(artist.max()) + 1
    of_artist = rng.normal(size=(n_artists, len(noise))) * noise * ARTIST_NOISE_SHARE
    of_track = rng.normal(size=(len(artist), len(noise))) * noise * 0.8
    audio: Floats64 = genre_shares @ usual + of_artist[artist] + of_track  # (n, 8)
    audio[is_live, LIVENESS] = LIVE_LIVENESS + 0.1 * rng.normal(size=int(is_live.sum()))
    tempo = np.clip(audio[:, TEMPO], 55, 210)
    # what leaves [0, 1] is folded back in, so that no value piles up at the ends
    audio = np.abs(audio)
    audio = np.where(audio > 1, 2 - audio, audio).clip(0, 1)
    audio[:, TEMPO] = tempo
    return audio
