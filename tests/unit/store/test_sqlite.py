import hashlib
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from typing_extensions import override

from hybridrec.errors import StageUnavailable
from hybridrec.protocols import ProfileStore
from hybridrec.schema.profile import Profile
from hybridrec.store.sqlite import SQLiteProfileStore
from hybridrec.store.sqlite_file import FILE_NAME
from tests.contracts.profile_store import ProfileStoreContract, play, tracks_of

PROCESSES = get_context("spawn")
BATCH = 3


class TestSQLiteProfileStore(ProfileStoreContract):
    @pytest.fixture
    @override
    def store(self, tmp_path: Path) -> Iterator[ProfileStore]:
        store = SQLiteProfileStore(tmp_path)
        yield store
        store.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SQLiteProfileStore]:
    store = SQLiteProfileStore(tmp_path)
    yield store
    store.close()


def run_in_process(target: Callable[[Path], None], folder: Path) -> None:
    process = PROCESSES.Process(target=target, args=(folder,))
    process.start()
    process.join(60)
    assert process.exitcode == 0


def write_once(folder: Path) -> None:
    store = SQLiteProfileStore(folder)
    store.add_interactions([play("ann", "from afar")])
    store.put_profile(Profile("ann", ("jazz",)))
    store.close()


def write_and_acknowledge(folder: Path, acknowledged: Connection) -> None:
    store = SQLiteProfileStore(folder)
    for number in range(1_000_000):
        store.add_interactions([play("ann", f"{number}-{part}", number) for part in range(BATCH)])
        acknowledged.send(number)


def open_and_write(folder: Path, start: threading.Barrier, name: str) -> None:
    start.wait(60)
    store = SQLiteProfileStore(folder, busy_timeout_s=30)
    for turn in range(10):
        store.add_interactions([play("all", f"{name}-{turn}")])
    store.close()


def test_another_process_sees_and_is_seen(store: SQLiteProfileStore, tmp_path: Path) -> None:
    store.add_interactions([play("ann", "from here")])

    run_in_process(write_once, tmp_path)

    assert tracks_of(store, "ann") == ["from here", "from afar"]
    assert store.profile("ann") == Profile("ann", ("jazz",))


@pytest.mark.slow
def test_processes_that_open_an_empty_folder_at_once_share_one_store(tmp_path: Path) -> None:
    start = PROCESSES.Barrier(4)
    folder = tmp_path / "not" / "there" / "yet"
    writers = [
        PROCESSES.Process(target=open_and_write, args=(folder, start, name)) for name in "abcd"
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(120)

    assert [writer.exitcode for writer in writers] == [0] * 4
    with closing(SQLiteProfileStore(folder)) as store:
        expected = {f"{name}-{turn}" for name in "abcd" for turn in range(10)}
        assert set(tracks_of(store, "all")) == expected
    assert {path.name for path in folder.iterdir()} == {FILE_NAME}


def test_a_writer_killed_in_mid_write_loses_nothing_acknowledged(tmp_path: Path) -> None:
    receiving, sending = PROCESSES.Pipe(duplex=False)
    writer = PROCESSES.Process(target=write_and_acknowledge, args=(tmp_path, sending))
    writer.start()
    sending.close()
    acknowledged = [receiving.recv() for _ in range(50)]

    writer.kill()  # SIGKILL: no handler runs

    writer.join(60)
    try:
        while True:
            acknowledged.append(receiving.recv())
    except EOFError:
        pass
    with closing(SQLiteProfileStore(tmp_path)) as store:
        found = tracks_of(store, "ann", limit=10**9)
        n_batches, rest = divmod(len(found), BATCH)
        assert rest == 0  # a batch is there as a whole or not at all
        assert n_batches - len(acknowledged) in (0, 1)  # one may be written, not yet acknowledged
        assert found == [f"{n}-{part}" for n in range(n_batches) for part in range(BATCH)]
        store.add_interactions([play("ann", "and on it goes", 10**6)])
        assert tracks_of(store, "ann", 1) == ["and on it goes"]


def test_the_tombstone_is_a_digest_of_the_id(store: SQLiteProfileStore) -> None:
    store.erase("ann")

    with closing(sqlite3.connect(store.path)) as connection:
        rows = connection.execute("SELECT * FROM erased").fetchall()
    assert rows == [(hashlib.sha256(b"ann").digest(),)]


@pytest.mark.parametrize(
    ("pragma", "expected"),
    [("journal_mode", "wal"), ("synchronous", 2), ("secure_delete", 1), ("busy_timeout", 5_000)],
)
def test_every_connection_has_its_pragmas(
    store: SQLiteProfileStore, pragma: str, expected: str | int
) -> None:
    with store._connection() as one, store._connection() as another:
        for connection in (one, another):
            assert connection.execute(f"PRAGMA {pragma}").fetchone() == (expected,)
    assert len(store._idle) == 2


def test_a_lock_held_for_too_long_is_unavailable_and_passes(tmp_path: Path) -> None:
    store = SQLiteProfileStore(tmp_path, busy_timeout_s=0.05)
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(StageUnavailable, match="locked"):
            store.add_interactions([play("ann", "a")])
        assert store.interactions("ann") == ()  # reads go on

    store.add_interactions([play("ann", "b")])
    assert tracks_of(store, "ann") == ["b"]
    store.close()


def test_a_batch_that_fails_leaves_nothing_behind(store: SQLiteProfileStore) -> None:
    unstorable = play("ann", "\ud800")  # half a surrogate pair is no text

    with pytest.raises(UnicodeEncodeError):
        store.add_interactions([play("ann", "a"), unstorable])

    assert store.interactions("ann") == ()


def test_a_connection_in_use_is_closed_when_it_comes_back(store: SQLiteProfileStore) -> None:
    with store._connection() as connection:
        store.close()

    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("SELECT 1")
