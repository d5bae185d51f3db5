import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from hybridrec.models.calibration import ScoreCalibrator, sigmoid
from hybridrec.models.groups import LISTENERS, TRACKS
from hybridrec.schema.names import Floats, Mask, Rows
from hybridrec.training.calibration import (
    MIN_STEP,
    fit_score_calibrator,
)
from hybridrec.training.confidence import (
    N_PRIOR,
    NO_CEILINGS,
    Judged,
    Orderings,
    confidence_calibrator,
    fit_confidence_calibrator,
)

N = 20_000


def raw_and_played(rng: np.random.Generator) -> tuple[Floats, Mask]:
    """Raw outputs whose plays follow a known sigmoid."""
    raw = rng.uniform(-3, 3, N).astype(np.float32)
    return raw, rng.random(N) < sigmoid(1.5 * raw - 1)


def rises(calibrator: ScoreCalibrator) -> bool:
    """Whether it tells apart raw outputs a tenth of the knots' range apart, inside and around."""
    x = calibrator.to_logit.x
    values = np.linspace(2 * x[0] - x[-1], 2 * x[-1] - x[0], 31)
    mapped = np.interp(values, calibrator.to_logit._far_x, calibrator.to_logit._far_y)
    return bool((np.diff(mapped) > 0).all())


def confidence_of(
    raw: Floats, scores: Floats, played: Mask, queries: Rows, at: list[float]
) -> list[float]:
    """Calibrated confidence at some raw ones, of candidates that were all drawn at random."""
    random = np.ones(len(raw), bool)
    judged = Judged(played, random, queries, np.zeros(len(raw), np.int32))
    calibrator = fit_confidence_calibrator(raw, scores, judged)
    values, groups = np.array(at, np.float32), np.zeros(len(at), np.int32)
    answer: list[float] = calibrator.known(values, groups, np.ones(len(at), bool)).tolist()
    return answer


def test_a_score_calibrator_finds_the_sigmoid_that_drew_the_plays(
    rng: np.random.Generator,
) -> None:
    raw, played = raw_and_played(rng)
    inside = np.linspace(-2, 2, 41, dtype=np.float32)

    found = fit_score_calibrator(raw, played).scores(inside)

    # isotonic regression errs by (p' p(1-p) / 2nf)^(1/3) = 0.024 where it is steepest: three times
    assert found == pytest.approx(sigmoid(1.5 * inside - 1), abs=0.075)


@pytest.mark.parametrize(
    ("raw", "played"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([0.3], [1], id="one-row"),
        pytest.param([0.3, 0.4], [0, 1], id="two-rows"),
        pytest.param([0.3] * 50, [0, 1] * 25, id="all-equal"),
        pytest.param(list(range(50)), [0] * 50, id="nothing-played"),
        pytest.param(list(range(50)), [1] * 50, id="all-played"),
        pytest.param(list(range(50)), [1] * 25 + [0] * 25, id="upside-down"),
        pytest.param([np.nan] * 3 + list(range(50)), [1] * 28 + [0, 1, 1, 1, 1] * 5, id="gaps"),
        pytest.param([np.nan] * 5, [1] * 5, id="gaps-alone"),
    ],
)
def test_a_score_calibrator_rises_whatever_it_was_fitted_on(
    raw: list[float], played: list[int]
) -> None:
    calibrator = fit_score_calibrator(np.array(raw, np.float32), np.array(played, bool))

    assert rises(calibrator)


@given(st.data())
def test_a_score_calibrator_rises_for_any_input(data: st.DataObject) -> None:
    n = data.draw(st.integers(0, 60))
    raw = data.draw(arrays.arrays(np.float32, n, elements=st.integers(-5, 5).map(float)))
    played = data.draw(arrays.arrays(np.bool_, n))

    calibrator = fit_score_calibrator(raw, played)

    assert (np.diff(calibrator.to_logit.x) > 0).all()
    # half a step: rounding of the sums that keep the steps apart is far below
    assert (np.diff(calibrator.to_logit.y) > MIN_STEP / 2).all()


def test_unplayed_everything_is_improbable_not_impossible() -> None:
    raw = np.arange(99, dtype=np.float32)

    scores = fit_score_calibrator(raw, np.zeros(99, bool)).scores(raw)

    # Laplace's half a play in a hundred, less and more the least step over a flat map
    assert scores == pytest.approx(np.full(99, 0.005), abs=1e-3)


