"""The bundle's tracks and users to files and back."""

import io
import json

import polars as pl
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from hybridrec.answers.knowledge import Knowledge
from hybridrec.catalog import Catalog
from hybridrec.config import first_problem
from hybridrec.errors import ArtifactError
from hybridrec.features.item import ItemEncoder
from hybridrec.histories import Histories
from hybridrec.persistence.arrays import (
    Tensors,
    prefixed,
    read_tensors,
    record_of,
    tensor,
    tensor_bytes,
)
from hybridrec.persistence.bundle import Bundle, BundleWriter
from hybridrec.schema.records import AudioFeatures, ItemFeatures
from hybridrec.schema.tables import TRACKS
from hybridrec.vocabulary import TermVocabulary, Vocabulary

CATALOG, VOCABULARIES = "catalog.parquet", "vocabularies.json"
HISTORIES, ITEMS = "histories.safetensors", "items.safetensors"


class _Vocabularies(BaseModel):
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


def save_knowledge(knowledge: Knowledge, writer: BundleWriter) -> None:
    """Writes tracks, users and what the users played."""
    table = io.BytesIO()
    knowledge.catalog.table.write_parquet(table, statistics=False)
    writer.write(CATALOG, table.getvalue())
    encoder = knowledge.encoder
    terms = {"users": knowledge.users.ids}
    for name in ("artists", "genres", "moods", "tags"):
        terms[name] = getattr(encoder, name).terms.ids
    writer.write(VOCABULARIES, json.dumps(terms, ensure_ascii=False).encode())
    histories = prefixed("histories", knowledge.histories)
    histories["idle_days"] = knowledge.idle_days
    histories["sessions"] = knowledge.sessions
    histories["listening_hours"] = knowledge.listening_hours
    writer.write(HISTORIES, tensor_bytes(histories))
    items = prefixed("items", knowledge.items) | prefixed("audio", knowledge.audio)
    items["interactions"] = knowledge.catalog.interactions
    writer.write(ITEMS, tensor_bytes(items))


def load_knowledge(bundle: Bundle) -> Knowledge:
    """What whoever answers requests must know of the bundle.

    Raises:
        ArtifactError: a file is missing or damaged.
    """
    items = read_items(bundle)
    histories = read_tensors(bundle, HISTORIES, may_be_nan=("sessions", "idle_days"))
    terms = _read_vocabularies(bundle)
    return Knowledge(
        version=bundle.version,
        catalog=Catalog.of(_read_catalog(bundle), tensor(items, "interactions", ITEMS)),
        users=Vocabulary(terms.users),
        histories=record_of(Histories, "histories", histories, HISTORIES),
        idle_days=tensor(histories, "idle_days", HISTORIES),
        sessions=tensor(histories, "sessions", HISTORIES),
        listening_hours=tensor(histories, "listening_hours", HISTORIES),
        encoder=ItemEncoder(
            TermVocabulary.of(terms.artists),
            TermVocabulary.of(terms.genres),
            TermVocabulary.of(terms.moods),
            TermVocabulary.of(terms.tags),
        ),
        items=record_of(ItemFeatures, "items", items, ITEMS),
        audio=item_audio(items),
    )


def read_items(bundle: Bundle) -> Tensors:
    """The arrays of the bundle's tracks, where NaN means unknown."""
    return read_tensors(bundle, ITEMS, may_be_nan=("items.", "audio."))


def item_audio(items: Tensors) -> AudioFeatures:
    """Audio of the bundle's tracks, predicted in the gaps."""
    return record_of(AudioFeatures, "audio", items, ITEMS)


def _read_catalog(bundle: Bundle) -> pl.DataFrame:
    data = bundle.read(CATALOG)
    try:
        table = pl.read_parquet(io.BytesIO(data))
    except pl.exceptions.PolarsError as error:
        raise ArtifactError(CATALOG, f"is no Parquet file: {error}") from error
    if dict(table.schema) != dict(TRACKS):
        raise ArtifactError(CATALOG, "does not have the columns of the canonical table of tracks")
    return table


def _read_vocabularies(bundle: Bundle) -> _Vocabularies:
    try:
        return _Vocabularies.model_validate_json(bundle.read(VOCABULARIES))
    except ValidationError as error:
        raise ArtifactError(VOCABULARIES, f"is damaged: {first_problem(error)}") from error
