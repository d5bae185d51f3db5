"""Serves the meta-learner that merges the scorers."""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from ray import serve

from deployments.stage import StageState, accept, tiny_query, unknown_items
from hybridrec.persistence.bundle import open_bundle
from hybridrec.persistence.fusion import load_fusions
from hybridrec.schema.names import FUSIONS, META_FUSION
from hybridrec.schema.records import AudioFeatures, QueryBatch
from hybridrec.schema.scores import FusedBatch, ScoreBatch


class MetaFusionReplica:
    """Merges what the scorers said of a batch of queries."""

    def __init__(self, bundle_path: str, providers: Sequence[str]) -> None:
        bundle = open_bundle(Path(bundle_path))
        self._version = bundle.manifest.bundle_version
        self._fusions = load_fusions(bundle, providers)

    def fuse(
        self, queries: QueryBatch, cf: ScoreBatch, content: ScoreBatch, cold_audio: AudioFeatures
    ) -> FusedBatch:
        accept(META_FUSION, self._version, queries, time.time())
        return self._fusions.fuse(queries, cf, content, cold_audio)

    def ready(self) -> StageState:
        return StageState(self._version, tuple(self._fusions.providers))

    def check_health(self) -> None:
        """One tiny inference by each fusion; Ray replaces a replica that raises here."""
        queries = tiny_query(self._version)
        cf, content = ScoreBatch.absent("cf", queries), ScoreBatch.absent("content", queries)
        audio = AudioFeatures.measured(unknown_items(0).audio)
        for number in range(len(FUSIONS)):
            wanted = np.full(1, number, np.int32)
            self._fusions.fuse(replace(queries, fusion=wanted), cf, content, audio)


MetaFusionDeployment = serve.deployment(name="MetaFusion")(MetaFusionReplica)