def test_rows_of_equal_raw_output_share_one_probability_in_any_order(
    rng: np.random.Generator,
) -> None:
    raw = rng.integers(0, 5, 2_000).astype(np.float32)
    played = rng.random(2_000) < 0.1 + 0.15 * raw
    first_unplayed = np.lexsort((played, raw))

    one = fit_score_calibrator(raw, played)
    other = fit_score_calibrator(raw[first_unplayed], played[first_unplayed])

    values = np.arange(5, dtype=np.float32)
    share = [played[raw == value].mean() for value in values]
    assert other.scores(values).tolist() == one.scores(values).tolist()
    # the pull to the base rate is one row in some 400: at most 0.001, and float32
    assert one.scores(values) == pytest.approx(share, abs=0.002)


def test_confidence_is_nothing_where_plays_are_ordered_at_random(
    rng: np.random.Generator,
) -> None:
    raw = rng.random(N).astype(np.float32)
    scores = rng.random(N).astype(np.float32)
    queries = np.arange(N, dtype=np.int32) // 20
    played = rng.random(N) < 0.2

    low, high = confidence_of(raw, scores, played, queries, [0.1, 0.9])

    # isotonic noise of 4000 plays, each won with sd 0.29: about (0.08 / 4000)^(1/3) = 0.03, doubled
    assert low <= high
    assert high < 0.12


def test_confidence_is_whole_where_every_play_is_ordered_first(rng: np.random.Generator) -> None:
    raw = rng.random(2_000).astype(np.float32)
    played = np.tile([True] + [False] * 9, 200)
    scores = played + rng.random(2_000).astype(np.float32) / 2
    queries = np.arange(2_000, dtype=np.int32) // 10

    assert confidence_of(raw, scores.astype(np.float32), played, queries, [0.0, 0.5, 1.0]) == [
        1.0,
        1.0,
        1.0,
    ]


def test_plays_of_equal_raw_confidence_share_the_mean_of_what_they_won() -> None:
    # a play above the one unplayed track, then one below: three won of four
    scores = np.array([1, 0, 0, 1, 1, 0, 1, 0], np.float32)
    played = np.tile([True, False], 4)
    queries = np.arange(4, dtype=np.int32).repeat(2)

    (found,) = confidence_of(np.full(8, 0.6, np.float32), scores, played, queries, [0.6])

    assert found == pytest.approx(2 * 0.75 - 1, abs=1e-6)  # float32


def test_equal_scores_are_half_won() -> None:
    scores, played = np.zeros(4, np.float32), np.array([True, False, True, False])
    queries = np.array([0, 0, 1, 1], np.int32)

    (found,) = confidence_of(np.full(4, 0.6, np.float32), scores, played, queries, [0.6])

    assert found == pytest.approx(0, abs=2e-3)  # the least confidence of a known score


def test_with_nothing_to_compare_no_confidence_is_claimed() -> None:
    played = np.ones(3, bool)

    found = confidence_of(
        np.full(3, 0.9, np.float32),
        np.ones(3, np.float32),
        played,
        np.zeros(3, np.int32),
        [0.0, 0.9],
    )

    assert max(found) < 2e-3  # the least confidence of a known score


def group_of(listeners: str, tracks: str) -> int:
    return LISTENERS.index(listeners) * len(TRACKS) + TRACKS.index(tracks)


def of_groups(found: Orderings, *groups: int) -> list[float]:
    """What a raw confidence of a half is calibrated to in some groups."""
    half, known = np.full(len(groups), 0.5, np.float32), np.ones(len(groups), bool)
    said = confidence_calibrator(found).known(half, np.array(groups, np.int32), known)
    return [float(one) for one in said]


def leaning(own: float, n_questions: int, towards: float) -> float:
    return (n_questions * own + N_PRIOR * towards) / (n_questions + N_PRIOR)


