"""Intervals of scores, on plays that were drawn with known probabilities."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from hybridrec.models.calibration import for_listeners, sigmoid
from hybridrec.models.groups import LISTENERS, N_GROUPS, TRACKS
from hybridrec.models.interval import LEVEL, N_INTERVAL_GROUPS, IntervalCalibrator
from hybridrec.schema.names import Floats, Mask, Rows
from hybridrec.training.score_intervals import (
    N_BINS,
    REFIT_SPREAD,
    fit_interval,
    fit_listeners,
)

N_TRACKS = 300


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Scores, what was played, and how probable that was."""

    logits: Floats
    probability: Floats
    played: Mask
    queries: Rows
    tracks: Rows
    groups: Rows

    def fitted(self) -> IntervalCalibrator:
        return fit_interval(self.logits, self.played, self.queries, self.tracks, self.groups)


def drawn(
    rng: np.random.Generator,
    n_groups: int,
    n_queries: int,
    *,
    wrong: float = 0.0,
    activity: float = 0.0,
    fame: float = 0.0,
) -> Drawn:
    """Candidates of each group: queries of 30 each.

    Args:
        rng: draws them.
        n_groups: how many groups.
        n_queries: of each.
        wrong: deviation of the logits by which the groups' scores are wrong.
        activity: deviation of those by which listeners play more, or less, than others.
        fame: deviation of those by which tracks are played more, or less, than others.
    """
    size = n_groups * n_queries
    queries = np.repeat(np.arange(size, dtype=np.int32), 30)
    groups = queries // np.int32(n_queries)
    logits = rng.normal(-3, 1.2, len(queries)).astype(np.float32)
    own = (wrong * rng.normal(size=n_groups))[groups]
    tracks = rng.integers(N_TRACKS, size=len(queries), dtype=np.int32)
    more = (activity * rng.normal(size=size))[queries] + (fame * rng.normal(size=N_TRACKS))[tracks]
    probability = sigmoid((logits + own).astype(np.float32))
    played = rng.random(len(queries)) < sigmoid((logits + own + more).astype(np.float32))
    return Drawn(logits, probability, played, queries, tracks, groups)


def of_kinds(rng: np.random.Generator, n_listeners: int, wrong: float) -> Drawn:
    """Listeners of every kind, who play more or less than others, and tracks of every group.

    Args:
        rng: draws them.
        n_listeners: of each kind.
        wrong: deviation of the logits by which the scores of a kind are wrong.
    """
    listeners = np.repeat(np.arange(len(LISTENERS) * n_listeners, dtype=np.int32), 150)
    kinds = listeners // n_listeners
    of_tracks = np.arange(len(listeners)) // 30 % len(TRACKS)
    logits = rng.normal(-3, 1.2, len(listeners)).astype(np.float32)
    probability = sigmoid((logits + wrong * rng.normal(size=len(LISTENERS))[kinds]).astype("f4"))
    activity = rng.gamma(1.5, 1 / 1.5, len(LISTENERS) * n_listeners)
    return Drawn(
        logits=logits,
        probability=probability,
        played=rng.random(len(logits)) < np.minimum(probability * activity[listeners], 1.0),
        queries=listeners,
        tracks=rng.integers(N_TRACKS, size=len(logits), dtype=np.int32),
        groups=(kinds * len(TRACKS) + of_tracks).astype(np.int32),
    )


def cells_held(data: Drawn, interval: IntervalCalibrator) -> Mask:
    """Of each cell, whether its interval holds the mean of the true probabilities."""
    low, high = interval(data.logits, data.groups)
    bins = np.searchsorted(interval.edges, data.logits, side="right")
    _, cell = np.unique(data.groups * N_BINS + bins, return_inverse=True)
    sums = [np.bincount(cell, values) for values in (low, data.probability, high)]
    held: Mask = (sums[0] <= sums[1]) & (sums[1] <= sums[2])
    return held


def test_intervals_hold_what_is_true_of_their_cells_at_their_level(
    rng: np.random.Generator,
) -> None:
    inside = []
    for _ in range(6):
        data = drawn(rng, N_GROUPS, 40, wrong=0.4)
        inside.append(cells_held(data, data.fitted()))

    # cells of one group are off together: 240 draws, whose share has a standard error below .02
    assert np.concatenate(inside).mean() == pytest.approx(LEVEL, abs=0.03)


def test_intervals_hold_what_is_true_of_models_that_are_fitted_again(
    rng: np.random.Generator,
) -> None:
    inside = []
    for _ in range(4):
        data = drawn(rng, 10, 1000)
        interval = data.fitted()
        bins = np.searchsorted(interval.edges, data.logits, side="right")
        moved = rng.normal(0, REFIT_SPREAD, (10, N_BINS)).astype(np.float32)[data.groups, bins]
        again = replace(data, probability=sigmoid(data.logits + moved))
        inside.append(cells_held(again, interval))

    # 320 cells, each moved by itself: a standard error below .02
    assert np.concatenate(inside).mean() == pytest.approx(LEVEL, abs=0.04)


