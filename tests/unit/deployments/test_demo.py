import json
import shutil
from pathlib import Path

import pytest
from rich.console import Console

from deployments.demo import is_valid, table_of
from hybridrec.hybrid import HybridModel
from hybridrec.persistence.bundle import open_bundle
from hybridrec.persistence.manifest import Manifest, version_of
from hybridrec.schema.answers import RecommendResponse
from hybridrec.schema.wire import RecommendRequest


@pytest.fixture
def answer(tiny_model: HybridModel) -> RecommendResponse:
    user_id = tiny_model.knowledge.users.ids[0]
    return tiny_model.get_recommendations(RecommendRequest(user_id=user_id, k=3))


def shown(answer: RecommendResponse) -> str:
    console = Console(width=400, no_color=True)
    with console.capture() as capture:
        console.print(table_of(answer))
    return capture.get()


def test_the_table_shows_what_the_answer_says(answer: RecommendResponse) -> None:
    text = shown(answer)

    assert f"For {answer.metadata.user_id}, by bundle {answer.bundle_version}" in text
    for item in answer.items:
        assert item.title is not None
        assert item.title in text
        assert item.score is not None
        assert f"{item.score:.3f}" in text
        assert item.sources["cf"].weight is not None
        assert f"{item.sources['cf'].weight:.0%}" in text
        assert item.explanation is not None
        assert item.explanation in text


def test_what_is_unknown_stays_empty_and_what_is_lost_is_named(answer: RecommendResponse) -> None:
    item = answer.items[0].model_copy(
        update={"title": None, "artist": None, "score": None, "sources": {}, "explanation": None}
    )
    lost = answer.model_copy(update={"items": [item], "degraded": ["nmf_scorer"]})

    text = shown(lost)

    assert "without nmf_scorer" in text
    assert "None" not in text
    assert "nan" not in text


def test_a_whole_bundle_is_served_again(tiny_bundle: Path) -> None:
    assert is_valid(tiny_bundle)


def test_a_missing_bundle_is_trained(tmp_path: Path) -> None:
    assert not is_valid(tmp_path / "bundle")


@pytest.mark.parametrize("name", ["manifest.json", "nmf.safetensors"])
def test_a_damaged_bundle_is_trained_anew(tiny_bundle: Path, tmp_path: Path, name: str) -> None:
    bundle = tmp_path / "bundle"
    shutil.copytree(tiny_bundle, bundle)
    damaged = bundle / name
    damaged.write_bytes(damaged.read_bytes()[:-1])

    assert not is_valid(bundle)


def test_a_bundle_of_another_format_is_trained_anew(tiny_bundle: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    shutil.copytree(tiny_bundle, bundle)
    manifest = json.loads((bundle / "manifest.json").read_text())
    (bundle / "manifest.json").write_text(json.dumps(manifest | {"format_version": 0}))

    assert not is_valid(bundle)


def test_a_sound_bundle_that_lacks_what_this_release_serves_is_trained_anew(
    tiny_bundle: Path, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle"
    shutil.copytree(tiny_bundle, bundle)
    tree = json.loads((bundle / "manifest.json").read_text())
    del tree["files"]["model_card.json"]
    files = Manifest.model_validate(tree).files
    manifest = Manifest.model_validate(tree | {"bundle_version": version_of(files)})
    (bundle / "manifest.json").write_bytes(manifest.text())
    (bundle / "model_card.json").unlink()
    open_bundle(bundle).verify()

    assert not is_valid(bundle)
