import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from hybridrec.errors import ArtifactError
from hybridrec.persistence.bundle import Bundle, open_bundle
from hybridrec.persistence.manifest import (
    FORMAT_VERSION,
    MANIFEST,
    Manifest,
    Provenance,
    parse_manifest,
)
from hybridrec.persistence.writing import writing

PROVENANCE = Provenance(
    created="2026-01-01T00:00:00+00:00",
    data_fingerprint="ab",
    data_cut_off=None,
    config={"seed": 1, "nmf": {"n_factors": 2}},
    libraries={"numpy": "2"},
    counts={"n_users": 1},
    evaluation={"hybrid_ndcg_at_10": 0.25},
)


def sealed(path: Path, provenance: Provenance = PROVENANCE, **files: bytes) -> Manifest:
    with writing(path) as writer:
        for name, data in files.items():
            writer.write(name, data)
        return writer.seal(provenance)


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    sealed(tmp_path / "b", a=b"first", b=b"second")
    return open_bundle(tmp_path / "b")


def refusal(text: bytes) -> str:
    with pytest.raises(ArtifactError) as caught:
        parse_manifest(text)
    assert caught.value.file == MANIFEST
    return caught.value.reason


def test_the_version_is_made_of_the_content_alone(tmp_path: Path) -> None:
    later = PROVENANCE.model_copy(update={"created": "2027-01-01T00:00:00+00:00"})

    one = sealed(tmp_path / "one", a=b"x", b=b"y")
    same = sealed(tmp_path / "same", later, b=b"y", a=b"x")
    other_data = sealed(tmp_path / "other", a=b"x", b=b"z")
    other_name = sealed(tmp_path / "name", a=b"x", c=b"y")

    assert same.bundle_version == one.bundle_version
    assert len({one.bundle_version, other_data.bundle_version, other_name.bundle_version}) == 3


@pytest.mark.parametrize("number", [1, FORMAT_VERSION + 1])
def test_a_manifest_of_another_format_is_called_foreign_and_not_damaged(
    bundle: Bundle, number: int
) -> None:
    tree = json.loads((bundle.path / MANIFEST).read_bytes())
    foreign = tree | {"format_version": number, "signature": "of another release"}

    said = refusal(json.dumps(foreign).encode())

    assert f"has format {number}, this release reads {FORMAT_VERSION}" in said
    assert "train the bundle again" in said


@pytest.mark.parametrize("name", ["format_version", "size_bytes"])
def test_a_number_as_text_is_damage(bundle: Bundle, name: str) -> None:
    text = (bundle.path / MANIFEST).read_text()
    as_text = re.sub(rf'"{name}": (\d+)', rf'"{name}": "\1"', text)
    assert as_text != text

    assert f"{name} Input should be a valid integer" in refusal(as_text.encode())


@pytest.mark.parametrize(
    ("sealed", "changed"),
    [
        ("0.25", "0.95"),
        ('"n_users": 1', '"n_users": 9'),
        ('"ab"', '"ac"'),
        ('"seed": 1', '"seed": 2'),
    ],
)
def test_a_changed_claim_is_refused(bundle: Bundle, sealed: str, changed: str) -> None:
    text = (bundle.path / MANIFEST).read_text()
    assert sealed in text

    assert "provenance" in refusal(text.replace(sealed, changed).encode())


def test_what_is_sealed_is_read_back(bundle: Bundle) -> None:
    assert bundle.read("a") == b"first"
    assert "b" in bundle
    assert "c" not in bundle
    assert bundle.manifest.provenance == PROVENANCE
    bundle.verify()


def test_verifying_names_the_first_damaged_file(bundle: Bundle) -> None:
    (bundle.path / "b").write_bytes(b"secomd")

    with pytest.raises(ArtifactError, match="checksum") as caught:
        bundle.verify()

    assert caught.value.file == "b"


def test_a_file_of_another_length_says_both(bundle: Bundle) -> None:
    (bundle.path / "a").write_bytes(b"firs")

    with pytest.raises(ArtifactError, match="has 4 bytes, sealed were 5"):
        bundle.read("a")


