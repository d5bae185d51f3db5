"""Opens and verifies bundles."""

import stat
from dataclasses import dataclass
from pathlib import Path

from hybridrec.errors import ArtifactError
from hybridrec.persistence.expected import AGAIN
from hybridrec.persistence.manifest import MANIFEST, Manifest, checksum, parse_manifest

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
        n_items, n_users = counts["n_tracks"], counts["n_users"]
        return {
            "n_items": n_items,
            "n_items + 1": n_items + 1,
            "n_users": n_users,
            "n_users + 1": n_users + 1,
        }

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
            raise ArtifactError(name, f"cannot be read ({error.strerror}); {AGAIN}") from error
        is_sealed = checksum(data) == entry.sha256
        if len(data) != entry.size_bytes:
            if is_sealed:  # it is the seal that was changed
                raise ArtifactError(MANIFEST, f"states a wrong size of {name}")
            sizes = f"has {len(data)} bytes, sealed were {entry.size_bytes}"
            raise ArtifactError(name, f"{sizes}; {AGAIN}")
        if not is_sealed:
            raise ArtifactError(name, f"does not match its checksum; {AGAIN}")
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
                raise ArtifactError(
                    name, "is in the bundle's folder, but not in its manifest; take it away"
                )
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
