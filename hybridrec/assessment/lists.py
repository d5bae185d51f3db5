"""Asks a model the questions of a protocol, and keeps its lists as rows."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from hybridrec.answers.ask import Ask
from hybridrec.answers.batch import batch_asks, plays_by_user
from hybridrec.answers.knowledge import NO_ROWS
from hybridrec.assessment.ways import Way
from hybridrec.catalog import Catalog
from hybridrec.evaluation.protocol import Slice
from hybridrec.hybrid import HybridModel
from hybridrec.schema.names import AUDIO_FEATURES, Rows
from hybridrec.schema.wire import Audio, InlineTrack
from hybridrec.vocabulary import Vocabulary

LIST_LENGTH = 200
"""Places of each list; a hit further down counts as none."""


def ranked_rows(model: HybridModel, one: Slice, way: Way, k: int = LIST_LENGTH) -> Rows:
    """Lists for the questions of a slice; tracks that are known to be played are left out.

    Args:
        model: trained on the protocol's table of training.
        one: who asks, and for what.
        way: how the model ranks; one of described tracks needs a slice with candidates.
        k: length of each list.

    Returns:
        shape (B, k), rows of the model's catalogue, best first, -1 where a list ends.

    Raises:
        ValueError: the slice has no candidates to describe.
    """
    tracks = model.knowledge.catalog.tracks
    ranked = np.full((len(one.user_ids), k), -1, np.int32)
    for place, ids in enumerate(way.lists(model, asks_of(model, one, way, k))):
        ranked[place, : len(ids)] = tracks.rows(ids)
    return ranked


def rows_of_table(ranked: pl.DataFrame, user_ids: Sequence[str], tracks: Vocabulary) -> Rows:
    """The lists of a table as rows.

    Args:
        ranked: columns ``user_id``, ``rank`` from 1 and ``track_id``.
        user_ids: whose lists, in this order, each once.
        tracks: whose rows are meant.

    Returns:
        shape (B, K), best first, -1 where a list ends.
    """
    places = pl.DataFrame({"user_id": user_ids}, {"user_id": pl.String}).with_row_index("row")
    shown = ranked.join(places, on="user_id")
    ranks = shown["rank"].to_numpy()
    rows = np.full((len(user_ids), int(ranks.max(initial=1))), -1, np.int32)
    rows[shown["row"].to_numpy(), ranks - 1] = tracks.rows(shown["track_id"].to_list())
    return rows


def asks_of(model: HybridModel, one: Slice, way: Way, k: int) -> Iterator[Ask]:
    """The questions of a slice, in the order of its users.

    Raises:
        ValueError: the slice has no candidates to describe.
    """
    knowledge = model.knowledge
    rows = None if one.candidates is None else knowledge.catalog.tracks.rows(one.candidates)
    if rows is not None:
        rows = rows[rows >= 0]
    excluded = knowledge.catalog.tracks.rows(one.excluded)
    asks = (
        replace(ask, exclude=np.union1d(ask.exclude, excluded[excluded >= 0]).astype(np.int32))
        for ask in batch_asks(one.user_ids, plays_by_user(one.history), rows, k, knowledge)
    )
    if not way.is_described:
        return asks
    if rows is None:
        raise ValueError(f"{way.name}: slice {one.name} has no candidates to describe")
    described = described_tracks(knowledge.catalog, rows)
    return (replace(ask, rows=NO_ROWS, cold_tracks=described) for ask in asks)


def described_tracks(catalog: Catalog, rows: Rows) -> tuple[InlineTrack, ...]:
    """Tracks of the catalogue as a request would describe them if no bundle held them."""
    of_track = set(InlineTrack.model_fields) - {"audio"}
    return tuple(
        InlineTrack.model_construct(
            **{name: value for name, value in track.items() if name in of_track},
            audio=Audio.model_construct(**{name: track[name] for name in AUDIO_FEATURES}),
        )
        for track in catalog.table[rows].iter_rows(named=True)
    )
