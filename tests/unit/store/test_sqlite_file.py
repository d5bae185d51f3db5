import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from hybridrec.errors import ArtifactError, StageUnavailable
from hybridrec.store.sqlite import SQLiteProfileStore
from hybridrec.store.sqlite_file import FILE_NAME, storage_errors
from tests.contracts.profile_store import play


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.mark.slow
def test_erasure_leaves_no_byte_of_the_user_in_any_file(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    padding = ["", "x" * 60, "y" * 300, "z" * 1_500]  # so that pages split, merge and overflow

    def padded(text: str) -> str:
        return f"<{text}>{padding[rng.integers(len(padding))]}"

    user_ids = [padded(f"user {user}") for user in range(40)]
    store = SQLiteProfileStore(tmp_path)
    connection = sqlite3.connect(store.path, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")  # only this test's speed
    for turn in range(1_500):
        user = int(rng.integers(len(user_ids)))
        play_row = (user_ids[user], padded(f"track {user} {turn}"), int(rng.integers(10**6)))
        connection.execute(
            "INSERT INTO interactions (user_id, track_id, plays, timestamp) VALUES (?, ?, 1, ?)",
            play_row,
        )
        profile_row = (user_ids[user], f'["{padded(f"genre {user}")}"]', "[]")
        connection.execute("INSERT OR REPLACE INTO profiles VALUES (?, ?, ?)", profile_row)
    connection.close()

    for user in range(30):
        traces = [f"<user {user}>", f"<track {user} ", f"<genre {user}>"]
        assert all(trace.encode() in bytes_of(tmp_path) for trace in traces)

        store.erase(user_ids[user])

        left = bytes_of(tmp_path)  # of all files: database, log, shared memory
        assert not [trace for trace in traces if trace.encode() in left]
    assert store.is_erased(user_ids[0])
    store.close()


def test_an_erasure_that_a_reader_disturbs_says_so_and_can_be_completed(tmp_path: Path) -> None:
    store = SQLiteProfileStore(tmp_path, busy_timeout_s=0.05)
    store.add_interactions([play("ann", "secret track")])
    reader = sqlite3.connect(store.path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM interactions").fetchall()  # holds its snapshot of the log

    with pytest.raises(StageUnavailable, match="erase again"):
        store.erase("ann")

    assert store.is_erased("ann")
    assert store.interactions("ann") == ()
    reader.close()
    store.erase("ann")
    assert b"secret track" not in bytes_of(tmp_path)
    store.close()


def _spoil_head(path: Path) -> None:
    path.write_bytes(b"not a database" * 1_000)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:4096])


def _spoil_pages(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))


def _set_version(path: Path, version: int) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {version}")


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(_spoil_head, id="no database"),
        pytest.param(_empty, id="an empty file"),
        pytest.param(_cut, id="cut short"),
        pytest.param(_spoil_pages, id="overwritten pages"),
        pytest.param(partial(_set_version, version=2), id="a newer schema"),
        pytest.param(partial(_set_version, version=0), id="some other program's file"),
    ],
)
def test_a_damaged_or_foreign_file_is_refused_by_name(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    with closing(SQLiteProfileStore(tmp_path)) as store:
        store.add_interactions([play("ann", f"track {number}") for number in range(1_000)])
    damage(store.path)

    with pytest.raises(ArtifactError, match=r"profiles\.sqlite3"):
        SQLiteProfileStore(tmp_path).interactions("ann")


def test_a_log_without_its_database_is_refused(tmp_path: Path) -> None:
    tmp_path.joinpath(f"{FILE_NAME}-wal").write_bytes(b"acknowledged rows may be here")

    with pytest.raises(ArtifactError, match="restore both"):
        SQLiteProfileStore(tmp_path)


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    tmp_path.joinpath("file").touch()

    with pytest.raises(StageUnavailable, match="file"):
        SQLiteProfileStore(tmp_path / "file" / "folder")


def test_a_mistake_in_a_statement_is_not_blamed_on_the_file(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.IntegrityError), storage_errors(tmp_path):
        raise sqlite3.IntegrityError
