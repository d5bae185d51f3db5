"""Opens and verifies bundles, and writes them: whole, or not at all."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hybridrec.errors import ArtifactError, InvalidConfig
from hybridrec.persistence.manifest import (
    FORMAT_VERSION,
    MANIFEST,
    FileEntry,
    Manifest,
    Provenance,
    checksum,
    parse_manifest,
    version_of,
)
from hybridrec.persistence.place import replacing_folder

CURE = "name another folder, or make one: hybridrec train --data DATA --out BUNDLE"


@dataclass(frozen=True, slots=True)
class Bundle:
    """A sealed folder of trained objects.

    Attributes:
        path: of the folder.
        manifest: its seal.
    """

    path: Path
    manifest: Manifest

    @property
    def version(self) -> str:
        """Name of the bundle."""
        return self.manifest.bundle_version

    @property
    def sizes(self) -> dict[str, int]:
        """How many tracks and users all files of the bundle are about.

        Raises:
            ArtifactError: the manifest does not say.
        """
        counts = self.manifest.provenance.counts
        if not {"n_tracks", "n_users"} <= counts.keys():
            raise ArtifactError(MANIFEST, "does not count tracks and users")
        n_users = counts["n_users"]
        return {"n_items": counts["n_tracks"], "n_users": n_users, "n_users + 1": n_users + 1}

    def __contains__(self, name: str) -> bool:
        return name in self.manifest.files

    def read(self, name: str) -> bytes:
        """One file, verified.

        Raises:
            ArtifactError: it is missing, truncated or damaged, or the seal does not hold it.
        """
        entry = self.manifest.files.get(name)
        if entry is None:
            raise ArtifactError(name, "is not in the bundle's manifest")
        try:
            data = _read_plain(self.path, name)
        except OSError as error:
            raise ArtifactError(name, f"cannot be read: {error.strerror}") from error
        is_sealed = checksum(data) == entry.sha256
        if len(data) != entry.size_bytes:
            if is_sealed:  # it is the seal that was changed
                raise ArtifactError(MANIFEST, f"states a wrong size of {name}")
            raise ArtifactError(name, f"has {len(data)} bytes, sealed were {entry.size_bytes}")
        if not is_sealed:
            raise ArtifactError(name, "does not match its checksum")
        return data

    def verify(self) -> None:
        """Reads every file.

        Raises:
            ArtifactError: the first file, by name, that is missing or damaged, or that nobody
                sealed.
        """
        for name in sorted(one.name for one in self.path.iterdir()):
            # what begins with a dot belongs to file browsers and file systems
            if name not in self and name != MANIFEST and not name.startswith("."):
                raise ArtifactError(name, "is in the bundle's folder, but not in its manifest")
        for name in sorted(self.manifest.files):
            self.read(name)


def open_bundle(path: Path) -> Bundle:
    """The bundle in a folder; its files are verified as they are read.

    Raises:
        ArtifactError: there is no bundle, or its manifest is damaged or foreign.
    """
    try:
        text = _read_plain(path, MANIFEST)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ArtifactError(MANIFEST, f"there is no bundle at {path}: {CURE}") from error
    except OSError as error:
        raise ArtifactError(MANIFEST, f"cannot be read in {path}: {error.strerror}") from error
    return Bundle(path, parse_manifest(text))


def _read_plain(folder: Path, name: str) -> bytes:
    """A file that is one: a link would lead out of the folder, and a pipe would never end.

    Raises:
        ArtifactError: it is something else.
        OSError: it cannot be read.
    """
    path = folder / name
    if not stat.S_ISREG(path.lstat().st_mode):
        raise ArtifactError(name, "is a link, a folder or something else that is no plain file")
    return path.read_bytes()


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
        _write_through(self.folder / MANIFEST, manifest.model_dump_json(indent=2).encode())
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
