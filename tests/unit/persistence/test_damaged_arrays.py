"""Every array of a bundle is what ``layout`` says, or its file is refused by name."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from hybridrec.errors import ArtifactError
from hybridrec.persistence.arrays import read_tensors, tensor_bytes
from hybridrec.persistence.bundle import open_bundle
from hybridrec.persistence.layout import ARRAYS, TERM_ROWS
from tests.unit.persistence.damage import (
    Array,
    assert_all_refuse,
    refused,
    rewrite,
    rewrite_array,
)

EACH = [(file, name) for file, arrays in ARRAYS.items() for name in arrays]
IDS = [f"{file.split('.')[0]}:{name}" for file, name in EACH]

FREE = {"n_reference_users", "n_reference_tracks", "n_familiar"}
"""Sizes of a single array, of which any will do."""


def filled(value: float) -> Callable[[Array], Array]:
    """Puts a value at the end of an array."""

    def fill(array: Array) -> Array:
        array.reshape(-1)[-1] = value
        return array

    return fill


def damages(file: str, name: str) -> dict[str, Callable[[Array], Array]]:
    """All that can be wrong with an array, by its statement."""
    one = ARRAYS[file][name]
    found: dict[str, Callable[[Array], Array]] = {
        "another type": lambda array: np.zeros(array.shape, np.int64),
        "a dimension more": lambda array: array[..., None],
    }
    if one.shape[0] not in FREE:
        found["an element less"] = lambda array: array[:-1]
    if one.dtype.startswith("<f"):
        found["infinity"] = filled(np.inf)
        found["minus infinity"] = filled(-np.inf)
        if not one.may_be_unknown:
            found["NaN"] = filled(np.nan)
    if np.isfinite(one.low):
        found["too low"] = filled(one.low if one.is_positive else one.low - 1 - abs(one.low))
    if np.isfinite(one.high):
        found["too high"] = filled(2 * one.high + 1)
    if one.below is not None:
        beyond = (
            one.below if isinstance(one.below, int) else 300 if one.below == "n_items" else 8192
        )
        found["a row beyond the table"] = filled(beyond)
    if one.cuts is not None:
        found["ends elsewhere"] = filled(1)
        found["falls"] = lambda array: array[::-1].copy()
    return found


def test_every_array_of_a_bundle_is_stated_and_no_other(tiny_bundle: Path) -> None:
    files = sorted(path.name for path in tiny_bundle.glob("*.safetensors"))

    assert files == sorted(ARRAYS)
    for file in files:
        assert set(load_file(tiny_bundle / file)) == set(ARRAYS[file])
        assert read_tensors(open_bundle(tiny_bundle), file).keys() == ARRAYS[file].keys()


@pytest.mark.parametrize(("file", "name"), EACH, ids=IDS)
def test_an_array_that_is_wrong_in_any_way_is_named_with_its_file(
    bundle: Path, file: str, name: str
) -> None:
    sound = (bundle / file).read_bytes()
    for damage, edit in damages(file, name).items():
        rewrite(bundle, file, sound)
        rewrite_array(bundle, file, name, edit)

        with pytest.raises(ArtifactError) as caught:
            read_tensors(open_bundle(bundle), file)

        assert caught.value.file == file, damage
        assert name in caught.value.reason or damage == "an element less", damage


@pytest.mark.parametrize(("file", "name"), EACH, ids=IDS)
def test_an_array_that_is_missing_is_named_with_its_file(
    bundle: Path, file: str, name: str
) -> None:
    arrays = load_file(bundle / file)
    del arrays[name]
    rewrite(bundle, file, tensor_bytes(arrays))

    with pytest.raises(ArtifactError, match=f"lacks the array '{name}'") as caught:
        read_tensors(open_bundle(bundle), file)

    assert caught.value.file == file


@pytest.mark.parametrize("file", ARRAYS)
def test_an_array_that_nobody_knows_is_refused_by_all_who_read_its_file(
    bundle: Path, file: str
) -> None:
    arrays = load_file(bundle / file) | {"stranger": np.zeros(1)}
    rewrite(bundle, file, tensor_bytes(arrays))

    assert_all_refuse(bundle, file)


@pytest.mark.parametrize("file", ARRAYS)
def test_a_file_of_another_number_of_tracks_or_users_is_refused(bundle: Path, file: str) -> None:
    if file == "audio_predictor.safetensors":  # it is about neither
        return
    arrays = load_file(bundle / file)
    for name, one in ARRAYS[file].items():
        if one.shape[0] in {"n_items", "n_users"}:
            arrays[name] = arrays[name][:-1]
    rewrite(bundle, file, tensor_bytes(arrays))

    assert_all_refuse(bundle, file)


@pytest.mark.parametrize("name", TERM_ROWS)
def test_a_term_beyond_its_vocabulary_is_refused(bundle: Path, name: str) -> None:
    rewrite_array(bundle, "items.safetensors", name, filled(1_000))

    error = refused(bundle)
    assert error.file == "items.safetensors"
    assert name in error.reason


def test_tracks_with_none_to_be_near_to_are_refused(bundle: Path) -> None:
    file, name = "two_tower.safetensors", "familiar.reference"
    rewrite_array(bundle, file, name, lambda array: array[:0])

    assert refused(bundle).reason == f"its array {name!r} has no row"
    assert_all_refuse(bundle, file)


def test_an_array_may_be_unknown_only_where_that_is_stated(bundle: Path) -> None:
    for file, name in EACH:
        if ARRAYS[file][name].may_be_unknown:
            rewrite_array(bundle, file, name, lambda array: np.full_like(array, np.nan))
            read_tensors(open_bundle(bundle), file)


def test_a_type_that_numpy_does_not_have_is_refused(bundle: Path) -> None:
    header = {"marginal_width": {"dtype": "BF16", "shape": [8], "data_offsets": [0, 16]}}
    text = json.dumps(header).encode()
    file = "audio_predictor.safetensors"
    rewrite(bundle, file, len(text).to_bytes(8, "little") + text + bytes(16))

    assert_all_refuse(bundle, file)
