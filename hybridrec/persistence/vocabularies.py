"""The bundle's names of users and terms, to their file and back."""

import json

from pydantic import BaseModel, ConfigDict, field_validator

from hybridrec.answers.knowledge import Knowledge
from hybridrec.errors import ArtifactError
from hybridrec.persistence.bundle import Bundle
from hybridrec.persistence.documents import parse_document
from hybridrec.persistence.expected import Sizes
from hybridrec.persistence.writing import BundleWriter
from hybridrec.vocabulary import N_RESERVED

VOCABULARIES = "vocabularies.json"


class Vocabularies(BaseModel):
    """Names, row by row."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    users: tuple[str, ...]
    artists: tuple[str, ...]
    genres: tuple[str, ...]
    moods: tuple[str, ...]
    tags: tuple[str, ...]

    @field_validator("*")
    @classmethod
    def _is_unique(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(names)) < len(names):
            raise ValueError("an id stands twice")
        return names

    @property
    def sizes(self) -> Sizes:
        """Rows of the tables that are looked up by them."""
        return {
            "user_table": len(self.users) + N_RESERVED,
            "artist_table": len(self.artists) + N_RESERVED,
            "genre_table": len(self.genres) + N_RESERVED,
            "mood_table": len(self.moods) + N_RESERVED,
            "tag_table": len(self.tags) + N_RESERVED,
        }


def save_vocabularies(knowledge: Knowledge, writer: BundleWriter) -> None:
    """Writes the names."""
    terms = {"users": knowledge.users.ids}
    for name in ("artists", "genres", "moods", "tags"):
        terms[name] = getattr(knowledge.encoder, name).terms.ids
    writer.write(VOCABULARIES, json.dumps(terms, ensure_ascii=False).encode())


def read_vocabularies(bundle: Bundle) -> Vocabularies:
    """The names of a bundle.

    Raises:
        ArtifactError: the file is missing, damaged, or of another number of users.
    """
    found = parse_document(Vocabularies, bundle.read(VOCABULARIES), VOCABULARIES)
    wanted = bundle.sizes["n_users"]
    if len(found.users) != wanted:
        raise ArtifactError(
            VOCABULARIES, f"names {len(found.users)} users, the manifest counts {wanted}"
        )
    return found
