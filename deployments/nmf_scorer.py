"""Serves the collaborative scorer."""

import time
from pathlib import Path

from ray import serve

from deployments.stage import StageState, accept, tiny_query
from hybridrec.persistence.bundle import open_bundle
from hybridrec.persistence.collaborative import load_nmf
from hybridrec.schema.names import NMF_SCORER
from hybridrec.schema.records import QueryBatch
from hybridrec.schema.scores import Retrieved, ScoreBatch


class NMFScorerReplica:
    """Answers with the collaborative scores of a batch of queries.

    Its methods are plain ``def``: Ray runs them in threads, off the event loop.
    """

    def __init__(self, bundle_path: str) -> None:
        bundle = open_bundle(Path(bundle_path))
        self._version = bundle.manifest.bundle_version
        self._scorer = load_nmf(bundle)

    def score(self, queries: QueryBatch) -> ScoreBatch:
        accept(NMF_SCORER, self._version, queries, time.time())
        return self._scorer.score(queries)

    def retrieve(self, queries: QueryBatch) -> Retrieved:
        accept(NMF_SCORER, self._version, queries, time.time())
        return self._scorer.retrieve(queries)

    def ready(self) -> StageState:
        return StageState(self._version)

    def check_health(self) -> None:
        """One tiny inference; Ray replaces a replica that raises here."""
        self._scorer.score(tiny_query(self._version))


NMFScorerDeployment = serve.deployment(name="NMFScorer")(NMFScorerReplica)