def test_a_wrong_size_in_the_seal_is_no_fault_of_the_file(bundle: Bundle) -> None:
    entry = replace_size(bundle.manifest, "a", 6)

    with pytest.raises(ArtifactError, match="wrong size of a") as caught:
        replace(bundle, manifest=entry).read("a")

    assert caught.value.file == "manifest.json"


def replace_size(manifest: Manifest, name: str, size: int) -> Manifest:
    entry = manifest.files[name].model_copy(update={"size_bytes": size})
    return manifest.model_copy(update={"files": manifest.files | {name: entry}})


def test_a_file_that_the_seal_does_not_hold_is_not_read(bundle: Bundle) -> None:
    (bundle.path / "c").write_bytes(b"smuggled")

    with pytest.raises(ArtifactError, match="not in the bundle's manifest"):
        bundle.read("c")


def test_a_folder_in_the_place_of_a_file_is_refused(bundle: Bundle) -> None:
    (bundle.path / "a").unlink()
    (bundle.path / "a").mkdir()

    with pytest.raises(ArtifactError, match="no plain file") as caught:
        bundle.read("a")

    assert caught.value.file == "a"


@pytest.mark.parametrize("n_bytes", [0, 1, 40, -2], ids=["empty", "a-byte", "a-line", "almost-all"])
def test_a_truncated_manifest_is_refused(bundle: Bundle, n_bytes: int) -> None:
    text = (bundle.path / MANIFEST).read_bytes()

    assert "damaged" in refusal(text[:n_bytes])


@pytest.mark.parametrize("bit", range(8))
def test_no_flipped_bit_of_the_seal_passes_unseen(bundle: Bundle, bit: int) -> None:
    text = (bundle.path / MANIFEST).read_bytes()

    for place in range(len(text)):
        flipped = bytearray(text)
        flipped[place] ^= 1 << bit
        with pytest.raises(ArtifactError):
            Bundle(bundle.path, parse_manifest(bytes(flipped))).verify()


def test_numbers_are_sealed_as_python_writes_them_whatever_pydantic_does(tmp_path: Path) -> None:
    numbers = {"learning_rate": 1e-05, "n": 1e16, "share": 0.1}

    sealed(tmp_path / "b", PROVENANCE.model_copy(update={"config": numbers}), a=b"x")

    text = (tmp_path / "b" / MANIFEST).read_text()
    assert all(f'"{name}": {number!r}' in text for name, number in numbers.items())
    assert open_bundle(tmp_path / "b").manifest.provenance.config == numbers


def test_a_seal_that_says_the_same_in_other_words_is_refused(bundle: Bundle) -> None:
    text = (bundle.path / MANIFEST).read_bytes()

    for other in (text + b"\n", text.replace(b": ", b":"), text.replace(b"0.25", b"0.250")):
        assert "something in it was changed" in refusal(other)


def test_a_missing_key_is_named(bundle: Bundle) -> None:
    tree = json.loads((bundle.path / MANIFEST).read_text())
    del tree["provenance"]["counts"]

    assert "provenance.counts" in refusal(json.dumps(tree).encode())


def test_files_are_readable_to_all_once_they_are_in_place(bundle: Bundle) -> None:
    assert bundle.path.stat().st_mode & 0o777 == 0o755


def test_an_empty_folder_may_become_a_bundle(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()

    sealed(tmp_path / "b", a=b"x")

    assert open_bundle(tmp_path / "b").read("a") == b"x"


def test_missing_folders_on_the_way_are_made(tmp_path: Path) -> None:
    sealed(tmp_path / "some" / "where" / "b", a=b"x")

    assert open_bundle(tmp_path / "some" / "where" / "b").read("a") == b"x"


def test_a_bundle_that_nobody_sealed_takes_nothings_place(bundle: Bundle) -> None:
    before = bundle.manifest

    def forget_to_seal() -> None:
        with writing(bundle.path) as writer:
            writer.write("a", b"third")

    with pytest.raises(ArtifactError, match="there is no bundle"):
        forget_to_seal()

    assert open_bundle(bundle.path).manifest == before
    assert [path.name for path in bundle.path.parent.iterdir()] == ["b"]