def test_a_small_group_leans_on_strangers_on_such_tracks_they_on_all_strangers_these_on_all() -> (
    None
):
    few, many = group_of("few_plays", "known"), group_of("many_plays", "known")
    niche, trained = group_of("many_plays", "niche"), group_of("trained_many", "known")
    groups = np.repeat([few, many, niche, trained], [20, 40, 40, 100]).astype(np.int32)
    won = np.repeat([0.5, 1.0, 0.5, 0.9], [20, 40, 40, 100])
    found = Orderings(np.full(200, 0.5), won, np.arange(200, dtype=np.int32), groups)

    of_all = (20 * 0.5 + 40 * 1.0 + 40 * 0.5 + 100 * 0.9) / 200
    strangers = leaning((20 * 0.5 + 40 * 1.0 + 40 * 0.5) / 100, 100, of_all)
    on_known = leaning((20 * 0.5 + 40 * 1.0) / 60, 60, strangers)
    users = leaning(0.9, 100, of_all)
    expected = {
        few: leaning(0.5, 20, on_known),
        niche: leaning(0.5, 40, leaning(0.5, 40, strangers)),
        trained: leaning(0.9, 100, leaning(0.9, 100, users)),
        # nobody was asked: all that is known is what the wider group says
        group_of("genres_alone", "known"): on_known,
        group_of("genres_alone", "mainstream"): strangers,
        group_of("trained_some", "new"): users,
    }
    confidence = [2 * share - 1 for share in expected.values()]
    assert of_groups(found, *expected) == pytest.approx(confidence)


def test_a_large_group_has_its_own_confidence_whatever_that_of_the_others(
    rng: np.random.Generator,
) -> None:
    n = 4_000
    raw, groups = rng.random(n), np.repeat([7, 8], n // 2).astype(np.int32)
    won = np.where(groups == 7, np.clip(0.5 + raw / 2, 0, 1), 0.5)

    rising, flat = of_groups(Orderings(raw, won, np.arange(n, dtype=np.int32), groups), 7, 8)

    assert rising == pytest.approx(0.5, abs=0.03)
    assert flat == pytest.approx(0.0, abs=0.03)


def test_no_confidence_is_above_the_ceiling_of_its_group() -> None:
    raw = np.linspace(0, 1, 500)
    found = Orderings(raw, np.ones(500), np.arange(500, dtype=np.int32), np.zeros(500, np.int32))
    ceilings = NO_CEILINGS.copy()
    ceilings[0] = 0.3

    calibrator = confidence_calibrator(found, ceilings)

    known = np.ones(2, bool)
    answer = calibrator.known(np.array([1, 1], np.float32), np.array([0, 1], np.int32), known)
    assert answer == pytest.approx([0.3, 1.0])


def test_many_plays_of_few_questions_tell_little_of_a_group() -> None:
    raw, groups = np.full(2_000, 0.5), np.repeat([7, 8], 1_000).astype(np.int32)
    won = np.where(groups == 7, 0.5, 1.0)
    each_its_own = np.arange(2_000, dtype=np.int32)
    by_hundreds = np.where(groups == 8, each_its_own // 100, each_its_own).astype(np.int32)

    (of_many,) = of_groups(Orderings(raw, won, each_its_own, groups), 8)
    (of_ten,) = of_groups(Orderings(raw, won, by_hundreds, groups), 8)

    assert of_many > 0.99
    # its tracks' ten questions count once more in what it leans on
    of_others = N_PRIOR / (N_PRIOR + 10)
    assert of_ten == pytest.approx(1 - of_others * of_others * 0.5, abs=0.01)
    assert of_ten < of_many - 0.05


def test_confidences_a_hair_apart_are_calibrated_alike() -> None:
    hair = 1e-9 * np.arange(400)
    won = (np.arange(400) >= 200).astype(np.float64)
    found = Orderings(
        confidence=np.concatenate([0.3 + hair, 0.6 + hair]),
        won=np.concatenate([won, np.ones(400)]),
        queries=np.arange(800, dtype=np.int32),
        groups=np.zeros(800, np.int32),
    )

    calibrator = confidence_calibrator(found)

    low, high = (
        calibrator.known(np.full(1, raw), np.zeros(1, np.int32), np.ones(1, bool))
        for raw in (0.3, 0.3 + 4e-7)
    )
    assert high == pytest.approx(low, abs=1e-2)
    assert low == pytest.approx(0.0, abs=0.05)  # half were won: no better than a coin
