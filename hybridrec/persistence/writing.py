"""Writes bundles: whole, or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hybridrec.errors import ArtifactError, InvalidConfig
from hybridrec.persistence.bundle import open_bundle
from hybridrec.persistence.manifest import (
    FORMAT_VERSION,
    MANIFEST,
    FileEntry,
    Manifest,
    Provenance,
    checksum,
    version_of,
)
from hybridrec.persistence.place import replacing_folder


@dataclass(slots=True)
class BundleWriter:
    """Takes the files of a bundle that is not sealed yet.

    Attributes:
        folder: temporary, beside the place where the bundle will stand.
        files: what was written so far.
    """

    folder: Path
    files: dict[str, FileEntry] = field(default_factory=dict)

    def write(self, name: str, data: bytes) -> None:
        """Writes one file through to the disk."""
        _write_through(self.folder / name, data)
        self.files[name] = FileEntry(size_bytes=len(data), sha256=checksum(data))

    def seal(self, provenance: Provenance) -> Manifest:
        """Writes the manifest; nothing may be added after it."""
        manifest = Manifest(
            format_version=FORMAT_VERSION,
            bundle_version=version_of(self.files),
            provenance=provenance,
            provenance_sha256=provenance.checksum(),
            files=dict(sorted(self.files.items())),
        )
        _write_through(self.folder / MANIFEST, manifest.text())
        return manifest


@contextmanager
def writing(path: Path) -> Iterator[BundleWriter]:
    """A writer whose bundle appears at the path when the block ends well, and not at all if not.

    A bundle that stands there is replaced; anything else is left alone.

    Raises:
        InvalidConfig: the path holds something that is no bundle, or cannot be written.
        ArtifactError: the block ended without a seal.
    """
    path = path.resolve()  # "." has no name to rename
    check_replaceable(path)
    try:
        with replacing_folder(path) as folder:
            yield BundleWriter(folder)
            open_bundle(folder)  # what nobody sealed takes nothing's place
    except OSError as error:
        raise InvalidConfig(f"{path} cannot be written", str(error.strerror)) from error


def check_replaceable(path: Path) -> None:
    """Refuses a path that holds something other than a bundle.

    Raises:
        InvalidConfig: naming the path and the cure.
    """
    if path.is_dir() and not {one.name for one in path.iterdir()} <= _own_files(path):
        raise InvalidConfig(
            f"{path} is a folder with other files in it than those of a sound bundle",
            "choose another --out",
        )
    if path.exists() and not path.is_dir():
        raise InvalidConfig(f"{path} is a file", "choose another --out")


def _own_files(path: Path) -> set[str]:
    """What a bundle in a folder may hold; nothing if there is no bundle."""
    try:
        return {MANIFEST, *open_bundle(path).manifest.files}
    except ArtifactError:
        return set()


def _write_through(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
