"""Questions as one batch of queries, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from hybridrec.answers.ask import MIN_RETRIEVED, Ask
from hybridrec.answers.knowledge import NO_ROWS, Knowledge
from hybridrec.ranking.candidates import pool
from hybridrec.schema.answers import StageReport
from hybridrec.schema.names import AUDIO_FEATURES, FUSIONS, Mask
from hybridrec.schema.ragged import offsets_of
from hybridrec.schema.records import AudioFeatures, QueryBatch
from hybridrec.schema.scores import FusedBatch, Retrieved, ScoreBatch
from hybridrec.schema.tables import TRACKS
from hybridrec.schema.wire import InlineTrack


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What a batch of questions became.

    Attributes:
        asks: one per query.
        queries: the batch for the stages.
        cold_tracks: the tracks behind ``queries.cold_items``.
    """

    asks: tuple[Ask, ...]
    queries: QueryBatch
    cold_tracks: tuple[InlineTrack, ...]

    @property
    def needs_retrieval(self) -> bool:
        """Whether any query brings no candidates."""
        return any(ask.rows is None for ask in self.asks)

    @property
    def predicts_audio(self) -> Mask:
        """Whether the gaps in each cold item's measured audio may be filled; shape (C,)."""
        wanted = [
            ask.use_audio_prediction for ask in self.asks for _ in range(len(ask.cold_tracks))
        ]
        return np.array(wanted, bool)

    @property
    def needs_audio(self) -> bool:
        """Whether any cold item lacks measured audio that may be predicted."""
        gaps = np.isnan(self.queries.cold_items.audio).max(axis=1, initial=False)
        return bool((gaps & self.predicts_audio).any())


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """What the stages said of a plan.

    Attributes:
        cf: of the collaborative scorer.
        content: of the content scorer.
        cold_audio: audio of the plan's cold items.
        fused: of the fusion.
        stages: what became of each stage, by name.
    """

    cf: ScoreBatch
    content: ScoreBatch
    cold_audio: AudioFeatures
    fused: FusedBatch
    stages: dict[str, StageReport]


def plan(asks: Sequence[Ask], knowledge: Knowledge, deadline: float) -> Plan:
    """The queries of some questions; those that bring no candidates have none yet.

    Candidates come most played first, so that fusion leaves those of unknown score in that order.

    Args:
        asks: at least one.
        knowledge: of the bundle.
        deadline: absolute Unix seconds, inf for none.
    """
    cold_tracks: list[InlineTrack] = []
    candidates = []
    for ask in asks:
        first = len(knowledge.catalog) + len(cold_tracks)
        cold_rows = np.arange(first, first + len(ask.cold_tracks), dtype=np.int32)
        cold_tracks.extend(ask.cold_tracks)
        rows = NO_ROWS if ask.rows is None else knowledge.catalog.by_popularity(ask.rows)
        candidates.append(np.concatenate([rows, cold_rows]))
    askers = [ask.asker for ask in asks]
    queries = QueryBatch(
        bundle_version=knowledge.version,
        user_rows=np.array([asker.user_row for asker in askers], np.int32),
        history_rows=np.concatenate([asker.history for asker in askers]),
        history_weights=np.concatenate([asker.weights for asker in askers]),
        history_offsets=offsets_of([asker.history for asker in askers]),
        genre_rows=np.stack([asker.genres for asker in askers]),
        mood_rows=np.stack([asker.moods for asker in askers]),
        genres_stated=np.array([asker.genres_stated for asker in askers]),
        idle_days=np.array([asker.idle_days for asker in askers], np.float32),
        session=np.stack([asker.session for asker in askers]),
        candidate_rows=np.concatenate(candidates),
        offsets=offsets_of(candidates),
        cold_items=knowledge.encoder.encode(_table(cold_tracks))
        if cold_tracks
        else knowledge.no_items,
        exclude_rows=np.concatenate([ask.exclude for ask in asks]),
        exclude_offsets=offsets_of([ask.exclude for ask in asks]),
        n_retrieve=np.array([max(MIN_RETRIEVED, 3 * ask.k) for ask in asks], np.int32),
        n_keep=np.array([ask.n_keep for ask in asks], np.int32),
        fusion=np.array([FUSIONS.index(ask.fusion) for ask in asks], np.int32),
        use_audio_prediction=np.array([ask.use_audio_prediction for ask in asks]),
        want_evidence=np.array([ask.explain for ask in asks]),
        deadline=np.full(len(asks), deadline, np.float64),
    )
    return Plan(tuple(asks), queries, tuple(cold_tracks))


def fill(planned: Plan, found: Sequence[Retrieved], knowledge: Knowledge) -> Plan:
    """The plan with a pool for each query that brought no candidates."""
    queries = planned.queries
    candidates = []
    for query, ask in enumerate(planned.asks):
        if ask.rows is None:
            united = pool(found, query, knowledge.popular, ask.exclude, ask.k)
            rows = knowledge.catalog.by_popularity(united)
        else:
            rows = queries.candidate_rows[queries.part(query)]
        candidates.append(rows)
    filled = replace(
        queries, candidate_rows=np.concatenate(candidates), offsets=offsets_of(candidates)
    )
    return replace(planned, queries=filled)


def _table(tracks: Sequence[InlineTrack]) -> pl.DataFrame:
    """The canonical table of tracks that only a request knows."""
    rows = [track.model_dump(exclude={"audio"}) | track.audio.model_dump() for track in tracks]
    table = pl.DataFrame(rows, schema={name: TRACKS[name] for name in _INLINE}, strict=False)
    missing = [pl.lit(None, dtype).alias(name) for name, dtype in TRACKS.items()]
    return table.with_columns(one for one in missing if one.meta.output_name() not in _INLINE)


_INLINE = (
    *(name for name in InlineTrack.model_fields if name != "audio"),
    *AUDIO_FEATURES,
)
