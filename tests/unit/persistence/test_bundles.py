"""A bundle is whole and as it was sealed, or it is refused by the file's name."""

import errno
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hybridrec.errors import ArtifactError, InvalidConfig
from hybridrec.hybrid import HybridModel
from hybridrec.persistence.bundle import open_bundle
from hybridrec.persistence.manifest import MANIFEST, Manifest, version_of
from hybridrec.persistence.writing import writing
from hybridrec.schema.wire import RecommendRequest
from tests.unit.persistence.damage import refused

FILES = [
    "adaptive.onnx",
    "audio_predictor.onnx",
    "audio_predictor.safetensors",
    "calibrators.json",
    "catalog.parquet",
    "histories.safetensors",
    "item_tower.onnx",
    "items.safetensors",
    "learned_weights.onnx",
    "meta_fusion.onnx",
    "model_card.html",
    "model_card.json",
    "nmf.safetensors",
    "two_tower.safetensors",
    "user_tower.onnx",
    "vocabularies.json",
]


def test_the_files_are_these(tiny_bundle: Path) -> None:
    assert sorted(path.name for path in tiny_bundle.iterdir()) == sorted([*FILES, MANIFEST])


@pytest.mark.parametrize("name", [*FILES, MANIFEST])
def test_a_missing_file_is_refused_by_its_name(bundle: Path, name: str) -> None:
    (bundle / name).unlink()

    assert refused(bundle).file == name


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["truncated", "flipped"])
def test_a_damaged_file_is_refused_by_its_name(bundle: Path, name: str, damage: str) -> None:
    data = bytearray((bundle / name).read_bytes())
    if damage == "truncated":
        del data[-1]
    else:
        data[len(data) // 2] ^= 1
    (bundle / name).write_bytes(data)

    assert refused(bundle).file == name


@pytest.mark.parametrize("name", [*FILES, MANIFEST])
@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
def test_what_is_no_plain_file_is_refused_by_its_name(bundle: Path, name: str, kind: str) -> None:
    (bundle / name).rename(bundle.parent / name)
    if kind == "link":
        (bundle / name).symlink_to(bundle.parent / name)
    elif kind == "folder":
        (bundle / name).mkdir()
    else:
        os.mkfifo(bundle / name)

    error = refused(bundle)
    assert error.file == name
    assert "no plain file" in error.reason


def test_a_file_that_nobody_sealed_is_refused_by_its_name(bundle: Path) -> None:
    (bundle / ".DS_Store").write_bytes(b"what a file browser leaves")
    HybridModel.load(bundle)

    (bundle / "stranger.onnx").write_bytes(b"")
    assert refused(bundle).file == "stranger.onnx"


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_the_manifest_leaves_out_is_missed(bundle: Path, name: str) -> None:
    (bundle / name).unlink()
    tree = json.loads((bundle / MANIFEST).read_text())
    del tree["files"][name]
    tree["bundle_version"] = version_of(Manifest.model_validate(tree).files)
    (bundle / MANIFEST).write_bytes(Manifest.model_validate(tree).text())

    if name == "model_card.html":  # a page to look at, which no stage reads
        HybridModel.load(bundle)
    else:
        assert refused(bundle).file == name


def test_a_manifest_that_says_a_thing_twice_is_refused(bundle: Path) -> None:
    text = (bundle / MANIFEST).read_text()
    (bundle / MANIFEST).write_text(text.replace("{", '{"format_version": 1, ', 1))

    error = refused(bundle)
    assert (error.file, "stands twice" in error.reason) == (MANIFEST, True)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("format_version", 1, "format 1"),
        ("format_version", 5, "format 5"),
        ("bundle_version", "123", "checksums"),
        ("surprise", 1, "surprise"),
    ],
)
def test_a_foreign_manifest_is_refused(bundle: Path, key: str, value: object, said: str) -> None:
    tree = json.loads((bundle / MANIFEST).read_text())
    (bundle / MANIFEST).write_text(json.dumps(tree | {key: value}))

    error = refused(bundle)
    assert error.file == MANIFEST
    assert said in error.reason


