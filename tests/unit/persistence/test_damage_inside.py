"""Files that fit the seal and are wrong all the same: their makers were wrong, or lied."""

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import polars as pl
import pytest
from safetensors.numpy import load_file, save_file

from hybridrec.errors import ArtifactError
from hybridrec.hybrid import HybridModel
from hybridrec.persistence.manifest import MANIFEST, Manifest, checksum, version_of


@pytest.fixture
def bundle(tiny_bundle: Path, tmp_path: Path) -> Path:
    """A bundle of one's own, to damage."""
    return Path(shutil.copytree(tiny_bundle, tmp_path / "bundle"))


def rewrite(bundle: Path, name: str, data: bytes) -> None:
    """Replaces one file and seals the bundle again."""
    (bundle / name).write_bytes(data)
    tree = json.loads((bundle / MANIFEST).read_text())
    tree["files"][name] = {"size_bytes": len(data), "sha256": checksum(data)}
    tree["bundle_version"] = version_of(Manifest.model_validate(tree).files)
    (bundle / MANIFEST).write_text(json.dumps(tree))


def refused(bundle: Path) -> ArtifactError:
    with pytest.raises(ArtifactError) as caught:
        HybridModel.load(bundle)
    return caught.value


def edited(bundle: Path, edit: Callable[[Any], object]) -> bytes:
    """The calibrators after a change to their tree."""
    tree = json.loads((bundle / "calibrators.json").read_text())
    edit(tree)
    return json.dumps(tree).encode()


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(lambda tree: tree.pop("cf"), id="a-missing-calibrator"),
        pytest.param(lambda tree: tree.update(more=1), id="an-unknown-key"),
        pytest.param(lambda tree: tree["cf"]["x"].__setitem__(0, float("nan")), id="nan"),
        pytest.param(lambda tree: tree["cf"]["x"].reverse(), id="falling-scores"),
        pytest.param(
            lambda tree: tree["fusions"]["adaptive"]["score"].update(x=[1.0], y=[1.0]),
            id="one-knot",
        ),
        pytest.param(lambda tree: tree["content"]["y"].pop(), id="a-knot-without-value"),
        pytest.param(
            lambda tree: tree["fusions"]["meta_learning"]["confidence"]["x"].pop(),
            id="half-a-confidence",
        ),
        pytest.param(
            lambda tree: tree["fusions"]["meta_learning"]["interval"]["low"].pop(),
            id="half-an-interval",
        ),
        pytest.param(lambda tree: tree["sessions"]["scale"].pop(), id="half-a-scaler"),
        pytest.param(lambda tree: tree.update(prior=1.0), id="a-prior-that-has-no-logit"),
        pytest.param(lambda tree: tree.update(cf_weight=0), id="a-share-of-nothing"),
        pytest.param(lambda tree: tree["fusions"].pop("weighted_sum"), id="a-missing-fusion"),
    ],
)
def test_a_calibrator_that_cannot_be_applied_is_refused(
    bundle: Path, edit: Callable[[Any], object]
) -> None:
    rewrite(bundle, "calibrators.json", edited(bundle, edit))

    assert refused(bundle).file == "calibrators.json"


@pytest.mark.parametrize(
    "name",
    [
        "user_tower.onnx",
        "item_tower.onnx",
        "audio_predictor.onnx",
        "meta_fusion.onnx",
        "learned_weights.onnx",
        "adaptive.onnx",
    ],
)
@pytest.mark.parametrize("kind", ["input", "output"])
def test_a_network_of_another_signature_is_refused(bundle: Path, name: str, kind: str) -> None:
    network = onnx.load(bundle / name)
    named = getattr(network.graph, kind)[0]
    for node in network.graph.node:
        for ends in (node.input, node.output):
            ends[:] = ["stranger" if end == named.name else end for end in ends]
    named.name = "stranger"
    rewrite(bundle, name, network.SerializeToString())

    error = refused(bundle)
    assert error.file == name
    assert "stranger" in error.reason


@pytest.mark.parametrize(
    "name", ["user_tower.onnx", "items.safetensors", "histories.safetensors", "meta_fusion.onnx"]
)
def test_a_file_that_is_something_else_is_named(bundle: Path, name: str) -> None:
    rewrite(bundle, name, b"something else")

    assert refused(bundle).file == name


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("two_tower.safetensors", "measured_items.embeddings"),
        ("items.safetensors", "audio.confidence"),
        ("items.safetensors", "interactions"),
        ("histories.safetensors", "histories.offsets"),
        ("meta_fusion.safetensors", "cf_reference_rows"),
        ("audio_predictor.safetensors", "margin"),
    ],
)
def test_an_array_that_is_not_there_is_named_with_its_file(
    bundle: Path, name: str, array: str
) -> None:
    tensors = load_file(bundle / name)
    del tensors[array]
    save_file(tensors, bundle / name)
    rewrite(bundle, name, (bundle / name).read_bytes())

    error = refused(bundle)
    assert error.file == name
    assert array in error.reason


def test_a_catalogue_of_other_columns_is_refused(bundle: Path) -> None:
    table = io.BytesIO()
    pl.read_parquet(bundle / "catalog.parquet").drop("moods").write_parquet(table)
    rewrite(bundle, "catalog.parquet", table.getvalue())

    error = refused(bundle)
    assert error.file == "catalog.parquet"
    assert "columns" in error.reason


@pytest.mark.parametrize("kind", ["users", "genres"])
def test_vocabularies_with_an_id_twice_are_refused(bundle: Path, kind: str) -> None:
    tree = json.loads((bundle / "vocabularies.json").read_text())
    tree[kind][1] = tree[kind][0]
    rewrite(bundle, "vocabularies.json", json.dumps(tree).encode())

    assert refused(bundle).file == "vocabularies.json"


def test_a_changed_bundle_has_a_version_of_its_own(bundle: Path, tiny_model: HybridModel) -> None:
    tensors = load_file(bundle / "nmf.safetensors")
    tensors["item_factors"] = tensors["item_factors"] * 2
    save_file(tensors, bundle / "nmf.safetensors")
    rewrite(bundle, "nmf.safetensors", (bundle / "nmf.safetensors").read_bytes())

    assert HybridModel.load(bundle).knowledge.version != tiny_model.knowledge.version


def test_a_model_card_of_other_figures_is_refused_by_its_name(bundle: Path) -> None:
    rewrite(bundle, "model_card.json", b'{"quality": []}')

    assert refused(bundle).file == "model_card.json"
