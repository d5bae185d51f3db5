"""Every bundle of a format that this release reads answers as on the day when it was made."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from pydantic import JsonValue

from hybridrec.explanations import kinds
from hybridrec.hybrid import HybridModel
from hybridrec.models.factors import Factors
from hybridrec.models.onnx import OnnxNetwork
from hybridrec.persistence.bundle import open_bundle
from hybridrec.persistence.card import PAGE
from hybridrec.persistence.knowledge import CATALOG
from hybridrec.persistence.manifest import FORMAT_VERSION, FileEntry
from hybridrec.schema.names import FUSIONS, Floats
from tests.golden.answers import Answers, differences
from tests.golden.bundles import ANSWERS, BUNDLE, FOLDER, folder_of
from tests.golden.questions import questions

FOLDERS = sorted(FOLDER.glob("v*"))
ROUNDING = 1e-6
"""How far the outputs of a network lie apart on two processors; that of 200 terms in float32."""
BY_RELEASE = {CATALOG, PAGE}
"""Files that another release, or another version of a library, writes in other bytes."""


@pytest.fixture(scope="module", params=FOLDERS, ids=lambda folder: folder.name)
def folder(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


@pytest.fixture(scope="module")
def model(folder: Path) -> HybridModel:
    return HybridModel.load(folder / BUNDLE)


@pytest.fixture(scope="module")
def golden(folder: Path) -> Answers:
    return Answers.model_validate_json((folder / ANSWERS).read_bytes())


def unlike(golden: Answers, model: HybridModel) -> list[str]:
    """Where a model's answers are not those that are kept."""
    return [
        difference
        for kept in golden.answers
        for difference in differences(
            kept.question.answered(model).answer, kept.answer, f"“{kept.name}”"
        )
    ]


def test_the_format_that_this_release_writes_has_a_golden_bundle() -> None:
    assert folder_of(FORMAT_VERSION) in FOLDERS, "make it: python -m tests.golden.bundles"


def test_the_folder_is_named_after_the_format(folder: Path) -> None:
    assert folder == folder_of(open_bundle(folder / BUNDLE).manifest.format_version)


def test_every_file_is_as_it_was_sealed(folder: Path) -> None:
    open_bundle(folder / BUNDLE).verify()


def test_bundle_and_answers_are_small_enough_to_be_kept(folder: Path) -> None:
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 5 * 2**18


def test_the_answers_are_those_that_were_kept(golden: Answers, model: HybridModel) -> None:
    assert unlike(golden, model) == []


@pytest.mark.parametrize("seed", range(3))
def test_no_answer_hangs_on_the_last_bits(
    golden: Answers, model: HybridModel, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(seed)
    run = OnnxNetwork.run

    def run_elsewhere(
        network: OnnxNetwork, feed: Mapping[str, npt.NDArray[np.generic]]
    ) -> list[Floats]:
        return [shaken(array, 1.0, rng) for array in run(network, feed)]

    monkeypatch.setattr(OnnxNetwork, "run", run_elsewhere)
    factors = shaken(model.cf.factors.items, 0.0, rng)  # a factor of 0 is exact

    assert unlike(golden, with_factors(model, replace(model.cf.factors, items=factors))) == []


def shaken(array: Floats, at_least: float, rng: np.random.Generator) -> Floats:
    """Numbers that are off by up to ``ROUNDING`` of their size, or of another if that is more."""
    size = np.maximum(np.abs(array), at_least)
    return (array + ROUNDING * size * rng.uniform(-1, 1, array.shape)).astype(np.float32)


def with_factors(model: HybridModel, factors: Factors) -> HybridModel:
    """The model with other factors of its tracks."""
    return replace(model, cf=replace(model.cf, factors=factors))


def test_factors_that_are_a_little_off_are_told(golden: Answers, model: HybridModel) -> None:
    factors = model.cf.factors
    for off in (
        replace(factors, items=off_by(factors.items, 0.01)),
        replace(factors, pulls=off_by(factors.pulls, 0.01)),
    ):
        assert unlike(golden, with_factors(model, off)) != []


def off_by(array: Floats, share: float) -> Floats:
    """Every second row, or number, is larger by a share."""
    changed = array.copy()
    changed[::2] *= 1 + share
    return changed


def test_weights_of_co_listening_that_are_a_little_off_are_told(
    golden: Answers, model: HybridModel
) -> None:
    weights = model.cf.co_listening
    changed = replace(weights, values=off_by(weights.values, 0.001))

    assert unlike(golden, replace(model, cf=replace(model.cf, co_listening=changed))) != []


def test_a_model_that_is_saved_again_has_the_same_bytes(
    folder: Path, model: HybridModel, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"

    model.save(first)
    HybridModel.load(first).save(second)

    wanted, again = (open_bundle(path).manifest for path in (folder / BUNDLE, first))
    assert again.provenance == wanted.provenance
    assert without_bytes_of_release(again.files) == without_bytes_of_release(wanted.files)
    assert HybridModel.load(first).knowledge.catalog.table.equals(model.knowledge.catalog.table)
    assert open_bundle(second).manifest == again


def test_the_questions_are_those_that_would_be_asked_today(
    golden: Answers, model: HybridModel, folder: Path
) -> None:
    """Of the format that this release writes; older answers keep their own questions."""
    asked = [kept.question for kept in golden.answers]

    if folder == folder_of(FORMAT_VERSION):
        assert asked == questions(model.knowledge)
    assert len({question.name for question in asked}) == len(asked)


def test_every_kind_of_answer_is_among_them(golden: Answers) -> None:
    answers = [kept.answer for kept in golden.answers]

    assert set(values_of(answers, "generation_method")) == {
        "popularity",
        *(f"hybrid_{fusion}" for fusion in FUSIONS),
    }
    assert set(values_of(answers, "method")) == {"hybrid", "content", "popularity", "unknown"}
    assert set(values_of(answers, "status")) == {"ok", "absent", "not_needed"}
    assert set(values_of(answers, "predicted")) == {True, False}
    assert set(values_of(answers, "explanation")) > {None}


def test_most_kinds_of_reasons_are_among_them(golden: Answers) -> None:
    """All of them are among the golden explanations."""
    told = set(values_of([kept.answer for kept in golden.answers], "kind"))

    assert told >= {
        kinds.PLAYED,
        kinds.SIMILAR_LISTENERS,
        kinds.HISTORY_GENRE,
        kinds.ARTIST,
        kinds.ARTIST_BEFORE,
        kinds.LISTENING_HOUR,
        kinds.GENRE,
        kinds.MOOD,
        kinds.CONTENT,
        kinds.POPULAR,
    }


def without_bytes_of_release(files: Mapping[str, FileEntry]) -> dict[str, str]:
    """Checksums of the files whose bytes the format alone decides; of the others the names."""
    return {name: "" if name in BY_RELEASE else one.sha256 for name, one in files.items()}


def values_of(found: JsonValue | list[dict[str, JsonValue]], key: str) -> Iterator[JsonValue]:
    """All plain values that stand under a key, however deep."""
    if isinstance(found, dict):
        for name, value in found.items():
            if name == key:
                yield value
            else:
                yield from values_of(value, key)
    elif isinstance(found, list):
        for value in found:
            yield from values_of(value, key)
