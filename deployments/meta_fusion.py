"""Serves the meta-learner that merges the scorers."""

import time
from collections.abc import Sequence
from pathlib import Path

from ray import serve

from deployments.stage import StageState, accept, tiny_query, unknown_items
from hybridrec.persistence.bundle import open_bundle
from hybridrec.persistence.fusion import load_meta_fusion
from hybridrec.schema.names import META_FUSION
from hybridrec.schema.records import AudioFeatures, QueryBatch
from hybridrec.schema.scores import FusedBatch, ScoreBatch


class MetaFusionReplica:
    """Merges what the scorers said of a batch of queries."""

    def __init__(self, bundle_path: str, providers: Sequence[str]) -> None:
        bundle = open_bundle(Path(bundle_path))
        self._version = bundle.manifest.bundle_version
        self._fusion = load_meta_fusion(bundle, providers)

    def fuse(
        self, queries: QueryBatch, cf: ScoreBatch, content: ScoreBatch, cold_audio: AudioFeatures
    ) -> FusedBatch:
        accept(META_FUSION, self._version, queries, time.time())
        return self._fusion.fuse(queries, cf, content, cold_audio)

    def ready(self) -> StageState:
        return StageState(self._version, tuple(self._fusion.providers))

    def check_health(self) -> None:
        """One tiny inference; Ray replaces a replica that raises here."""
        queries = tiny_query(self._version)
        cf, content = ScoreBatch.absent("cf", queries), ScoreBatch.absent("content", queries)
        self._fusion.fuse(queries, cf, content, AudioFeatures.measured(unknown_items(0).audio))


MetaFusionDeployment = serve.deployment(name="MetaFusion")(MetaFusionReplica)
