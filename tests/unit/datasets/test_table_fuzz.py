"""Any table is either read and canonical, or refused in one line; never half of it is written."""

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import event, given, settings

from hybridrec.datasets.table import Dataset, check_times, source_of
from hybridrec.errors import InvalidData
from tests.unit.datasets.canonical_form import assert_canonical
from tests.unit.datasets.odd_tables import PAIRS

File = tuple[str, bytes]
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else {}


def import_into(out: Path, folder: Path, files: tuple[File, File]) -> None:
    """Imports two files; asserts that both tables are written, or nothing is."""
    songs, log = (folder / f"{name}{file[0]}" for name, file in zip("tp", files, strict=True))
    songs.write_bytes(files[0][1])
    log.write_bytes(files[1][1])
    was_there, before = out.exists(), contents(out)
    refusal = refusal_of(songs, log, out)
    if refusal is None:
        event("read")
        assert contents(out).keys() == {"tracks.parquet", "interactions.parquet"}
        assert_canonical(Dataset.load(out))
    else:
        event("refused")
        assert "\n" not in refusal
        assert any(refusal.startswith(f"{path}: ") for path in (songs, log))
        assert (out.exists(), contents(out)) == (was_there, before)


def refusal_of(tracks: Path, interactions: Path, out: Path) -> str | None:
    try:
        dataset = Dataset.read(tracks, interactions)
        check_times(dataset.interactions, source_of(interactions), NOW)
        dataset.save(out)
    except InvalidData as refused:
        return refused.detail
    return None


def check(files: tuple[File, File]) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        import_into(folder / "new", folder, files)
        (folder / "old").mkdir()
        for file in ("tracks.parquet", "interactions.parquet"):
            (folder / "old" / file).write_bytes(b"as it was")
        import_into(folder / "old", folder, files)


@settings(max_examples=150, deadline=None)
@given(PAIRS)
def test_any_table_is_read_whole_or_refused_whole(files: tuple[File, File]) -> None:
    check(files)


@pytest.mark.long
@settings(max_examples=10_000, deadline=None)
@given(PAIRS)
def test_a_great_many_tables_are_read_whole_or_refused_whole(files: tuple[File, File]) -> None:
    check(files)
