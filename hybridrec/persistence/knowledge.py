"""The bundle's tracks and users to files and back."""

import io

import polars as pl

from hybridrec.answers.knowledge import Knowledge
from hybridrec.catalog import Catalog
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
from hybridrec.persistence.bundle import Bundle
from hybridrec.persistence.expected import Sizes
from hybridrec.persistence.layout import TERM_ROWS
from hybridrec.persistence.vocabularies import read_vocabularies, save_vocabularies
from hybridrec.persistence.writing import BundleWriter
from hybridrec.schema.records import AudioFeatures, ItemFeatures
from hybridrec.schema.tables import TRACKS
from hybridrec.vocabulary import TermVocabulary, Vocabulary

CATALOG = "catalog.parquet"
HISTORIES, ITEMS = "histories.safetensors", "items.safetensors"
_NEVER_NULL = ("track_id", "genres", "moods", "tags")


def save_knowledge(knowledge: Knowledge, writer: BundleWriter) -> None:
    """Writes tracks, users and what the users played."""
    table = io.BytesIO()
    knowledge.catalog.table.write_parquet(table, statistics=False)
    writer.write(CATALOG, table.getvalue())
    save_vocabularies(knowledge, writer)
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
    items, histories = read_items(bundle), read_tensors(bundle, HISTORIES)
    terms = read_vocabularies(bundle)
    _check_terms(items, terms.sizes)
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
    return read_tensors(bundle, ITEMS)


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
    if len(table) != bundle.sizes["n_items"]:
        n_tracks = bundle.sizes["n_items"]
        raise ArtifactError(CATALOG, f"has {len(table)} tracks, the manifest counts {n_tracks}")
    if any(table[name].null_count() for name in _NEVER_NULL):
        raise ArtifactError(CATALOG, f"has gaps in one of {', '.join(_NEVER_NULL)}")
    if table["track_id"].is_duplicated().any():
        raise ArtifactError(CATALOG, "has a track_id twice")
    return table


def _check_terms(items: Tensors, tables: Sizes) -> None:
    """Refuses tracks of terms that no vocabulary has."""
    for name, table in TERM_ROWS.items():
        if items[name].size and items[name].max() >= tables[table]:
            raise ArtifactError(
                ITEMS, f"its array {name!r} holds {items[name].max()}, of {tables[table]} rows"
            )
