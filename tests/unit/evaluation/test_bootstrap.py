import numpy as np
import pytest

from hybridrec.evaluation.bootstrap import paired_bootstrap


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_a_constant_difference_has_no_spread() -> None:
    second = np.array([0.25, 0.5, 0.75])

    found = paired_bootstrap(second + 0.125, second, generator())

    assert (found.mean, found.low, found.high, found.n_pairs) == (0.125, 0.125, 0.125, 3)
    assert found.is_sure


def test_equal_models_differ_by_nothing() -> None:
    values = generator().random(50)

    found = paired_bootstrap(values, values, generator())

    assert (found.mean, found.low, found.high) == (0, 0, 0)
    assert not found.is_sure


def test_pairing_sees_what_users_as_a_whole_would_hide() -> None:
    rng = generator(1)
    users = rng.random(200)  # users differ far more than models do
    second = users + rng.normal(0, 0.01, 200)

    paired = paired_bootstrap(users + 0.01, second, generator())
    unpaired = paired_bootstrap(rng.permutation(users + 0.01), second, generator())

    assert paired.is_sure
    assert not unpaired.is_sure


def test_the_interval_is_about_that_of_the_normal_distribution() -> None:
    differences = generator(2).normal(0.3, 1.0, 2_000)

    found = paired_bootstrap(differences, np.zeros(2_000), generator(), n_draws=4_000)

    half = 1.96 * differences.std() / np.sqrt(2_000)
    assert found.low == pytest.approx(found.mean - half, abs=0.1 * half)
    assert found.high == pytest.approx(found.mean + half, abs=0.1 * half)


def test_a_higher_level_is_a_wider_interval() -> None:
    differences = generator(3).normal(size=100)

    narrow = paired_bootstrap(differences, np.zeros(100), generator(), level=0.5)
    wide = paired_bootstrap(differences, np.zeros(100), generator(), level=0.99)

    assert wide.low < narrow.low <= narrow.high < wide.high


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = generator(4)
    intervals = [
        paired_bootstrap(rng.exponential(1.0, 80), np.zeros(80), rng, n_draws=200, level=0.9)
        for _ in range(200)
    ]

    covered = np.mean([found.low <= 1.0 <= found.high for found in intervals])

    assert 0.82 < covered < 0.96  # 0.9 give or take three standard errors, a little low if skewed


def test_the_same_seed_gives_the_same_interval() -> None:
    first, second = generator(5).random((2, 40))

    assert paired_bootstrap(first, second, generator(6)) == paired_bootstrap(
        first, second, generator(6)
    )


def test_users_about_whom_nothing_is_said_are_left_out() -> None:
    first = np.array([0.5, np.nan, 0.5])

    found = paired_bootstrap(first, np.array([0.25, np.nan, 0.25]), generator())

    assert (found.mean, found.n_pairs) == (0.25, 2)


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        pytest.param([0.1], [0.1, 0.2], "not paired", id="other lengths"),
        pytest.param([0.1, np.nan], [0.1, 0.2], "not paired", id="other users unknown"),
        pytest.param([], [], "no pair", id="nobody"),
        pytest.param([np.nan], [np.nan], "no pair", id="nobody known"),
    ],
)
def test_what_is_not_paired_is_refused(
    first: list[float], second: list[float], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        paired_bootstrap(np.array(first), np.array(second), generator())
