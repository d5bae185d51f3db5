"""Damages bundles, sealed again or not, and says who must refuse them."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from safetensors.numpy import load_file

from hybridrec.errors import ArtifactError
from hybridrec.hybrid import HybridModel
from hybridrec.persistence.arrays import tensor_bytes
from hybridrec.persistence.bundle import Bundle, open_bundle
from hybridrec.persistence.calibrators import read_calibrators
from hybridrec.persistence.collaborative import load_nmf
from hybridrec.persistence.fusion import load_fusions
from hybridrec.persistence.knowledge import load_knowledge
from hybridrec.persistence.manifest import MANIFEST, Manifest, checksum, version_of
from hybridrec.persistence.models import load_audio_predictor, load_two_tower

Array = npt.NDArray[np.generic]

LOADERS: Mapping[str, Callable[[Bundle], object]] = {
    "knowledge": load_knowledge,
    "nmf": load_nmf,
    "two_tower": load_two_tower,
    "audio": load_audio_predictor,
    "fusion": load_fusions,
    "calibrators": read_calibrators,
}
READERS: Mapping[str, tuple[str, ...]] = {
    "nmf.safetensors": ("nmf",),
    "two_tower.safetensors": ("two_tower",),
    "audio_predictor.safetensors": ("audio",),
    "histories.safetensors": ("knowledge",),
    "items.safetensors": ("knowledge", "fusion"),
    "catalog.parquet": ("knowledge",),
    "vocabularies.json": ("knowledge", "nmf", "two_tower", "audio"),
    "calibrators.json": ("nmf", "two_tower", "fusion", "calibrators"),
    "user_tower.onnx": ("two_tower",),
    "item_tower.onnx": ("two_tower",),
    "audio_predictor.onnx": ("audio",),
    "meta_fusion.onnx": ("fusion",),
    "learned_weights.onnx": ("fusion",),
    "adaptive.onnx": ("fusion",),
    "model_card.json": (),
    "model_card.html": (),
}
"""Which loaders read each file of a bundle; the card is read by whoever wants it."""


def rewrite(bundle: Path, name: str, data: bytes) -> None:
    """Replaces one file and seals the bundle again."""
    (bundle / name).write_bytes(data)
    tree = json.loads((bundle / MANIFEST).read_text())
    tree["files"][name] = {"size_bytes": len(data), "sha256": checksum(data)}
    tree["bundle_version"] = version_of(Manifest.model_validate(tree).files)
    (bundle / MANIFEST).write_bytes(Manifest.model_validate(tree).text())


def rewrite_array(bundle: Path, file: str, name: str, edit: Callable[[Array], Array]) -> None:
    """Changes one array and seals the bundle again."""
    arrays = load_file(bundle / file)
    arrays[name] = edit(arrays[name].copy())
    rewrite(bundle, file, tensor_bytes(arrays))


def refused(bundle: Path) -> ArtifactError:
    """How a model refuses a bundle."""
    with pytest.raises(ArtifactError) as caught:
        HybridModel.load(bundle)
    return caught.value


def assert_all_refuse(bundle: Path, file: str) -> None:
    """Whoever reads a file must refuse it, by its name, and nobody else may mind."""
    assert refused(bundle).file == file
    for name, load in LOADERS.items():
        if name in READERS[file]:
            with pytest.raises(ArtifactError) as caught:
                load(open_bundle(bundle))
            assert caught.value.file == file
        else:
            load(open_bundle(bundle))
