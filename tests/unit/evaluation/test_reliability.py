import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hybridrec.evaluation.reliability import (
    ReliabilityBins,
    brier_score,
    brier_skill,
    expected_calibration_error,
    ordered_pairs,
    ordering_probability,
    reliability_bins,
)
from hybridrec.schema.names import Floats, Mask, Rows

Case = tuple[float, bool, int]

# few distinct values, so that ties are common
cases = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.25, 0.5, 1.0]) | st.floats(0, 1, width=32),
        st.booleans(),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=40,
)


def arrays(rows: list[Case]) -> tuple[Floats, Mask, Rows]:
    scores, labels, groups = zip(*rows, strict=True)
    return np.array(scores, np.float32), np.array(labels), np.array(groups, np.int32)


def labelled(scores: list[float], labels: list[int]) -> tuple[Floats, Mask]:
    return np.array(scores, np.float32), np.array(labels, bool)


def test_hand_computed_bins_and_calibration_error() -> None:
    scores, labels = labelled([0.875, 0.125, 0.625, 0.375], [1, 0, 0, 1])

    bins = reliability_bins(scores, labels, n_bins=2)

    assert bins.mean_scores.tolist() == [0.25, 0.75]
    assert bins.frequencies.tolist() == [0.5, 0.5]
    assert bins.counts.tolist() == [2, 2]
    assert expected_calibration_error(scores, labels, n_bins=2) == 0.25


def test_bins_have_equal_mass() -> None:
    scores = np.random.default_rng(1).beta(0.3, 4, 1_000).astype(np.float32)

    bins = reliability_bins(scores, scores > 0.1, n_bins=8)

    assert bins.counts.tolist() == [125] * 8
    assert (np.diff(bins.mean_scores) > 0).all()


def test_equal_scores_share_a_bin_and_empty_bins_are_left_out() -> None:
    scores, labels = labelled([0.5] * 98 + [0.0, 1.0], [1, 0] * 49 + [0, 1])

    bins = reliability_bins(scores, labels, n_bins=10)

    assert bins.counts.tolist() == [1, 98, 1]
    assert bins.calibration_error() == 0.0


def test_scores_drawn_from_their_own_probability_are_calibrated() -> None:
    rng = np.random.default_rng(2)
    scores = rng.random(200_000, np.float32)
    labels = rng.random(200_000) < scores

    assert expected_calibration_error(scores, labels) < 0.01  # noise of a bin is about 0.004
    assert expected_calibration_error(scores**2, labels) > 0.1


@settings(deadline=None)
@given(cases, st.integers(1, 20), st.data())
def test_bins_are_within_range_and_blind_to_the_order_of_rows(
    rows: list[Case], n_bins: int, data: st.DataObject
) -> None:
    scores, labels, _ = arrays(rows)
    shuffled_scores, shuffled_labels, _ = arrays(data.draw(st.permutations(rows)))

    bins = reliability_bins(scores, labels, n_bins)
    shuffled = reliability_bins(shuffled_scores, shuffled_labels, n_bins)

    assert 0 <= bins.calibration_error() <= 1
    assert len(bins.counts) <= n_bins
    assert bins.counts.sum() == len(rows)
    assert bins.counts.tolist() == shuffled.counts.tolist()
    np.testing.assert_allclose(bins.frequencies, shuffled.frequencies)
    np.testing.assert_allclose(bins.mean_scores, shuffled.mean_scores, atol=1e-12)


def test_hand_computed_brier_score_and_skill() -> None:
    scores, labels = labelled([1.0, 0.5, 0.0, 0.5], [1, 1, 0, 0])

    assert brier_score(scores, labels) == 0.125
    assert brier_skill(scores, labels) == 0.5  # the base rate's own score is 0.25


