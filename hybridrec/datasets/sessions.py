"""When the listeners of a made-up world listen: sessions at the hours that each of them prefers."""

import numpy as np

from hybridrec.datasets.discography import Places
from hybridrec.datasets.world import Floats64, WorldConfig
from hybridrec.schema.names import Rows

SHORTEST, LONGEST = 3, 18
"""Listens of a session as drawn; the one or two that are left at a listener's end join the last."""
DAY_S = 86_400.0
HOUR_S = 3_600.0
PAUSE_S = 4.0
"""Longest silence between two tracks of a session."""
BREAK_S = 2_400.0
"""Shortest silence between two sessions."""
PREFERRED_HOURS = (8.0, 13.0, 18.0, 21.0, 23.5)
HOUR_SHARES = (0.15, 0.15, 0.3, 0.3, 0.1)
HOUR_SPREAD = 2.2
"""Standard deviation, in hours, of a session's start from its listener's preferred hour."""
LATECOMERS = 0.3
"""Share of the listeners who join after the log has begun."""
LATEST_JOINING = 0.5
"""Part of the log's time in which they do."""


def start_times(
    users: Rows, played_s: Floats64, config: WorldConfig, rng: np.random.Generator
) -> Floats64:
    """Seconds from the start of the log at which each listen starts.

    Args:
        users: shape (n_listens,), ascending; each listener's listens in order.
        played_s: shape (n_listens,), their lengths.
        config: the days that the log covers.
        rng: draws the sessions' lengths, days and hours.
    """
    session = sessions_of(users, rng)  # (n_listens,) ascending
    first = np.flatnonzero(np.diff(session, prepend=-1))  # (n_sessions,)
    lengths = played_s + rng.uniform(0, PAUSE_S, len(played_s))
    before = lengths.cumsum() - lengths
    within = before - before[first][session]  # (n_listens,) from the start of the session
    session_s = np.add.reduceat(lengths, first)
    starts = drawn_starts(users[first], config, rng)
    placed: Floats64 = not_overlapping(starts, session_s + BREAK_S, users[first])[session] + within
    return placed


def sessions_of(users: Rows, rng: np.random.Generator) -> Places:
    """Cuts the listens of each listener into sessions of 3 to 20, numbered from 0.

    Args:
        users: shape (n_listens,), ascending.
        rng: draws the lengths.
    """
    counts = np.unique(users, return_counts=True)[1]  # (n_listeners,)
    n_draws = counts // SHORTEST + 1  # enough, were all of them short
    lengths = rng.integers(SHORTEST, LONGEST + 1, n_draws.sum())
    owner = np.repeat(np.arange(len(counts)), n_draws)
    drawn = lengths.cumsum()
    ends = drawn - (drawn - lengths)[n_draws.cumsum() - n_draws][owner]  # from the owner's first
    first = counts.cumsum() - counts
    fits = ends <= (counts - SHORTEST)[owner]
    is_new = np.zeros(len(users), np.int64)
    is_new[first] = 1
    is_new[(first[owner] + ends)[fits]] = 1
    sessions: Places = is_new.cumsum() - 1
    return sessions


def drawn_starts(users: Rows, config: WorldConfig, rng: np.random.Generator) -> Floats64:
    """Starts of sessions as their listeners wish, ascending for each listener.

    Args:
        users: shape (n_sessions,), ascending.
        config: the days that the log covers.
        rng: draws days and hours.
    """
    joins = rng.uniform(0, LATEST_JOINING, config.n_users)
    joins *= rng.random(config.n_users) < LATECOMERS
    peak = rng.choice(PREFERRED_HOURS, config.n_users, p=HOUR_SHARES)
    day = np.floor(rng.uniform(joins[users], 1) * config.n_days)
    hour = (peak[users] + HOUR_SPREAD * rng.normal(size=len(users))) % 24
    starts = day * DAY_S + hour * HOUR_S
    return starts[np.lexsort((starts, users))]


def not_overlapping(starts: Floats64, lengths: Floats64, users: Rows) -> Floats64:
    """Starts of sessions, put off where the listener's last one still runs.

    Args:
        starts: shape (n_sessions,), ascending for each listener.
        lengths: shape (n_sessions,), seconds.
        users: shape (n_sessions,), ascending.
    """
    before = lengths.cumsum() - lengths
    apart = 2 * (starts.max() + lengths.sum()) * users  # so that one maximum serves all listeners
    latest: Floats64 = np.maximum.accumulate(starts - before + apart) + before - apart
    return latest
