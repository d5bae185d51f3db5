"""The embedded profile store: one SQLite file in one folder of one machine.

Several processes may open the folder at once, each with a store of its own; a store must not be
carried over a fork. The file is in write-ahead mode with ``synchronous=FULL``, so that a write is
on the disk once its method has returned. A network file system gives SQLite no reliable locks.

Connections come from a pool, one for each call in progress: behind a single one, reads would wait
for the disk with every write, and one per thread would leak with every thread that ends. Writers
of one process queue on a lock, since SQLite's own way of waiting is polling, unfair under load.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock

from hybridrec.errors import StageUnavailable
from hybridrec.schema.names import MAX_HISTORY
from hybridrec.schema.profile import Interaction, Profile
from hybridrec.store.sqlite_file import FILE_NAME, STAGE, connect, create, scrub, storage_errors

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_Row = tuple[str, str, float, str | None, int | None, float | None]


class SQLiteProfileStore:
    """A ``ProfileStore`` in a folder, which is made, with its database, if it is missing.

    Attributes:
        path: the database file.

    Raises:
        ArtifactError: the file is damaged, or of another schema version.
        StageUnavailable: the folder is out of reach.
    """

    def __init__(self, folder: Path, busy_timeout_s: float = 5.0) -> None:
        self.path = folder / FILE_NAME
        self._busy_timeout_s = busy_timeout_s  # for the writes of other processes
        self._writing = Lock()
        self._pool = Lock()  # guards the two below
        self._idle: list[sqlite3.Connection] = []
        self._is_closed = False
        with storage_errors(self.path):
            create(self.path)
            self._idle.append(connect(self.path, busy_timeout_s))

    def profile(self, user_id: str) -> Profile | None:
        query = "SELECT genres, moods FROM profiles WHERE user_id = ?"
        with self._connection() as connection:
            row = connection.execute(query, (user_id,)).fetchone()
        if row is None:
            return None
        genres, moods = row
        return Profile(user_id, tuple(json.loads(genres)), tuple(json.loads(moods)))

    def put_profile(self, profile: Profile) -> None:
        row = (
            profile.user_id,
            json.dumps(profile.preferred_genres),
            json.dumps(profile.preferred_moods),
        )
        with self._writing, self._connection() as connection, connection:
            connection.execute("INSERT OR REPLACE INTO profiles VALUES (?, ?, ?)", row)

    def interactions(self, user_id: str, limit: int = MAX_HISTORY) -> tuple[Interaction, ...]:
        if limit < 1:
            raise ValueError(f"limit {limit} is below 1")
        query = """
            SELECT user_id, track_id, plays, event, timestamp, ms_played
            FROM interactions WHERE user_id = ?
            ORDER BY timestamp DESC, sequence DESC LIMIT ?
        """  # newest first; null is older than any timestamp
        with self._connection() as connection:
            rows = connection.execute(query, (user_id, limit)).fetchall()
        return tuple(_from_row(row) for row in reversed(rows))

    def add_interactions(self, interactions: Sequence[Interaction]) -> None:
        statement = """
            INSERT INTO interactions (user_id, track_id, plays, event, timestamp, ms_played)
            VALUES (?, ?, ?, ?, ?, ?)
        """
        rows = [_to_row(interaction) for interaction in interactions]
        with self._writing, self._connection() as connection, connection:
            connection.executemany(statement, rows)

    def is_erased(self, user_id: str) -> bool:
        query = "SELECT 1 FROM erased WHERE user_sha256 = ?"
        with self._connection() as connection:
            return connection.execute(query, (_digest(user_id),)).fetchone() is not None

    def erase(self, user_id: str) -> None:
        with self._writing, self._connection() as connection:
            with connection:
                connection.execute("INSERT OR IGNORE INTO erased VALUES (?)", (_digest(user_id),))
                connection.execute("DELETE FROM profiles WHERE user_id = ?", (user_id,))
                connection.execute("DELETE FROM interactions WHERE user_id = ?", (user_id,))
            scrub(connection)

    def close(self) -> None:
        with self._pool:
            self._is_closed = True  # connections in use are closed when they come back
            while self._idle:
                self._idle.pop().close()

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """Lends a connection; one that a call failed on is not used again."""
        with storage_errors(self.path):
            connection = self._borrow()
            try:
                yield connection
            except BaseException:
                connection.close()
                raise
            self._give_back(connection)

    def _borrow(self) -> sqlite3.Connection:
        with self._pool:
            if self._is_closed:
                raise StageUnavailable(STAGE, "the store is closed")
            if self._idle:
                return self._idle.pop()
        return connect(self.path, self._busy_timeout_s)

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._pool:
            if self._is_closed:
                connection.close()
            else:
                self._idle.append(connection)


def _digest(user_id: str) -> bytes:
    return hashlib.sha256(user_id.encode()).digest()


def _to_row(interaction: Interaction) -> _Row:
    stamp = interaction.timestamp
    return (
        interaction.user_id,
        interaction.track_id,
        interaction.plays,
        interaction.event,
        None if stamp is None else (stamp - _EPOCH) // _MICROSECOND,
        interaction.ms_played,
    )


def _from_row(row: _Row) -> Interaction:
    user_id, track_id, plays, event, microseconds, ms_played = row
    stamp = None if microseconds is None else _EPOCH + microseconds * _MICROSECOND
    return Interaction(user_id, track_id, plays, event, stamp, ms_played)
