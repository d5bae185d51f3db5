"""Numbers that are finite but that no training makes are refused, and all others are answered."""

import warnings
from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest

from hybridrec.hybrid import HybridModel
from hybridrec.persistence.bundle import open_bundle
from hybridrec.persistence.collaborative import load_nmf
from hybridrec.persistence.layout import ARRAYS, MIN_REGULARIZATION
from hybridrec.persistence.manifest import FORMAT_VERSION
from tests.golden.questions import questions
from tests.unit.persistence.damage import Array, refused, rewrite_array

GOLDEN = Path(__file__).parents[2] / "golden" / f"v{FORMAT_VERSION}" / "bundle"
NMF = "nmf.safetensors"
EACH = [
    (file, name)
    for file, arrays in ARRAYS.items()
    for name, one in arrays.items()
    if one.dtype.startswith("<f")
]


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """The golden bundle, free to be damaged."""
    return Path(copytree(GOLDEN, tmp_path / "bundle"))


def full_of(value: float) -> Callable[[Array], Array]:
    return lambda array: np.full_like(array, value)


def answer_some(bundle: Path) -> None:
    """Asks of every kind of listener and track; whatever overflows is an error."""
    with warnings.catch_warnings(action="error"):
        model = HybridModel.load(bundle)
        for question in list(questions(model.knowledge))[::5]:
            question.answered(model)


@pytest.mark.parametrize(("file", "name"), EACH, ids=[name for _, name in EACH])
def test_every_array_has_bounds_that_can_be_answered_with(
    bundle: Path, file: str, name: str
) -> None:
    one = ARRAYS[file][name]
    lowest = 1e-38 if one.is_positive else one.low
    ends = np.nextafter([lowest, one.high], [one.high, lowest], dtype=one.dtype)
    for value in ends.tolist():  # inside, however the type rounds
        assert np.isfinite(value)
        rewrite_array(bundle, file, name, full_of(value))

        answer_some(bundle)


@pytest.mark.parametrize(
    "name", ["item_factors", "item_pulls", "co_listening.values", "weight_gain", "factor_share"]
)
def test_numbers_that_are_absurd_are_refused_with_a_cure(bundle: Path, name: str) -> None:
    rewrite_array(bundle, NMF, name, full_of(3e38))

    error = refused(bundle)

    assert error.file == NMF
    assert name in error.reason
    assert error.reason.endswith(
        "; take the bundle again from where it was sound, or train it again"
    )


def test_factors_too_large_for_their_regularization_are_refused(bundle: Path) -> None:
    rewrite_array(bundle, NMF, "regularization", full_of(MIN_REGULARIZATION))
    rewrite_array(bundle, NMF, "item_factors", full_of(1e3))

    error = refused(bundle)

    assert error.file == NMF
    assert "'item_factors' is too large for its 'regularization'" in error.reason


def test_factors_just_small_enough_for_their_regularization_are_answered_with(
    bundle: Path,
) -> None:
    scorer = load_nmf(open_bundle(bundle))
    n_items, n_factors = scorer.factors.items.shape
    rewrite_array(bundle, NMF, "regularization", full_of(MIN_REGULARIZATION))
    # the same for all, so that their equations stand on the regularization alone
    most = np.sqrt(1e14 * MIN_REGULARIZATION / (n_factors * n_items))
    rewrite_array(bundle, NMF, "item_factors", full_of(0.999 * most))
    answer_some(bundle)

    rewrite_array(bundle, NMF, "item_factors", full_of(1.001 * most))
    assert refused(bundle).file == NMF