@pytest.mark.parametrize(
    "name", ["../other", "..", "/etc/passwd", "a/b", "a\\b", ".hidden", "", "C:x", "a\0b", MANIFEST]
)
def test_a_manifest_that_leaves_its_folder_is_refused(bundle: Path, name: str) -> None:
    tree = json.loads((bundle / MANIFEST).read_text())
    tree["files"][name] = tree["files"]["calibrators.json"]
    (bundle / MANIFEST).write_text(json.dumps(tree))

    assert "not a file of the bundle" in refused(bundle).reason


def test_what_was_saved_answers_the_same(tiny_model: HybridModel, tmp_path: Path) -> None:
    request = RecommendRequest(user_id=tiny_model.knowledge.users.ids[1])

    tiny_model.save(tmp_path / "copy")
    again = HybridModel.load(tmp_path / "copy")

    assert again.get_recommendations(request) == tiny_model.get_recommendations(request)


def test_save_and_load_and_save_give_the_same_bytes(
    tiny_model: HybridModel, tiny_bundle: Path, tmp_path: Path
) -> None:
    tiny_model.save(tmp_path / "copy")

    before = {path.name: path.read_bytes() for path in tiny_bundle.iterdir()}
    after = {path.name: path.read_bytes() for path in (tmp_path / "copy").iterdir()}
    assert after.keys() == before.keys()
    assert [name for name in before if after[name] != before[name]] == []


def test_a_write_that_fails_leaves_nothing_new_and_the_old_in_place(
    bundle: Path, tmp_path: Path
) -> None:
    before = open_bundle(bundle).version

    def write_half() -> None:
        with writing(bundle) as writer:
            writer.write("nmf.safetensors", b"half")
            raise RuntimeError("midway")

    with pytest.raises(RuntimeError, match="midway"):
        write_half()

    assert open_bundle(bundle).version == before
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_a_bundle_is_replaced_whole(bundle: Path, tiny_model: HybridModel, tmp_path: Path) -> None:
    (bundle / "nmf.safetensors").write_bytes(b"damaged")

    tiny_model.save(bundle)

    HybridModel.load(bundle)
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_is_no_bundle_is_not_replaced(
    tiny_model: HybridModel, tmp_path: Path, kind: str
) -> None:
    target = tmp_path / "precious"
    if kind == "folder":
        target.mkdir()
        (target / "thesis.txt").write_text("years of work")
    else:
        target.write_text("years of work")

    with pytest.raises(InvalidConfig, match="choose another"):
        tiny_model.save(target)

    assert target.is_file() or (target / "thesis.txt").is_file()


@pytest.mark.parametrize("manifest", [None, "{}"], ids=["in a bundle", "beside another manifest"])
def test_a_file_of_somebody_else_is_never_deleted(
    bundle: Path, tiny_model: HybridModel, manifest: str | None
) -> None:
    (bundle / "precious.txt").write_text("mine")
    if manifest is not None:
        (bundle / MANIFEST).write_text(manifest)

    with pytest.raises(InvalidConfig, match="other files"):
        tiny_model.save(bundle)

    assert (bundle / "precious.txt").read_text() == "mine"


def test_a_model_that_could_not_be_loaded_takes_nothings_place(
    bundle: Path, tiny_model: HybridModel
) -> None:
    before = open_bundle(bundle).version
    factors = tiny_model.cf.factors
    infinite = replace(factors, items=np.full_like(factors.items, np.inf))
    diverged = replace(tiny_model.cf, factors=infinite)

    with pytest.raises(ArtifactError) as refused:
        replace(tiny_model, cf=diverged).save(bundle)

    assert (refused.value.file, "infinity" in refused.value.detail) == ("nmf.safetensors", True)
    assert open_bundle(bundle).version == before
    assert [path.name for path in bundle.parent.iterdir()] == [bundle.name]


def test_a_disk_that_takes_no_more_is_told_in_one_line(tmp_path: Path) -> None:
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(InvalidConfig) as told, writing(tmp_path / "new" / "above" / "bundle"):
        raise full

    assert "bundle cannot be written: No space left" in told.value.detail
    assert list(tmp_path.iterdir()) == []


def test_the_folder_one_stands_in_can_become_a_bundle(
    tiny_model: HybridModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty)

    manifest = tiny_model.save(".")

    assert open_bundle(empty).version == manifest.bundle_version
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]
