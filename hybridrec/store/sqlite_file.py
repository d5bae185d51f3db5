"""The database file of the embedded store: how it comes to be, is opened and is scrubbed."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from hybridrec.errors import ArtifactError, StageUnavailable

FILE_NAME = "profiles.sqlite3"
SCHEMA_VERSION = 1
STAGE = "profile_store"

_SCHEMA = f"""
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
BEGIN;
CREATE TABLE profiles (
    user_id TEXT PRIMARY KEY,
    genres TEXT NOT NULL,  -- JSON array of strings
    moods TEXT NOT NULL  -- JSON array of strings
) STRICT, WITHOUT ROWID;
CREATE TABLE interactions (
    sequence INTEGER PRIMARY KEY,  -- order of arrival
    user_id TEXT NOT NULL,
    track_id TEXT NOT NULL,
    plays REAL NOT NULL,
    event TEXT,
    timestamp INTEGER,  -- microseconds since 1970, UTC
    ms_played REAL
) STRICT;
CREATE INDEX interactions_of_user ON interactions (user_id, timestamp);
CREATE TABLE erased (
    user_sha256 BLOB PRIMARY KEY  -- of the id in UTF-8
) STRICT, WITHOUT ROWID;
PRAGMA user_version = {SCHEMA_VERSION};
COMMIT;
"""


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turns what SQLite and the file system raise into errors that a caller can act on.

    Raises:
        ArtifactError: the file is damaged, or no database.
        StageUnavailable: the file is locked for too long, out of reach, or the disk is full.
    """
    try:
        yield
    except (sqlite3.OperationalError, OSError) as error:
        raise StageUnavailable(STAGE, f"{path.name}: {error}") from error
    except sqlite3.DatabaseError as error:
        if type(error) is not sqlite3.DatabaseError:
            raise  # a subclass tells of a mistake in this package, not in the file
        raise ArtifactError(path.name, str(error)) from error


def create(path: Path) -> None:
    """Puts an empty database at the path unless there is one.

    It is made aside and linked into place complete, so that no other process ever sees half of it
    and the first of several wins.

    Raises:
        ArtifactError: the database is gone and its write-ahead log is still there; a new one
            would replay the log of the old one.
    """
    has_log = path.with_name(f"{path.name}-wal").exists()  # looked at first: it comes second
    if path.exists():
        return
    if has_log:
        raise ArtifactError(path.name, "is missing, but its -wal file is there: restore both")
    path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=path.parent, prefix=".new-") as aside:
        fresh = Path(aside) / path.name
        with closing(sqlite3.connect(fresh)) as connection:
            connection.executescript(_SCHEMA)
        with suppress(FileExistsError):
            path.hardlink_to(fresh)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)  # else a power cut may forget the file's name and all that was acknowledged
    os.close(folder)


def connect(path: Path, busy_timeout_s: float) -> sqlite3.Connection:
    """A connection to an existing database that any one thread at a time may use.

    Raises:
        ArtifactError: the file has another schema version.
    """
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",  # never creates a file
        uri=True,
        timeout=busy_timeout_s,
        isolation_level="IMMEDIATE",  # takes the write lock first, where waiting for it works
        check_same_thread=False,
    )
    try:
        _refuse_foreign(connection, path)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA cell_size_check = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def _refuse_foreign(connection: sqlite3.Connection, path: Path) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version != SCHEMA_VERSION:
        reason = f"has schema version {version}, this release reads {SCHEMA_VERSION}"
        raise ArtifactError(path.name, reason)


def scrub(connection: sqlite3.Connection) -> None:
    """Leaves nothing of deleted rows in the database file or its write-ahead log.

    ``secure_delete`` zeroes what is deleted, but not the copies that a page keeps of rows that
    once moved to another page: without ``VACUUM``, which rebuilds the file from the rows that
    live, the test of erasure fails. Its time grows with the file; others may read meanwhile.

    Raises:
        StageUnavailable: a reader or writer elsewhere kept the log in use for too long.
    """
    connection.execute("VACUUM")
    (is_busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if is_busy:
        reason = "the rows are deleted, but the log is in use and keeps traces: erase again"
        raise StageUnavailable(STAGE, reason)
