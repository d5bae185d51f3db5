"""What bundles know, as small as a test can read at a glance."""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from hybridrec.answers.knowledge import Knowledge
from hybridrec.catalog import Catalog
from hybridrec.features.item import ItemEncoder
from hybridrec.histories import Histories, interaction_weight
from hybridrec.schema.names import HOURS
from hybridrec.schema.ragged import offsets_of
from hybridrec.schema.records import N_SESSION, AudioFeatures
from hybridrec.schema.tables import TRACKS
from hybridrec.vocabulary import TermVocabulary, Vocabulary


def tracks_of(ids: Sequence[str]) -> pl.DataFrame:
    """Each by an artist of its own, of one genre."""
    columns = {"track_id": ids, "title": ids, "artist": [f"artist of {name}" for name in ids]}
    lists = {"genres": [["rock"]] * len(ids), "moods": [[]] * len(ids), "tags": [[]] * len(ids)}
    gaps = {name: [None] * len(ids) for name in TRACKS if name not in columns | lists}
    return pl.DataFrame({**columns, **lists, **gaps}, TRACKS)


def knowledge_of(track_ids: Sequence[str], plays: Mapping[str, Mapping[str, float]]) -> Knowledge:
    """A bundle's.

    Args:
        track_ids: what it holds.
        plays: by user, plays by track.
    """
    table = tracks_of(track_ids)
    tracks = Vocabulary(tuple(track_ids))
    rows = [tracks.rows(played) for played in plays.values()]
    counts = [np.array(list(played.values()), np.float32) for played in plays.values()]
    encoder = ItemEncoder(*(TermVocabulary.of(terms) for terms in ([], ["rock"], [], [])))
    items = encoder.encode(table)
    every_play = np.concatenate(rows)
    return Knowledge(
        version="v1",
        catalog=Catalog.of(table, np.bincount(every_play, minlength=len(table)).astype(np.int32)),
        users=Vocabulary(tuple(plays)),
        histories=Histories(
            every_play, interaction_weight(np.concatenate(counts)), offsets_of(rows)
        ),
        idle_days=np.full(len(plays), np.nan, np.float32),
        sessions=np.full((len(plays), N_SESSION), np.nan, np.float32),
        listening_hours=np.zeros((len(plays), HOURS), bool),
        encoder=encoder,
        items=items,
        audio=AudioFeatures.measured(items.audio),
    )