@pytest.mark.parametrize(
    ("scores", "skill"),
    [
        pytest.param([1.0, 0.0, 0.0, 0.0], 1.0, id="perfect"),
        pytest.param([0.25, 0.25, 0.25, 0.25], 0.0, id="the base rate itself"),
        pytest.param([0.0, 1.0, 1.0, 1.0], 1 - 1 / 0.1875, id="always wrong"),
    ],
)
def test_skill_is_relative_to_the_base_rate(scores: list[float], skill: float) -> None:
    assert brier_skill(*labelled(scores, [1, 0, 0, 0])) == pytest.approx(skill, abs=1e-12)


def test_skill_over_a_certain_base_rate_is_unknown() -> None:
    assert math.isnan(brier_skill(*labelled([0.5, 0.9], [1, 1])))


@pytest.mark.parametrize("bad", [[math.nan], [-0.1], [1.1], []], ids=str)
def test_what_is_no_probability_is_refused(bad: list[float]) -> None:
    scores, labels = labelled(bad, [1] * len(bad))

    with pytest.raises(ValueError, match="score"):
        expected_calibration_error(scores, labels)
    with pytest.raises(ValueError, match="score"):
        brier_score(scores, labels)


def test_hand_computed_ordering_within_groups() -> None:
    # group 0: positives 3 and 1 against negative 2: one of two right
    # group 1: positive 5 against negatives 5 and 4: one tie, one right; across groups nothing
    scores, labels = labelled([3, 2, 1, 5, 5, 4], [1, 0, 1, 1, 0, 0])
    groups = np.array([0, 0, 0, 1, 1, 1], np.int32)

    n_right, n_pairs = ordered_pairs(scores, labels, groups)

    assert n_right.tolist() == [1.0, 1.5]
    assert n_pairs.tolist() == [2, 2]
    assert ordering_probability(scores, labels, groups) == 0.625


def test_groups_of_one_kind_say_nothing() -> None:
    scores, labels = labelled([0.1, 0.2, 0.3], [1, 1, 0])

    assert math.isnan(ordering_probability(scores, labels, np.array([0, 0, 2], np.int32)))
    assert math.isnan(ordering_probability(scores[:0], labels[:0], np.zeros(0, np.int32)))


def test_an_unknown_score_is_refused() -> None:
    scores, labels = labelled([math.nan, 0.2], [1, 0])

    with pytest.raises(ValueError, match="NaN"):
        ordering_probability(scores, labels, np.zeros(2, np.int32))


def counted_one_by_one(scores: Floats, labels: Mask, groups: Rows) -> float:
    pairs = [
        0.5 + 0.5 * float(np.sign(scores[high] - scores[low]))
        for high, low in product(range(len(scores)), repeat=2)
        if labels[high] and not labels[low] and groups[high] == groups[low]
    ]
    return float(np.mean(pairs)) if pairs else math.nan


@settings(deadline=None)
@given(cases)
def test_ordering_agrees_with_counting_the_pairs(rows: list[Case]) -> None:
    scores, labels, groups = arrays(rows)

    found = ordering_probability(scores, labels, groups)

    assert found == pytest.approx(
        counted_one_by_one(scores, labels, groups), abs=1e-12, nan_ok=True
    )


@settings(deadline=None)
@given(cases)
def test_reversed_scores_give_the_complement(rows: list[Case]) -> None:
    scores, labels, groups = arrays(rows)

    total = ordering_probability(scores, labels, groups) + ordering_probability(
        -scores, labels, groups
    )

    assert total == pytest.approx(1, abs=1e-12) or math.isnan(total)


def test_small_bins_are_joined_until_each_is_large_enough() -> None:
    bins = ReliabilityBins(
        mean_scores=np.array([0.1, 0.2, 0.3, 0.5]),
        frequencies=np.array([0.0, 0.3, 0.4, 1.0]),
        counts=np.array([10, 20, 30, 1]),
    )

    joined = bins.at_least(15)

    assert joined.counts.tolist() == [30, 31]
    assert joined.mean_scores == pytest.approx([(1 + 4) / 30, (9 + 0.5) / 31])
    assert joined.frequencies == pytest.approx([6 / 30, (12 + 1) / 31])
    assert bins.at_least(1).counts.tolist() == [10, 20, 30, 1]
    assert bins.at_least(1_000).counts.tolist() == [61]
