"""Files that fit the seal and are wrong all the same: their makers were wrong, or lied."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from safetensors.numpy import load_file, save_file

from hybridrec.errors import ArtifactError
from hybridrec.hybrid import HybridModel
from hybridrec.persistence.bundle import open_bundle
from hybridrec.persistence.models import load_two_tower
from tests.unit.persistence.damage import (
    READERS,
    Array,
    assert_all_refuse,
    refused,
    rewrite,
    rewrite_array,
)


def edited(bundle: Path, edit: Callable[[Any], object]) -> bytes:
    """The calibrators after a change to their tree."""
    tree = json.loads((bundle / "calibrators.json").read_text())
    edit(tree)
    return json.dumps(tree).encode()


def interval_of(tree: Any) -> Any:
    return tree["fusions"]["adaptive"]["interval"]


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
        pytest.param(lambda tree: tree.update(prior=1e-320), id="a-prior-next-to-nothing"),
        pytest.param(lambda tree: tree["cf"]["y"].__setitem__(-1, 1e308), id="absurd-logits"),
        pytest.param(
            lambda tree: tree["sessions"]["center"].__setitem__(0, 1e39), id="an-absurd-centre"
        ),
        pytest.param(
            lambda tree: tree["sessions"]["scale"].__setitem__(0, 1e-40), id="a-scale-of-nothing"
        ),
        pytest.param(lambda tree: tree.update(cf_weight=0), id="a-share-of-nothing"),
        pytest.param(lambda tree: tree["fusions"].pop("weighted_sum"), id="a-missing-fusion"),
        pytest.param(lambda tree: tree["content"]["y"].reverse(), id="falling-logits"),
        pytest.param(lambda tree: tree["cf_confidence"]["x"].reverse(), id="falling-raw"),
        pytest.param(
            lambda tree: tree["content_confidence"]["y"][-1].reverse(), id="falling-trust"
        ),
        pytest.param(lambda tree: tree["cf_confidence"]["y"].pop(), id="a-group-without-a-map"),
        pytest.param(
            lambda tree: tree["fusions"]["meta_learning"]["confidence"]["y"][0].append(1.0),
            id="a-knot-more",
        ),
        pytest.param(
            lambda tree: tree["fusions"]["meta_learning"]["confidence"]["y"][0].__setitem__(
                -1, 1.1
            ),
            id="more-than-sure",
        ),
        pytest.param(
            lambda tree: tree["fusions"]["adaptive"]["by_listener"].pop(), id="a-kind-less"
        ),
        pytest.param(lambda tree: interval_of(tree)["edges"].reverse(), id="falling-intervals"),
        pytest.param(lambda tree: interval_of(tree)["edges"].pop(), id="a-bin-less"),
        pytest.param(lambda tree: interval_of(tree)["high"][7].append(1), id="a-bin-more"),
        pytest.param(lambda tree: interval_of(tree)["low"][7].__setitem__(0, 1), id="above-it"),
        pytest.param(lambda tree: interval_of(tree)["high"][7].__setitem__(0, -1), id="below-it"),
        pytest.param(lambda tree: interval_of(tree).update(widest=-1), id="a-width-below-nothing"),
        pytest.param(lambda tree: tree["sessions"]["scale"].__setitem__(0, 0), id="no-spread"),
    ],
)
def test_a_calibrator_that_cannot_be_applied_is_refused(
    bundle: Path, edit: Callable[[Any], object]
) -> None:
    rewrite(bundle, "calibrators.json", edited(bundle, edit))

    assert_all_refuse(bundle, "calibrators.json")


@pytest.mark.parametrize("name", [name for name in READERS if name != "model_card.html"])
@pytest.mark.parametrize("data", [b"", b"{}", b"something else", b"\x08" * 99, b"[" * 9_999])
def test_a_file_that_is_something_else_is_named(bundle: Path, name: str, data: bytes) -> None:
    rewrite(bundle, name, data)

    assert_all_refuse(bundle, name)


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

    assert_all_refuse(bundle, "vocabularies.json")


def test_a_user_less_than_the_manifest_counts_is_refused(bundle: Path) -> None:
    tree = json.loads((bundle / "vocabularies.json").read_text())
    del tree["users"][0]
    rewrite(bundle, "vocabularies.json", json.dumps(tree).encode())

    assert "199 users" in refused(bundle).reason
    assert_all_refuse(bundle, "vocabularies.json")


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("vocabularies.json", '"users":'),
        ("calibrators.json", '"prior":'),
        ("model_card.json", '"quality":'),
    ],
)
def test_a_key_that_stands_twice_is_refused(bundle: Path, name: str, part: str) -> None:
    text = (bundle / name).read_text()
    start = text.index(part)
    value, _ = json.JSONDecoder().raw_decode(text[start + len(part) :].lstrip())
    twice = f"{part} {json.dumps(value)}, "
    rewrite(bundle, name, (text[:start] + twice + text[start:]).encode())

    assert "stands twice" in refused(bundle).reason
    assert_all_refuse(bundle, name)


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda table: table.head(299), "299 tracks"),
        (lambda table: pl.concat([table.head(299), table.head(1)]), "twice"),
        (lambda table: table.with_columns(track_id=pl.lit(None, pl.String())), "gaps"),
        (lambda table: table.with_columns(genres=pl.lit(None, pl.List(pl.String()))), "gaps"),
    ],
    ids=["a-track-less", "a-track-twice", "no-ids", "no-lists"],
)
def test_a_catalogue_that_does_not_fit_is_refused(
    bundle: Path, edit: Callable[[pl.DataFrame], pl.DataFrame], said: str
) -> None:
    table = io.BytesIO()
    edit(pl.read_parquet(bundle / "catalog.parquet")).write_parquet(table)
    rewrite(bundle, "catalog.parquet", table.getvalue())

    assert said in refused(bundle).reason
    assert_all_refuse(bundle, "catalog.parquet")


def test_a_changed_bundle_has_a_version_of_its_own(bundle: Path, tiny_model: HybridModel) -> None:
    tensors = load_file(bundle / "nmf.safetensors")
    tensors["item_factors"] = tensors["item_factors"] * 2
    save_file(tensors, bundle / "nmf.safetensors")
    rewrite(bundle, "nmf.safetensors", (bundle / "nmf.safetensors").read_bytes())

    assert HybridModel.load(bundle).knowledge.version != tiny_model.knowledge.version


def test_weights_between_tracks_that_are_in_no_order_are_refused(bundle: Path) -> None:
    file, name = "nmf.safetensors", "co_listening.rows"
    offsets = load_file(bundle / file)["co_listening.offsets"]
    first = int(offsets[np.flatnonzero(np.diff(offsets) > 1)[0]])
    sound = (bundle / file).read_bytes()

    def swapped(rows: Array) -> Array:
        rows[[first, first + 1]] = rows[[first + 1, first]]
        return rows

    def twice(rows: Array) -> Array:
        rows[first + 1] = rows[first]
        return rows

    for edit in (swapped, twice):
        rewrite(bundle, file, sound)
        rewrite_array(bundle, file, name, edit)

        assert f"its array {name!r} does not rise within each part" in refused(bundle).reason
        assert_all_refuse(bundle, file)


def test_embeddings_of_another_length_than_the_fusions_take_are_refused(bundle: Path) -> None:
    rewrite(bundle, "calibrators.json", edited(bundle, lambda tree: tree.update(embedding_size=3)))

    with pytest.raises(ArtifactError) as caught:
        load_two_tower(open_bundle(bundle))

    assert caught.value.file == "two_tower.safetensors"
    assert "has embeddings of length 48, the fusions take 3" in caught.value.reason


def test_a_model_card_of_other_figures_is_refused_by_its_name(bundle: Path) -> None:
    rewrite(bundle, "model_card.json", b'{"quality": []}')

    assert refused(bundle).file == "model_card.json"
