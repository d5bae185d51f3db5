"""Serves the audio predictor."""

import time
from collections.abc import Sequence
from pathlib import Path

from ray import serve

from deployments.stage import StageState, accept, unknown_items
from hybridrec.errors import StageUnavailable
from hybridrec.persistence.bundle import open_bundle
from hybridrec.persistence.models import load_audio_predictor
from hybridrec.schema.names import AUDIO_PREDICTOR, Mask
from hybridrec.schema.records import AudioFeatures, QueryBatch


class AudioPredictorReplica:
    """Answers with the audio of a batch's cold items."""

    def __init__(self, bundle_path: str, providers: Sequence[str]) -> None:
        bundle = open_bundle(Path(bundle_path))
        self._version = bundle.manifest.bundle_version
        self._predictor = load_audio_predictor(bundle, providers)

    def predict(self, queries: QueryBatch, wanted: Mask) -> AudioFeatures:
        """Audio of the C cold items, with predictions in the gaps where they are wanted.

        Raises:
            StageUnavailable: the bundle has no predictor, or it is too late.
            VersionMissing: the queries are pinned to another bundle version.
        """
        accept(AUDIO_PREDICTOR, self._version, queries, time.time())
        if self._predictor is None:
            raise StageUnavailable(AUDIO_PREDICTOR, "the bundle has none")
        return self._predictor.complete(queries.cold_items, wanted)

    def ready(self) -> StageState:
        providers = tuple(self._predictor.providers) if self._predictor else ()
        return StageState(self._version, providers)

    def check_health(self) -> None:
        """One tiny inference; Ray replaces a replica that raises here."""
        if self._predictor:
            self._predictor.predict(unknown_items(1))


AudioPredictorDeployment = serve.deployment(name="AudioPredictor")(AudioPredictorReplica)
