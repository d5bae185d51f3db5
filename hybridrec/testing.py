"""Honest stand-ins and small inputs, for our tests and for others'."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, NoReturn, TypeVar

import numpy as np
import polars as pl
from typing_extensions import override

from hybridrec.errors import StageUnavailable
from hybridrec.features.item import ItemEncoder
from hybridrec.fusion.by_rule import ByRule
from hybridrec.fusion.calibrated import Fusion
from hybridrec.fusion.merged import Merged, Merger, Sources, shared_out
from hybridrec.models.calibration import (
    ConfidenceCalibrator,
    MonotoneMap,
    ScoreCalibrator,
)
from hybridrec.models.groups import LISTENERS
from hybridrec.models.interval import N_INTERVAL_GROUPS, IntervalCalibrator
from hybridrec.models.retrieval import best_rows, retrieved
from hybridrec.schema import names
from hybridrec.schema.names import META_LEARNING
from hybridrec.schema.records import AudioFeatures, ItemFeatures, QueryBatch
from hybridrec.schema.scores import Retrieved, ScoreBatch
from hybridrec.schema.tables import TRACKS
from hybridrec.vocabulary import TermVocabulary

M = TypeVar("M", bound=Merger)


def one_query(
    candidate_rows: Sequence[int] = (0, 1, 2),
    *,
    user_row: int = 0,
    history_rows: Sequence[int] = (),
    exclude_rows: Sequence[int] = (),
    cold_items: ItemFeatures | None = None,
    want_evidence: bool = False,
) -> QueryBatch:
    """A batch of one query, each play of weight 1; ``dataclasses.replace`` sets all else."""
    return QueryBatch(
        bundle_version="v1",
        user_rows=np.array([user_row], np.int32),
        history_rows=np.array(history_rows, np.int32),
        history_weights=np.ones(len(history_rows), np.float32),
        history_offsets=np.array([0, len(history_rows)], np.int32),
        genre_rows=np.zeros((1, names.MAX_PREFERRED_GENRES), np.int32),
        mood_rows=np.zeros((1, names.MAX_PREFERRED_MOODS), np.int32),
        genres_stated=np.zeros(1, np.bool_),
        idle_days=np.full(1, np.nan, np.float32),
        session=np.full((1, len(names.SESSION_FEATURES)), np.nan, np.float32),
        candidate_rows=np.array(candidate_rows, np.int32),
        offsets=np.array([0, len(candidate_rows)], np.int32),
        cold_items=tiny_items().take(np.zeros(0, np.int32)) if cold_items is None else cold_items,
        exclude_rows=np.array(exclude_rows, np.int32),
        exclude_offsets=np.array([0, len(exclude_rows)], np.int32),
        n_retrieve=np.array([200], np.int32),
        n_keep=np.array([200], np.int32),
        fusion=np.zeros(1, np.int32),
        use_audio_prediction=np.ones(1, np.bool_),
        want_evidence=np.array([want_evidence]),
        deadline=np.full(1, np.inf),
    )


def query_batch(queries: Sequence[QueryBatch], n_items: int = 2**31 - 1) -> QueryBatch:
    """Several batches as one; candidate rows from ``n_items`` on are cold and are renumbered."""
    merged = _joined(queries, "bundle_version", "cold_items")
    cold = [query.cold_items for query in queries]
    n_before = np.concatenate([[0], np.cumsum([len(items) for items in cold])[:-1]])
    shift = n_before.repeat([len(query.candidate_rows) for query in queries])
    rows = merged.pop("candidate_rows")
    rows = np.where(rows >= n_items, rows + shift, rows).astype(np.int32)
    items = ItemFeatures(**_joined(cold))
    return QueryBatch(queries[0].bundle_version, candidate_rows=rows, cold_items=items, **merged)


def _joined(records: Sequence[Any], *but: str) -> dict[str, Any]:
    """Arrays of records one after the other, by name; offsets go on counting."""
    joined = {}
    for name in {field.name for field in fields(records[0])} - set(but):
        parts = [getattr(record, name) for record in records]
        if name.endswith("offsets"):
            sizes = [np.zeros(1, np.int32), *(np.diff(part) for part in parts)]
            parts = [np.concatenate(sizes).cumsum(dtype=np.int32)]
        joined[name] = np.concatenate(parts)
    return joined


@dataclass(frozen=True, slots=True)
class FakeScorer:
    """Gives each row the score of a table, NaN to other rows and to listeners with no row."""

    name: str
    table: Mapping[int, float]
    confidence: float = 0.5

    def score(self, queries: QueryBatch, cold_audio: AudioFeatures | None = None) -> ScoreBatch:
        """Takes the calling form of either scorer; audio changes nothing."""
        del cold_audio
        said = [self.table.get(row, np.nan) for row in queries.candidate_rows.tolist()]
        is_known = queries.user_rows[queries.query_of_candidate] >= 0
        scores = np.where(is_known, np.array(said, np.float32), np.float32(np.nan))
        confidence = np.where(np.isnan(scores), 0.0, self.confidence).astype(np.float32)
        return ScoreBatch.plain(self.name, scores, confidence)

    def retrieve(self, queries: QueryBatch) -> Retrieved:
        """The table's best rows, ties by row."""
        scores = np.full(max(self.table, default=-1) + 1, np.nan, np.float32)
        scores[list(self.table)] = list(self.table.values())
        parts = []
        for query, user_row in enumerate(queries.user_rows.tolist()):
            n = int(queries.n_retrieve[query]) if user_row >= 0 else 0
            parts.append(best_rows(scores, n, queries.excluded(query)))
        return retrieved(parts)


