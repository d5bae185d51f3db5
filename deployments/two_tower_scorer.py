"""Serves the content scorer."""

import time
from collections.abc import Sequence
from pathlib import Path

from ray import serve

from deployments.stage import StageState, accept, tiny_query, unknown_items
from hybridrec.persistence.bundle import open_bundle
from hybridrec.persistence.models import load_two_tower
from hybridrec.schema.names import TWO_TOWER_SCORER
from hybridrec.schema.records import AudioFeatures, QueryBatch
from hybridrec.schema.scores import Retrieved, ScoreBatch


class TwoTowerScorerReplica:
    """Answers with the content scores of a batch of queries."""

    def __init__(self, bundle_path: str, providers: Sequence[str]) -> None:
        bundle = open_bundle(Path(bundle_path))
        self._version = bundle.manifest.bundle_version
        self._scorer = load_two_tower(bundle, providers)

    def score(self, queries: QueryBatch, cold_audio: AudioFeatures) -> ScoreBatch:
        accept(TWO_TOWER_SCORER, self._version, queries, time.time())
        return self._scorer.score(queries, cold_audio)

    def retrieve(self, queries: QueryBatch) -> Retrieved:
        accept(TWO_TOWER_SCORER, self._version, queries, time.time())
        return self._scorer.retrieve(queries)

    def ready(self) -> StageState:
        return StageState(self._version, tuple(self._scorer.providers))

    def check_health(self) -> None:
        """One tiny inference; Ray replaces a replica that raises here."""
        no_audio = AudioFeatures.measured(unknown_items(0).audio)
        self._scorer.score(tiny_query(self._version), no_audio)


TwoTowerScorerDeployment = serve.deployment(name="TwoTowerScorer")(TwoTowerScorerReplica)
