from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load, load_file, save_file

from hybridrec.errors import ArtifactError
from hybridrec.features.session_scaler import SessionScaler
from hybridrec.models.calibration import ConfidenceCalibrator, MonotoneMap
from hybridrec.models.calibration import ScoreCalibrator as Score
from hybridrec.models.groups import N_GROUPS
from hybridrec.models.interval import N_INTERVAL_GROUPS, IntervalCalibrator
from hybridrec.persistence.arrays import prefixed, read_tensors, record_of, tensor, tensor_bytes
from hybridrec.persistence.bundle import Bundle, open_bundle
from hybridrec.persistence.calibrators import StoredScaler
from hybridrec.persistence.manifest import Provenance
from hybridrec.persistence.maps import StoredConfidence, StoredInterval, StoredMap
from hybridrec.persistence.writing import writing
from hybridrec.schema.records import N_SESSION, AudioFeatures

FILE = "audio_predictor.safetensors"
EMPTY = Provenance(
    created="",
    data_fingerprint="",
    data_cut_off=None,
    config={},
    libraries={},
    counts={"n_tracks": 3, "n_users": 1},
    evaluation={},
)


def bundle_of(path: Path, data: bytes) -> Bundle:
    with writing(path) as writer:
        writer.write(FILE, data)
        writer.seal(EMPTY)
    return open_bundle(path)


def test_a_record_comes_back_array_by_array(rng: np.random.Generator) -> None:
    values = rng.random((3, 8), np.float32)
    values[1, 2] = np.nan
    record = AudioFeatures.measured(values)

    tensors = load(tensor_bytes(prefixed("audio", record)))
    again = record_of(AudioFeatures, "audio", tensors, FILE)

    for one, other in zip(record.arrays(), again.arrays(), strict=True):
        np.testing.assert_array_equal(one, other)
        assert one.dtype == other.dtype


def test_the_same_arrays_give_the_same_bytes_whatever_their_order_and_strides() -> None:
    a, b = np.arange(6, dtype=np.float32).reshape(2, 3), np.arange(2, dtype=np.int32)

    one = tensor_bytes({"a": a, "b": b})

    assert tensor_bytes({"b": b, "a": np.asfortranarray(a)}) == one
    assert tensor_bytes({"a": a + 1, "b": b}) != one


def test_arrays_of_a_bundle_come_back(tmp_path: Path) -> None:
    arrays = {"marginal_width": np.ones(8, np.float32)}
    bundle = bundle_of(tmp_path / "b", tensor_bytes(arrays))

    found = read_tensors(bundle, FILE)

    assert {name: array.tobytes() for name, array in found.items()} == {
        name: array.tobytes() for name, array in arrays.items()
    }


def test_a_manifest_that_counts_nothing_is_refused(tmp_path: Path) -> None:
    with writing(tmp_path / "b") as writer:
        writer.seal(EMPTY.model_copy(update={"counts": {"n_users": 1}}))

    with pytest.raises(ArtifactError, match="does not count") as caught:
        _ = open_bundle(tmp_path / "b").sizes

    assert caught.value.file == "manifest.json"


def test_a_missing_array_is_named_with_its_file() -> None:
    with pytest.raises(ArtifactError, match="'marginal_width'") as caught:
        tensor({"other": np.zeros(1)}, "marginal_width", "audio.safetensors")

    assert caught.value.file == "audio.safetensors"


def test_the_files_are_plain_safetensors(tmp_path: Path) -> None:
    bundle = bundle_of(tmp_path / "b", tensor_bytes({"a": np.arange(3)}))

    assert load_file(bundle.path / FILE)["a"].tolist() == [0, 1, 2]
    save_file({"a": np.arange(3)}, tmp_path / "theirs")
    assert (tmp_path / "theirs").read_bytes() == (bundle.path / FILE).read_bytes()


def test_calibrators_come_back_number_by_number(rng: np.random.Generator) -> None:
    x, y = np.sort(rng.normal(size=9)), np.sort(rng.random(9))
    raw = np.linspace(-3, 3, 40, dtype=np.float32)
    score, confidence = (
        Score(MonotoneMap(x, y)),
        ConfidenceCalibrator(
            x, np.stack([y * (group + 1) / N_GROUPS for group in range(N_GROUPS)])
        ),
    )
    ends = rng.random((N_INTERVAL_GROUPS, 10))
    interval = IntervalCalibrator(x, -ends, ends / 2, 1.5)

    score_again = StoredMap.model_validate_json(StoredMap.of_score(score).model_dump_json()).score()
    confidence_again = StoredConfidence.model_validate_json(
        StoredConfidence.of(confidence).model_dump_json()
    ).confidence()
    interval_again = StoredInterval.model_validate_json(
        StoredInterval.of(interval).model_dump_json()
    ).interval()

    known = np.ones(40, bool)
    assert score_again.scores(raw).tobytes() == score.scores(raw).tobytes()
    groups = np.arange(40, dtype=np.int32) % N_GROUPS
    assert (
        confidence_again.known(raw, groups, known).tobytes()
        == confidence.known(raw, groups, known).tobytes()
    )
    assert interval_again.widest == interval.widest
    for one, other in zip(interval_again(raw, groups), interval(raw, groups), strict=True):
        assert one.tobytes() == other.tobytes()


def test_a_session_feature_that_was_never_seen_stays_so(rng: np.random.Generator) -> None:
    sessions = rng.random((20, N_SESSION)).astype(np.float32)
    sessions[:, 3] = np.nan
    scaler = SessionScaler.fitted(sessions)

    stored = StoredScaler.model_validate_json(StoredScaler.of(scaler).model_dump_json())
    again = stored.scaler()

    assert stored.center[3] is None
    values, known = again.transform(np.ones((1, N_SESSION), np.float32))
    expected, _ = scaler.transform(np.ones((1, N_SESSION), np.float32))
    assert values.tobytes() == expected.tobytes()
    assert known[0].tolist() == [float(place != 3) for place in range(N_SESSION)]
