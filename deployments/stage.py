"""What the replicas of all stages have in common."""

from dataclasses import dataclass

import numpy as np

from hybridrec.errors import StageUnavailable, VersionMissing
from hybridrec.schema.names import (
    MAX_GENRES,
    MAX_MOODS,
    MAX_NAMES,
    MAX_PREFERRED_GENRES,
    MAX_PREFERRED_MOODS,
    MAX_TAGS,
    MAX_TOKENS,
    RATING_FEATURES,
)
from hybridrec.schema.records import N_AUDIO, N_SESSION, ItemFeatures, QueryBatch

PROFILE_STORE = "profile_store"

CLOCK_SKEW_S = 0.05
"""By how much clocks of two machines may differ before work is dropped wrongly."""


@dataclass(frozen=True, slots=True)
class StageState:
    """What a stage says when asked whether it is ready.

    Attributes:
        bundle_version: the version that it serves.
        providers: where its networks run, in the words of ONNX Runtime; none if it has no network.
    """

    bundle_version: str
    providers: tuple[str, ...] = ()


def accept(stage: str, held: str, queries: QueryBatch, now: float) -> None:
    """Lets a batch of queries pass that the stage can answer, and in time.

    Args:
        stage: name of the stage.
        held: the bundle version that it serves.
        queries: what it is asked.
        now: Unix seconds.

    Raises:
        VersionMissing: the queries are pinned to another bundle version.
        StageUnavailable: every deadline of the batch has passed: nobody waits for the answer.
    """
    if queries.bundle_version != held:
        raise VersionMissing(queries.bundle_version, held)
    if len(queries) and now > float(queries.deadline.max()) + CLOCK_SKEW_S:
        raise StageUnavailable(stage, "the deadline had passed before it began")


def tiny_query(bundle_version: str) -> QueryBatch:
    """A stranger's query for the first track of the bundle: for health checks."""
    nothing = np.zeros(0, np.int32)
    empty = np.zeros(2, np.int32)
    return QueryBatch(
        bundle_version=bundle_version,
        user_rows=np.full(1, -1, np.int32),
        history_rows=nothing,
        history_weights=np.zeros(0, np.float32),
        history_offsets=empty,
        genre_rows=np.zeros((1, MAX_PREFERRED_GENRES), np.int32),
        mood_rows=np.zeros((1, MAX_PREFERRED_MOODS), np.int32),
        genres_stated=np.zeros(1, np.bool_),
        idle_days=np.full(1, np.nan, np.float32),
        session=np.full((1, N_SESSION), np.nan, np.float32),
        candidate_rows=np.zeros(1, np.int32),
        offsets=np.array([0, 1], np.int32),
        cold_items=unknown_items(0),
        exclude_rows=nothing,
        exclude_offsets=empty,
        n_retrieve=np.ones(1, np.int32),
        n_keep=np.ones(1, np.int32),
        fusion=np.zeros(1, np.int32),
        use_audio_prediction=np.zeros(1, bool),
        want_evidence=np.zeros(1, bool),
        deadline=np.full(1, np.inf),
    )


def unknown_items(n_items: int) -> ItemFeatures:
    """Tracks of which nothing is known."""
    return ItemFeatures(
        tokens=np.zeros((n_items, MAX_TOKENS), np.int32),
        names=np.zeros((n_items, MAX_NAMES), np.int32),
        artist_rows=np.ones(n_items, np.int32),
        genre_rows=np.zeros((n_items, MAX_GENRES), np.int32),
        mood_rows=np.zeros((n_items, MAX_MOODS), np.int32),
        tag_rows=np.zeros((n_items, MAX_TAGS), np.int32),
        year=np.full(n_items, np.nan, np.float32),
        duration_ms=np.full(n_items, np.nan, np.float32),
        audio=np.full((n_items, N_AUDIO), np.nan, np.float32),
        ratings=np.full((n_items, len(RATING_FEATURES)), np.nan, np.float32),
        completeness=np.zeros(n_items, np.float32),
    )
