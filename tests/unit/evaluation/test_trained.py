"""What is told of predicted audio."""

import numpy as np
import pytest

from hybridrec.evaluation.trained import MAX_POINTS, audio_checks
from hybridrec.schema.names import AUDIO_FEATURES, Floats


def column(values: list[float]) -> Floats:
    """One feature's values as the first of eight, the others unknown."""
    table = np.full((len(values), len(AUDIO_FEATURES)), np.nan, np.float32)
    table[:, 0] = values
    return table


def test_r2_and_coverage_are_those_by_hand(rng: np.random.Generator) -> None:
    measured = column([0.0, 1.0, np.nan, 0.5])
    predicted = column([0.25, 0.75, 0.9, 0.5])
    low, high = predicted - np.float32(0.1), predicted + np.float32(0.25)

    (check,) = audio_checks(measured, predicted, (low, high), rng)

    assert check.feature == AUDIO_FEATURES[0]
    assert check.n == 3
    assert check.r2 == pytest.approx(1 - (2 * 0.25**2) / 0.5)
    assert check.coverage == pytest.approx(2 / 3)
    assert sorted(zip(check.measured, check.predicted, strict=True)) == [
        (0.0, 0.25),
        (0.5, 0.5),
        (1.0, 0.75),
    ]


def test_of_what_never_differs_nothing_can_be_explained(rng: np.random.Generator) -> None:
    same = column([0.5, 0.5])

    (check,) = audio_checks(same, same, (same, same), rng)

    assert check.r2 is None
    assert check.coverage == 1


def test_only_some_tracks_are_kept_and_with_few_digits(rng: np.random.Generator) -> None:
    measured = column(rng.random(MAX_POINTS + 50).tolist())

    (check,) = audio_checks(measured, measured, (measured, measured), rng)

    assert check.n == MAX_POINTS + 50
    assert len(check.measured) == len(check.predicted) == MAX_POINTS
    assert check.measured == check.predicted
    assert all(len(str(value)) <= len("0.00123") for value in check.measured if value > 0.001)


def test_a_feature_that_was_never_measured_is_not_judged(rng: np.random.Generator) -> None:
    nothing = column([np.nan])

    assert audio_checks(nothing, nothing, (nothing, nothing), rng) == ()
