"""What seals a bundle: format version, provenance, and the checksum of every file."""

import hashlib
import json
import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hybridrec.config import first_problem
from hybridrec.errors import ArtifactError
from hybridrec.persistence.documents import parse_document

MANIFEST = "manifest.json"
FORMAT_VERSION = 4
"""Of the layout of files; every change that an older release cannot read, or that cannot read older
bundles, is a new one."""
_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


def _written(part: BaseModel, indent: int | None = None) -> bytes:
    """JSON as Python writes it: Pydantic's own way with numbers changes with its releases."""
    separators = (",", ":" if indent is None else ": ")
    tree = json.loads(part.model_dump_json())
    return json.dumps(tree, ensure_ascii=False, indent=indent, separators=separators).encode()


class Sealed(BaseModel):
    """A part of the manifest: frozen, unknown keys refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FileEntry(Sealed):
    """Size and checksum of one file."""

    size_bytes: int
    sha256: str


class Provenance(Sealed):
    """Where a bundle comes from.

    Attributes:
        created: time of the training, ISO 8601, UTC.
        data_fingerprint: SHA-256 of the training tables as lines of JSON, tracks first.
        data_cut_off: time of the newest interaction, ISO 8601; None if the log is undated.
        config: the training's options.
        libraries: versions of what trained it.
        counts: n_users, n_tracks, n_interactions.
        evaluation: figures on data that training held out.
    """

    created: str
    data_fingerprint: str
    data_cut_off: str | None
    config: dict[str, object]
    libraries: dict[str, str]
    counts: dict[str, Annotated[int, Field(ge=0)]]
    evaluation: dict[str, float]

    def checksum(self) -> str:
        """SHA-256 of its JSON."""
        return checksum(_written(self))


class Manifest(Sealed):
    """The seal itself.

    Attributes:
        format_version: of the layout of files.
        bundle_version: name of this bundle, made of its files' checksums.
        provenance: where it comes from.
        provenance_sha256: checksum of that, as JSON.
        files: every file but this one.
    """

    format_version: int
    bundle_version: str
    provenance: Provenance
    provenance_sha256: str
    files: dict[str, FileEntry]

    def text(self) -> bytes:
        """Its file: of one manifest there is but one."""
        return _written(self, indent=2)


class _Format(BaseModel):
    format_version: int


def checksum(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def version_of(files: dict[str, FileEntry]) -> str:
    """The name of a bundle with these files: the same files, the same name."""
    lines = "".join(f"{name} {files[name].sha256}\n" for name in sorted(files))
    return checksum(lines.encode())[:12]


def parse_manifest(text: bytes) -> Manifest:
    """The manifest of a bundle.

    Raises:
        ArtifactError: it is damaged, of a foreign format, or names a file outside its folder.
    """
    try:
        # first of all its format: what another one holds besides is not known here
        found = _Format.model_validate_json(text, strict=True).format_version
        if found != FORMAT_VERSION:
            raise ArtifactError(
                MANIFEST,
                f"has format {found}, this release reads {FORMAT_VERSION}: train the bundle again,"
                " or serve it with a release of its own format",
            )
    except ValidationError as error:
        raise ArtifactError(MANIFEST, f"is damaged: {first_problem(error)}") from error
    manifest = parse_document(Manifest, text, MANIFEST)
    for name in manifest.files:
        if _FILE_NAME.fullmatch(name) is None or name == MANIFEST:
            raise ArtifactError(MANIFEST, f"names {name!r}, which is not a file of the bundle")
    if manifest.bundle_version != version_of(manifest.files):
        raise ArtifactError(MANIFEST, "its version does not match its files' checksums")
    if manifest.provenance_sha256 != manifest.provenance.checksum():
        raise ArtifactError(MANIFEST, "its provenance does not match its checksum")
    if manifest.text() != text:
        raise ArtifactError(MANIFEST, "is not written as a seal is: something in it was changed")
    return manifest