def test_an_interval_is_wide_where_little_was_seen(rng: np.random.Generator) -> None:
    few, many = (drawn(rng, 4, n_queries).fitted() for n_queries in (5, 500))

    assert (few.high - few.low)[:4].mean() > 3 * (many.high - many.low)[:4].mean()


def test_the_widest_interval_is_that_of_a_kind_of_listener_that_nobody_saw(
    rng: np.random.Generator,
) -> None:
    interval = drawn(rng, 4, 200).fitted()
    widths = interval.high - interval.low
    kinds = np.arange(N_INTERVAL_GROUPS) % N_GROUPS // len(TRACKS)

    assert widths[kinds > 0] == pytest.approx(widths.max())
    assert len(widths) == N_INTERVAL_GROUPS
    # of a kind that was seen with other tracks its listeners are known, how they take these is not
    of_kind = widths[kinds == 0][4:]
    assert widths[:4].max() < 0.6 * of_kind.min()
    assert of_kind.max() < 0.9 * widths.max()


def test_where_few_of_each_kind_of_listener_were_asked_intervals_hold_what_is_true_too(
    rng: np.random.Generator,
) -> None:
    inside = []
    for _ in range(10):
        data = of_kinds(rng, n_listeners=8, wrong=0.6)
        played, listeners, groups = data.played, data.queries, data.groups
        offsets = fit_listeners(data.logits, played, listeners, groups)
        moved = replace(data, logits=for_listeners(data.logits, groups, offsets))
        inside.append(cells_held(moved, moved.fitted()))

    # the offsets are off themselves, of all cells of a kind together
    assert np.concatenate(inside).mean() > LEVEL - 0.02


def test_the_widest_of_the_calibration_split_is_kept(rng: np.random.Generator) -> None:
    interval = drawn(rng, 4, 200).fitted()

    assert interval.widest == (interval.high - interval.low)[:4].max()


def test_plays_that_come_together_tell_less_than_as_many_of_different_listeners(
    rng: np.random.Generator,
) -> None:
    alike, unlike = (drawn(rng, 4, 200, activity=activity).fitted() for activity in (0.0, 1.5))

    assert (unlike.high - unlike.low)[:4].mean() > 1.3 * (alike.high - alike.low)[:4].mean()


def test_plays_of_few_tracks_tell_less_than_as_many_of_different_ones(
    rng: np.random.Generator,
) -> None:
    alike, unlike = (drawn(rng, 4, 200, fame=fame).fitted() for fame in (0.0, 1.5))

    assert (unlike.high - unlike.low)[:4].mean() > 1.3 * (alike.high - alike.low)[:4].mean()


def test_an_interval_lies_around_its_score_even_where_the_scores_of_a_group_are_wrong(
    rng: np.random.Generator,
) -> None:
    data = drawn(rng, 1, 500)
    played_too_often = Drawn(
        data.logits, data.probability, data.played | (rng.random(len(data.played)) < 0.3),
        data.queries, data.tracks, data.groups,
    )  # fmt: skip

    low, high = played_too_often.fitted()(data.logits, data.groups)

    scores = sigmoid(data.logits)
    assert (low == scores).all()
    share = played_too_often.played.mean()
    assert low.mean() < share < high.mean()


@pytest.mark.parametrize("logits", [[], [np.nan], [-1.0], [-1.0] * 40])
def test_few_or_like_scores_have_intervals_too(logits: list[float]) -> None:
    n, at = len(logits), np.array([-1.0], np.float32)
    nobody = np.zeros(n, np.int32)

    interval = fit_interval(np.array(logits, np.float32), np.zeros(n, bool), nobody, nobody, nobody)

    low, high = interval(at, np.zeros(1, np.int32))
    assert 0 < low[0] < sigmoid(at)[0] <= high[0] < 1
    assert np.isnan(interval.widest) == (not np.isfinite(logits).any())


def test_what_the_scores_of_a_kind_of_listener_are_off_by_is_found(
    rng: np.random.Generator,
) -> None:
    data, wrong = drawn(rng, len(LISTENERS), 400), np.linspace(-0.4, 0.4, len(LISTENERS))
    kinds = data.groups
    played = rng.random(len(kinds)) < sigmoid((data.logits + wrong[kinds]).astype(np.float32))

    offsets = fit_listeners(data.logits, played, data.queries, kinds * np.int32(len(TRACKS)))

    # some 800 plays of each kind: the logarithm of their number has a standard error of .035
    assert offsets == pytest.approx(wrong, abs=0.12)


def test_of_a_kind_of_listener_that_hardly_played_nothing_is_held(
    rng: np.random.Generator,
) -> None:
    data = drawn(rng, 1, 400)
    groups = np.where(data.queries == 0, np.int32(len(TRACKS)), 0)
    nobody = data.played & (data.queries > 0)

    offsets = fit_listeners(data.logits, nobody, data.queries, groups.astype(np.int32))

    # one listener of 30 tracks who played none of two or three: that may be chance
    assert -0.1 < offsets[1] < 0
    assert offsets[2:] == pytest.approx(0.0)
