import numpy as np
import pytest
import torch
from torch import Tensor

from hybridrec.schema.records import N_AUDIO
from hybridrec.training.audio_intervals import LEVEL, Intervals, lower_tail
from hybridrec.training.audio_levels import base_level, levels

N_BINS = 10
NO_GENRE = torch.zeros(1, 1, dtype=torch.int32)


def intervals(*edges: float) -> Intervals:
    return Intervals(np.tile(np.array(edges, np.float32), (N_AUDIO, 1)), 3)


@pytest.fixture
def even() -> Intervals:
    return intervals(*np.linspace(0, 1, N_BINS + 1))


def shares(*of_bins: float) -> Tensor:
    whole = torch.tensor(of_bins) / sum(of_bins)
    return whole.expand(1, N_AUDIO, len(of_bins))


def test_of_an_even_distribution_as_much_is_left_out_on_both_sides(even: Intervals) -> None:
    low, high = even(shares(*[1.0] * N_BINS), NO_GENRE)

    assert low[0].tolist() == pytest.approx([0.05] * N_AUDIO, abs=1e-6)
    assert high[0].tolist() == pytest.approx([0.95] * N_AUDIO, abs=1e-6)


def test_a_feature_that_is_often_at_its_lowest_has_no_lower_tail() -> None:
    # a third of the tracks are at 0 exactly, the others anywhere
    said = shares(0.5, 0.5, 0.5)

    low, high = intervals(0, 0, 0.5, 1)(said, NO_GENRE)

    assert lower_tail(shares(0.5, 0.5, 0.25))[0].tolist() == [0.0] * N_AUDIO
    assert (lower_tail(said) == 0.5).all()  # as much at the top
    assert (low == 0).all()
    assert high[0].tolist() == pytest.approx([1 - 0.05 * 1.5] * N_AUDIO, abs=1e-5)


@pytest.mark.parametrize("level", [0.2, 0.5, 0.9, 0.97])
def test_the_needed_level_is_the_one_whose_interval_just_holds_the_truth(
    even: Intervals, rng: np.random.Generator, level: float
) -> None:
    said = torch.softmax(torch.from_numpy(rng.normal(size=(50, N_AUDIO, N_BINS))).float(), dim=2)
    even.set_levels(np.full(N_AUDIO, level, np.float32), np.zeros((3, N_AUDIO), np.float32))
    truth = torch.from_numpy(rng.random((50, N_AUDIO), np.float32))

    low, high = even(said, NO_GENRE.expand(50, 1))
    needed = even.needed(said, truth)

    clear = (needed - level).abs() > 1e-4  # float32
    inside = (low <= truth) & (truth <= high)
    assert (inside == (needed <= level))[clear].all()
    assert clear.float().mean() > 0.9


def test_the_lowest_value_needs_no_level_where_there_is_no_lower_tail() -> None:
    of_zeros = intervals(0, 0, 0.5, 1)

    needed = of_zeros.needed(shares(0.8, 0.1, 0.1), torch.zeros(1, N_AUDIO))

    assert (needed == 0).all()


def test_levels_cover_nine_of_ten_tracks_of_groups_that_overlap(rng: np.random.Generator) -> None:
    n = 20_000
    groups = (rng.random((n, 3)) < [0.5, 0.3, 0.2]).astype(np.float32)
    shift = groups @ np.array([0.03, -0.02, 0.05])
    needed = (rng.random((n, N_AUDIO)) * 0.5 + shift[:, None]).astype(np.float32)

    moved = levels(needed, groups)
    base = base_level(needed - groups @ moved)

    inside = needed <= base + groups @ moved
    for group in groups.T > 0:
        assert inside[group].mean(axis=0).tolist() == pytest.approx([LEVEL] * N_AUDIO, abs=0.02)
    assert inside.mean(axis=0).tolist() == pytest.approx([LEVEL] * N_AUDIO, abs=0.001)


def test_a_group_of_few_tracks_hardly_moves_its_level(rng: np.random.Generator) -> None:
    groups = np.zeros((1_000, 1), np.float32)
    groups[:2] = 1
    needed = rng.random((1_000, N_AUDIO), np.float32)
    needed[:2] = 1

    moved = levels(needed, groups)

    assert (np.abs(moved) < 0.01).all()
