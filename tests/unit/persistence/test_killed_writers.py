"""Whoever is killed while a bundle is written: there is the old one, the new one, or none."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hybridrec.errors import ArtifactError, InvalidConfig
from hybridrec.hybrid import HybridModel
from hybridrec.persistence.manifest import MANIFEST
from hybridrec.persistence.writing import writing
from tests.conftest import NOW
from tests.unit.persistence.doomed import LATER
from tests.unit.persistence.test_bundles import FILES

ROOT = Path(__file__).parents[3]
OLD = NOW.isoformat(timespec="seconds")
HALF = ("longer-than", 2_000)
BEFORE_ANY = ("write", 1)
BEFORE_ANOTHER = ("write", len(FILES) // 2)
BEFORE_THE_SEAL = ("write", len(FILES) + 1)
BEFORE_ITS_PLACE = ("os.rename", 1)
BEFORE_THE_SWAP = ("ctypes.dlsym", 1)
AFTER_THE_SWAP = ("shutil.rmtree", 1)


def killed(way: str, where: tuple[str, int], source: Path, target: Path) -> None:
    """Starts a writer and has it killed somewhere."""
    event, number = where
    arguments = [way, event, str(number), str(source), str(target)]
    done = subprocess.run(  # noqa: S603  our own module
        [sys.executable, "-m", "tests.unit.persistence.doomed", *arguments],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode < 0, done.stderr


def fail_to_write(path: Path) -> None:
    with writing(path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def trained_at(path: Path) -> str:
    """When the bundle at a path was trained, every file of it verified and loaded."""
    return HybridModel.load(path).provenance.created


@pytest.mark.parametrize(
    "where",
    [HALF, BEFORE_ANOTHER, BEFORE_THE_SEAL, BEFORE_ITS_PLACE],
    ids=["in a file", "between files", "before the seal", "before its place"],
)
def test_a_writer_killed_before_the_end_leaves_no_bundle_where_none_was(
    tiny_bundle: Path, tmp_path: Path, where: tuple[str, int]
) -> None:
    killed("save", where, tiny_bundle, tmp_path / "bundle")

    assert not (tmp_path / "bundle").exists()
    with pytest.raises(ArtifactError, match="there is no bundle"):
        HybridModel.load(tmp_path / "bundle")


@pytest.mark.parametrize(
    ("where", "found"),
    [
        (HALF, OLD),
        (BEFORE_ANY, OLD),
        (BEFORE_ANOTHER, OLD),
        (BEFORE_THE_SEAL, OLD),
        (BEFORE_ITS_PLACE, OLD),
        (BEFORE_THE_SWAP, OLD),
        (AFTER_THE_SWAP, LATER),
    ],
    ids=[
        "in a file",
        "before any file",
        "between files",
        "before the seal",
        "before its place",
        "before the swap",
        "after the swap",
    ],
)
def test_a_writer_killed_anywhere_leaves_the_old_bundle_or_the_new_one(
    bundle: Path, where: tuple[str, int], found: str
) -> None:
    killed("save", where, bundle, bundle)

    assert trained_at(bundle) == found


def test_what_a_killed_writer_left_is_gone_after_the_next_write(
    bundle: Path, tiny_model: HybridModel, tmp_path: Path
) -> None:
    killed("save", BEFORE_THE_SEAL, bundle, bundle)
    killed("save", ("shutil.rmtree", 2), bundle, bundle)  # the first is what was left before
    (left,) = [path for path in tmp_path.iterdir() if path != bundle]
    assert (left / MANIFEST).is_file()

    tiny_model.save(bundle)

    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]
    assert trained_at(bundle) == OLD


@pytest.mark.parametrize(
    ("nth", "found"), [(1, OLD), (2, OLD), (4, LATER)], ids=["first", "second", "last"]
)
def test_without_a_swap_the_old_bundle_stands_until_the_first_of_two_renames(
    bundle: Path, nth: int, found: str
) -> None:
    killed("two-steps", ("os.rename", nth), bundle, bundle)

    assert trained_at(bundle) == found


def test_without_a_swap_the_next_write_puts_back_what_was_between_two_renames(
    bundle: Path,
) -> None:
    killed("two-steps", ("os.rename", 3), bundle, bundle)
    assert not bundle.exists()

    with pytest.raises(InvalidConfig, match="No space"):
        fail_to_write(bundle)

    assert trained_at(bundle) == OLD
    assert sorted(path.name for path in bundle.parent.iterdir()) == ["bundle", "later"]
