"""The table of tracks of a made-up world, with the gaps that real metadata have."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from hybridrec.datasets.discography import Discography
from hybridrec.datasets.genres import DESCRIPTORS, GENRES, MOODS
from hybridrec.datasets.names import album_names, artist_names, track_titles
from hybridrec.datasets.world import Floats64, WorldConfig
from hybridrec.schema.names import AUDIO_FEATURES
from hybridrec.schema.tables import TRACKS

ENERGY, VALENCE = 0, 1
IN_GENRE = 0.25
"""Share from which on a genre of a track is named."""
IN_MOOD = 0.22
"""Distance within which a mood is named, in units of energy and valence."""
RATED_SHARE = 0.43
"""Share of tracks whose album critics and listeners rated."""

CRITICS_SHARE = 0.65
"""Share of the rated ones that critics rated, too."""
OFF_CHARTS_SHARE = 0.2
NO_YEAR_SHARE = 0.02
DECADE_SHARE = 0.35
DESCRIPTOR_SHARE = 0.05
KIND_SHARES = (0.6, 0.4, 0.3, 0.25)
"""How often each kind of a genre is named, its first kind first."""

Bools = npt.NDArray[np.bool_]


def tracks_table(
    discography: Discography, config: WorldConfig, rng: np.random.Generator
) -> pl.DataFrame:
    """What the world tells of its tracks, of schema ``TRACKS``."""
    n_tracks = len(discography)
    artists = artist_names(discography.n_artists, rng)
    albums = album_names(int(discography.album.max()) + 1, rng)
    titles = track_titles(discography.audio[:, VALENCE], rng)
    has_genres = rng.random(n_tracks) >= config.no_genre_share
    has_moods = rng.random(n_tracks) >= config.no_mood_share
    columns = {
        "track_id": [f"t{row:06d}" for row in range(n_tracks)],
        "title": [
            f"{title} (Live)" if live else title
            for title, live in zip(titles, discography.is_live, strict=True)
        ],
        "artist": [artists[row] for row in discography.artist],
        "album": [albums[row] for row in discography.album],
        "year": gaps(discography.year, rng.random(n_tracks) < NO_YEAR_SHARE),
        "genres": kept(genres_of(discography), has_genres),
        "moods": kept(moods_of(discography.audio), has_moods),
        "tags": tags_of(discography, has_genres, rng),
        "duration_ms": discography.duration_ms,
    }
    measured = {**audio_columns(discography, config, rng), **rating_columns(discography, rng)}
    return pl.DataFrame({**columns, **measured}, strict=False).cast(TRACKS).select(TRACKS.names())


def gaps(values: npt.NDArray[np.generic], is_missing: Bools) -> pl.Series:
    """Some numbers, null where they are missing."""
    return pl.select(
        pl.when(pl.lit(pl.Series(~is_missing))).then(pl.lit(pl.Series(values)))
    ).to_series()


def kept(lists: Iterable[list[str]], is_kept: Bools) -> list[list[str]]:
    """Some lists, empty where they are not kept."""
    return [words if keep else [] for words, keep in zip(lists, is_kept, strict=True)]


def genres_of(discography: Discography) -> list[list[str]]:
    """Names of each track's genres, the strongest first."""
    shares = discography.genre_shares
    order = (-shares).argsort(axis=1)[:, :2]
    return [
        [GENRES[genre].name for genre in genres if row[genre] >= IN_GENRE]
        for row, genres in zip(shares, order, strict=True)
    ]


def moods_of(audio: Floats64) -> list[list[str]]:
    """Names of the moods near each track's energy and valence, the nearest first, at most 3."""
    names = tuple(MOODS)
    places = np.array([MOODS[name] for name in names])  # (m, 2)
    distance = np.linalg.norm(audio[:, None, [ENERGY, VALENCE]] - places, axis=2)  # (n, m)
    order = distance.argsort(axis=1, kind="stable")[:, :3]
    return [
        [names[mood] for place, mood in enumerate(moods) if not place or row[mood] < IN_MOOD]
        for row, moods in zip(distance, order, strict=True)
    ]


