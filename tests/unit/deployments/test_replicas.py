"""Plain replicas with a real bundle and no Ray."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deployments.args import AppArgs
from deployments.audio_predictor import AudioPredictorReplica
from deployments.ingress import IngressReplica
from deployments.meta_fusion import MetaFusionReplica
from deployments.nmf_scorer import NMFScorerReplica
from deployments.stage import tiny_query, unknown_items
from deployments.two_tower_scorer import TwoTowerScorerReplica
from hybridrec.errors import ArtifactError, StageUnavailable, VersionMissing
from hybridrec.hybrid import HybridModel
from hybridrec.models.onnx import CPU
from hybridrec.persistence.bundle import Bundle
from hybridrec.schema.records import AudioFeatures, QueryBatch
from hybridrec.schema.scores import ScoreBatch

NO_AUDIO = AudioFeatures.measured(np.zeros((0, 8), np.float32))
Make = Callable[[Path], Any]
MAKERS: dict[str, Make] = {
    "nmf_scorer": lambda path: NMFScorerReplica(str(path)),
    "two_tower_scorer": lambda path: TwoTowerScorerReplica(str(path), CPU),
    "audio_predictor": lambda path: AudioPredictorReplica(str(path), CPU),
    "meta_fusion": lambda path: MetaFusionReplica(str(path), CPU),
}


def ask(stage: str, replica: Any, queries: QueryBatch) -> object:
    absent = ScoreBatch.absent("cf", queries)
    calls: dict[str, Callable[[], object]] = {
        "nmf_scorer": lambda: replica.score(queries),
        "two_tower_scorer": lambda: replica.score(queries, NO_AUDIO),
        "audio_predictor": lambda: replica.predict(queries, np.zeros(0, bool)),
        "meta_fusion": lambda: replica.fuse(queries, absent, absent, NO_AUDIO),
    }
    return calls[stage]()


@pytest.fixture(params=MAKERS)
def stage(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def replica(stage: str, tiny_bundle: Path) -> object:
    return MAKERS[stage](tiny_bundle)


@pytest.fixture
def version(tiny_model: HybridModel) -> str:
    return tiny_model.knowledge.version


def test_a_replica_is_ready_with_its_bundle_and_healthy(replica: Any, version: str) -> None:
    replica.check_health()

    assert replica.ready().bundle_version == version


def test_a_query_for_another_bundle_is_refused(stage: str, replica: Any) -> None:
    with pytest.raises(VersionMissing, match="other"):
        ask(stage, replica, tiny_query("other"))


def test_work_that_nobody_waits_for_is_dropped(stage: str, replica: Any, version: str) -> None:
    queries = dataclasses.replace(tiny_query(version), deadline=np.array([1.0]))

    with pytest.raises(StageUnavailable, match=stage):
        ask(stage, replica, queries)


def test_a_damaged_bundle_never_serves(stage: str, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"manifest\.json"):
        MAKERS[stage](tmp_path)


def test_the_audio_predictor_fills_only_the_gaps_that_are_wanted(
    tiny_bundle: Path, version: str
) -> None:
    replica = AudioPredictorReplica(str(tiny_bundle), CPU)
    queries = dataclasses.replace(tiny_query(version), cold_items=unknown_items(2))

    audio = replica.predict(queries, np.array([True, False]))

    assert audio.predicted.tolist() == [True, False]
    assert np.isnan(audio.values[1]).all()


class Handle:
    """A stage that nobody asks anything."""

    def __getattr__(self, name: str) -> "Handle":
        return self


def test_the_ingress_reads_each_file_once(
    tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    whole = Bundle.read

    def counted(bundle: Bundle, name: str) -> bytes:
        read.append(name)
        return whole(bundle, name)

    monkeypatch.setattr(Bundle, "read", counted)
    monkeypatch.setattr("deployments.telemetry.write_to_stderr", lambda: None)
    handles: list[Any] = [Handle() for _ in range(4)]

    IngressReplica(AppArgs(bundle=tiny_bundle), *handles)

    assert "items.safetensors" in read
    assert sorted(read) == sorted(set(read))
