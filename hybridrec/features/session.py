"""The 18 session features of a listener, from real events.

One definition serves training and serving. A feature that the events do not tell is NaN. Over the
events before ``now``, with sessions cut where nothing starts for 30 minutes:

* ``total_sessions``: how many; ``avg_session_length``: minutes from the first to the last start;
* ``discovery_rate_per_active_week``: mean over weeks of the share of plays never played before;
* ``exploration_score``: distinct artists per play of a known artist; ``novelty_seeking``: share of
  such plays that are the first of their artist, counted in the later half of them;
* ``repeat_rate``: share of plays of a track played before; ``skip_rate``: share of skips;
* ``genre_diversity``: entropy of genres over its maximum, that of all genres of the tracks alike;
  ``temporal_consistency``: 1 minus the entropy of the hours of day over its maximum;
* ``mainstream_score``: mean popularity percentile of plays; ``early_adopter_score``: share of plays
  in the year in which the track came out;
* ``plays_per_day``, ``session_density``, ``listening_intensity``: plays, sessions and minutes heard
  per active day; ``active_days``: days with a play;
* ``longest_streak_percentile``: longest run of active days, as percentile among training's users;
* ``is_explorer``, ``is_loyalist``: the user type. An explorer's repeat rate is below 0.3 and
  novelty seeking above 0.3; a loyalist's repeat rate is above 0.6; all others are balanced.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hybridrec.schema.names import SESSION_FEATURES, Floats, Mask, Rows
from hybridrec.schema.records import N_SESSION
from hybridrec.vocabulary import N_RESERVED

GAP_S = 30 * 60
DAY_S = 86_400
MIN_PLAYS = 5
"""Fewer plays than these tell nothing of a listener: all features are unknown."""
EXPLORER_REPEAT, EXPLORER_NOVELTY, LOYALIST_REPEAT = 0.3, 0.3, 0.6


@dataclass(frozen=True, slots=True, eq=False)
class Listening:
    """One user's events, oldest first.

    Attributes:
        times: shape (E,), Unix seconds.
        rows: shape (E,), tracks of the bundle.
        ms_played: shape (E,), milliseconds, NaN if unknown.
        skipped: shape (E,), whether the track was skipped.
    """

    times: npt.NDArray[np.float64]
    rows: Rows
    ms_played: Floats
    skipped: Mask

    def before(self, now: float) -> "Listening":
        """The events before a time, in Unix seconds."""
        past = self.times < now
        return Listening(
            self.times[past], self.rows[past], self.ms_played[past], self.skipped[past]
        )


@dataclass(frozen=True, slots=True, eq=False)
class TrackFacts:
    """What session features ask of tracks, by row.

    Attributes:
        artist_rows: shape (n_items,), 0 if unknown.
        genre_rows: shape (n_items, MAX_GENRES), below 2 is no genre.
        popularity: shape (n_items,), percentile of the training's interactions, in [0, 1].
        year: shape (n_items,), NaN if unknown.
        streaks: shape (n,), sorted longest streaks of training's users, in days.
    """

    artist_rows: Rows
    genre_rows: Rows
    popularity: Floats
    year: Floats
    streaks: Floats


def session_features(listening: Listening, facts: TrackFacts) -> Floats:
    """The features of one user.

    Returns:
        shape (18,), in their own units, NaN if unknown.
    """
    if (~listening.skipped).sum() < MIN_PLAYS:
        return np.full(N_SESSION, np.nan, np.float32)
    values = {**_rhythm(listening, facts), **_taste(listening, facts)}
    repeats, novelty = values["repeat_rate"], values["novelty_seeking"]
    explores = float(repeats < EXPLORER_REPEAT and novelty > EXPLORER_NOVELTY)
    values["is_explorer"] = np.nan if np.isnan(novelty) else explores
    values["is_loyalist"] = float(repeats > LOYALIST_REPEAT)
    return np.array([values[name] for name in SESSION_FEATURES], np.float32)


def longest_streak(times: npt.NDArray[np.float64]) -> int:
    """Longest run of consecutive days with an event."""
    days = np.unique(times // DAY_S)
    runs = np.split(days, np.flatnonzero(np.diff(days) > 1) + 1)
    return max(len(run) for run in runs)


def _rhythm(listening: Listening, facts: TrackFacts) -> dict[str, float]:
    times = listening.times
    starts = np.flatnonzero(np.diff(times, prepend=-np.inf) > GAP_S)
    ends = np.append(starts[1:], len(times)) - 1
    played = times[~listening.skipped]
    n_days = len(np.unique(played // DAY_S))
    hours = np.bincount((times // 3600 % 24).astype(int), minlength=24)
    heard = listening.ms_played[~np.isnan(listening.ms_played)]
    streak = np.searchsorted(facts.streaks, longest_streak(played), side="right")
    return {
        "total_sessions": float(len(starts)),
        "avg_session_length": float((times[ends] - times[starts]).mean() / 60),
        "temporal_consistency": 1.0 - _evenness(hours),
        "plays_per_day": len(played) / n_days,
        "active_days": float(n_days),
        "longest_streak_percentile": streak / len(facts.streaks) if len(facts.streaks) else np.nan,
        "session_density": len(starts) / n_days,
        "listening_intensity": float(heard.sum()) / 60_000 / n_days if len(heard) else np.nan,
        "skip_rate": float(listening.skipped.mean()),
    }


def _taste(listening: Listening, facts: TrackFacts) -> dict[str, float]:
    played = ~listening.skipped
    rows, times = listening.rows[played], listening.times[played]
    artists = facts.artist_rows[rows]
    artists = artists[artists > 0]
    is_new, is_later_new_artist = _first(rows), _first(artists)[len(artists) // 2 :]
    weeks, week_of = np.unique(times // (7 * DAY_S), return_inverse=True)
    new_by_week = np.bincount(week_of, is_new, len(weeks)) / np.bincount(week_of, None, len(weeks))
    n_genres = max(int(facts.genre_rows.max()) + 1 - N_RESERVED, 0)
    genres = facts.genre_rows[rows]
    genres = genres[genres >= N_RESERVED] - N_RESERVED
    years = facts.year[rows]
    played_year = times.astype("datetime64[s]").astype("datetime64[Y]").astype(int) + 1970
    dated = ~np.isnan(years)
    return {
        "discovery_rate_per_active_week": float(new_by_week.mean()),
        "exploration_score": len(np.unique(artists)) / len(artists) if len(artists) else np.nan,
        "novelty_seeking": float(is_later_new_artist.mean()) if len(artists) else np.nan,
        "repeat_rate": 1.0 - float(is_new.mean()),
        "genre_diversity": _evenness(np.bincount(genres, minlength=n_genres))
        if len(genres)
        else np.nan,
        "mainstream_score": float(facts.popularity[rows].mean()),
        "early_adopter_score": float((played_year == years)[dated].mean())
        if dated.any()
        else np.nan,
    }


def _first(rows: Rows) -> Mask:
    """Whether each is the first of its kind."""
    first = np.zeros(len(rows), bool)
    first[np.unique(rows, return_index=True)[1]] = True
    return first


def _evenness(counts: npt.NDArray[np.int64]) -> float:
    """Entropy over its maximum for that many kinds, in [0, 1]; 0 for a single kind."""
    shares = counts[counts > 0] / counts.sum()
    if len(counts) == 1:
        return 0.0
    return float(-(shares * np.log(shares)).sum() / np.log(len(counts)))