def tags_of(
    discography: Discography, has_genres: Bools, rng: np.random.Generator
) -> list[list[str]]:
    """Listeners' tags: kinds of the main genre, the decade, and words for anything."""
    n_tracks = len(discography)
    main = discography.genre_shares.argmax(axis=1)
    n_kinds = len(GENRES[0].tags)
    has_kind = rng.random((n_tracks, n_kinds)) < np.array(KIND_SHARES)
    has_descriptor = rng.random((n_tracks, len(DESCRIPTORS))) < DESCRIPTOR_SHARE
    has_decade = rng.random(n_tracks) < DECADE_SHARE
    return [
        [
            *picked(GENRES[main[row]].tags, has_kind[row] & has_genres[row]),
            *([f"{discography.year[row] // 10 % 10}0s"] if has_decade[row] else []),
            *picked(DESCRIPTORS, has_descriptor[row]),
        ]
        for row in range(n_tracks)
    ]


def picked(words: Sequence[str], is_picked: Bools) -> list[str]:
    """The words that are picked."""
    return [word for word, pick in zip(words, is_picked, strict=True) if pick]


def audio_columns(
    discography: Discography, config: WorldConfig, rng: np.random.Generator
) -> dict[str, pl.Series]:
    """Measured audio: null together where a track was never measured, and here and there."""
    audio = discography.audio
    n_tracks = len(discography)
    is_unmeasured = rng.random(n_tracks) < config.no_audio_share
    missing = is_unmeasured[:, None] | (rng.random(audio.shape) < config.audio_gap_share)
    columns = {
        name: gaps(np.round(audio[:, place], 4), missing[:, place])
        for place, name in enumerate(AUDIO_FEATURES)
    }
    loudness = -20 + 15 * audio[:, ENERGY] + rng.normal(0, 2, n_tracks)
    is_major = rng.random(n_tracks) < 0.35 + 0.5 * audio[:, VALENCE]
    return {
        **columns,
        "loudness": gaps(np.round(loudness.clip(-50, 0), 2), is_unmeasured),
        "key": gaps(rng.integers(0, 12, n_tracks), is_unmeasured),
        "mode": gaps(is_major.astype(np.int64), is_unmeasured),
    }


def rating_columns(discography: Discography, rng: np.random.Generator) -> dict[str, pl.Series]:
    """Popularity and what critics and listeners think, null for most of the new and obscure."""
    n_tracks = len(discography)
    fame = discography.log_popularity
    fame_rank = fame.argsort().argsort() / n_tracks  # 0 obscure, towards 1 famous
    quality = rng.normal(size=int(discography.album.max()) + 1)[discography.album]
    listeners = np.exp(3 + 3 * fame_rank + rng.normal(0, 0.8, n_tracks)).round()
    score = (70 + 9 * quality + rng.normal(0, 3, n_tracks)).clip(0, 100)
    is_rated = (rng.random(n_tracks) < 2 * RATED_SHARE * fame_rank) & ~discography.is_cold
    has_critics = is_rated & (rng.random(n_tracks) < CRITICS_SHARE)
    is_charted = (rng.random(n_tracks) >= OFF_CHARTS_SHARE) & ~discography.is_cold
    charts = (100 * fame_rank + rng.normal(0, 8, n_tracks)).clip(0, 100)
    stars = (3.6 + 0.45 * quality + rng.normal(0, 0.15, n_tracks)).clip(0, 5)
    return {
        "popularity": gaps(charts.round(), ~is_charted),
        "aoty_score": gaps(score.round(), ~is_rated),
        "aoty_num_ratings": gaps(listeners, ~is_rated),
        "critic_score": gaps(
            (score + rng.normal(0, 4, n_tracks)).clip(0, 100).round(), ~has_critics
        ),
        "user_rating_avg": gaps(stars.round(2), ~is_rated),
    }