@dataclass(frozen=True, slots=True)
class FakeMerger(ByRule):
    """Shares by confidence, under any name."""

    name: str = META_LEARNING
    prior: float = 0.5

    @override
    def share_out(self, sources: Sources) -> Merged:
        return shared_out(sources.confidence, sources, self.prior)


def uncalibrated(merger: M) -> Fusion[M]:
    """A fusion that leaves what was merged as it is, and whose intervals are all of [0, 1]."""
    ends, wide = np.array([-1.0, 1.0]), np.full((N_INTERVAL_GROUPS, 3), 50.0)
    return Fusion(
        merger,
        ScoreCalibrator(MonotoneMap(ends, ends)),
        np.zeros(len(LISTENERS)),
        IntervalCalibrator(ends, -wide, wide, 100.0),
        ConfidenceCalibrator.alike(np.array([0.0, 1.0]), np.array([0.0, 1.0])),
        np.zeros(1, np.int32),
    )


@dataclass(frozen=True, slots=True)
class BrokenScorer:
    """A scorer that is lost, however it is called."""

    name: str

    def score(self, *_: QueryBatch | AudioFeatures) -> NoReturn:
        raise StageUnavailable(self.name, "it is broken on purpose")

    retrieve = score


def tiny_tracks() -> pl.DataFrame:
    """A canonical table of four tracks: two by one artist, the last one hardly described."""
    columns = {
        "track_id": ["t0", "t1", "t2", "t3"],
        "title": ["Slow Rain", "Night Drive", "Été", "Untitled"],
        "artist": ["Ada", "Ada", "Bix", ""],
        "album": ["Weather", "Roads", None, None],
        "year": [1990, 2005, 2020, None],
        "genres": [["rock", "indie"], ["rock"], ["jazz"], []],
        "moods": [["calm"], ["driving"], [], []],
        "tags": [["vinyl"], [], [], []],
        "duration_ms": [220_000.0, 180_000.0, 300_000.0, None],
        "energy": [0.3, 0.9, None, None],
        "tempo": [90.0, 140.0, None, None],
        "aoty_score": [85.0, None, 70.0, None],
    }
    gaps = {name: [None] * 4 for name in TRACKS if name not in columns}
    return pl.DataFrame({**columns, **gaps}, schema_overrides=TRACKS).select(*TRACKS)


def tiny_items() -> ItemFeatures:
    """Features of ``tiny_tracks``, with the rows of terms of a bundle of them alone."""
    terms = (["Ada", "Bix"], ["rock", "indie", "jazz"], ["calm", "driving"], ["vinyl"])
    return ItemEncoder(*map(TermVocabulary.of, terms)).encode(tiny_tracks())


def nameless(n: int) -> ItemFeatures:
    """Features of n tracks that have neither artist nor genres: the last of ``tiny_tracks``."""
    return tiny_items().take(np.full(n, 3, np.int32))
