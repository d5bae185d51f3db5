"""The protocol's parts: nothing that is to be found is known to whoever is asked."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl
import pytest

from hybridrec.datasets.synthetic import WorldConfig, make_world
from hybridrec.datasets.table import Dataset
from hybridrec.errors import InvalidData
from hybridrec.evaluation.later import hold_out_later
from hybridrec.evaluation.protocol import (
    UNDATED,
    Protocol,
    ProtocolConfig,
    Slice,
    draw_protocol,
    draw_temporal,
    without_undated,
)
from tests.unit.evaluation.test_splits import Row, generator, pairs_of, table

CONFIG = ProtocolConfig(n_new_tracks=10, n_new_users=15, n_warm_users=50, n_askers=40)


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A world and the protocol of it."""

    world: Dataset
    protocol: Protocol

    @property
    def known(self) -> set[str]:
        return set(self.protocol.train["user_id"])


@pytest.fixture(scope="module")
def world() -> Dataset:
    return make_world(WorldConfig(n_users=200, n_tracks=300), generator()).dataset


@pytest.fixture(scope="module")
def drawn(world: Dataset) -> Drawn:
    return Drawn(world, draw_protocol(world.tracks, world.interactions, CONFIG, generator()))


def found_by(one: Slice) -> set[tuple[str, str]]:
    return set(one.test.iter_rows())


def test_no_pair_to_be_found_is_in_training_or_in_a_history(drawn: Drawn) -> None:
    for one in drawn.protocol.slices:
        assert one.test.height > 0
        assert not found_by(one) & pairs_of(drawn.protocol.train)
        assert not found_by(one) & pairs_of(one.history)


def test_each_slice_asks_as_many_as_it_should(drawn: Drawn) -> None:
    protocol = drawn.protocol

    assert [one.name for one in protocol.slices] == ["warm", "new_user", "new_track"]
    assert len(protocol["warm"].user_ids) == 50
    assert len(protocol["new_user"].user_ids) == 15
    assert len(protocol["new_track"].user_ids) == 40
    assert len(protocol["new_track"].candidates or ()) == 10
    for one in protocol.slices:
        assert one.user_ids == tuple(sorted(set(one.test["user_id"])))


def test_new_users_are_known_by_their_history_alone(drawn: Drawn) -> None:
    new = drawn.protocol["new_user"]

    assert not set(new.user_ids) & drawn.known
    assert set(new.history["user_id"]) == set(new.user_ids)
    for name in new.user_ids:
        played = new.history.filter(pl.col("user_id") == name, pl.col("plays") > 0)
        assert abs(played["track_id"].n_unique() - new.test.filter(user_id=name).height) <= 1


def test_new_tracks_are_in_no_part_but_their_own(drawn: Drawn) -> None:
    protocol = drawn.protocol
    new = set(protocol["new_track"].candidates or ())
    assert set(protocol["warm"].excluded) == set(protocol["new_user"].excluded) == new
    assert not protocol["new_track"].excluded

    assert not new & set(protocol.train["track_id"])
    assert not new & set(protocol["new_user"].history["track_id"])
    assert not new & set(protocol["warm"].test["track_id"])
    assert not new & set(protocol["new_user"].test["track_id"])
    assert set(protocol["new_track"].test["track_id"]) <= new
    assert new <= set(protocol.tracks["track_id"])


def test_askers_of_warm_and_of_new_tracks_are_known_to_training(drawn: Drawn) -> None:
    for name in ("warm", "new_track"):
        one = next(one for one in drawn.protocol.slices if one.name == name)
        assert set(one.user_ids) <= drawn.known
        assert one.history.is_empty()


def test_warm_users_keep_three_quarters_of_what_is_left_of_their_tracks(drawn: Drawn) -> None:
    warm = drawn.protocol["warm"]

    n_held = len(found_by(warm))
    train = drawn.protocol.train.filter(pl.col("user_id").is_in(warm.user_ids))
    n_kept = len(pairs_of(train.filter(pl.col("plays") > 0)))
    assert n_held / (n_held + n_kept) == pytest.approx(0.25, abs=0.03)


def test_undated_popularity_is_blank_where_training_has_no_play(drawn: Drawn) -> None:
    protocol = drawn.protocol
    seen = set(protocol.train["track_id"])
    counted = drawn.world.tracks.with_columns(
        pl.lit(50.0).cast(pl.Float32).alias(c) for c in UNDATED
    )

    blank = without_undated(counted, protocol.train)

    for name in UNDATED:
        known = dict(blank.select("track_id", name).iter_rows())
        assert {track for track, value in known.items() if value is not None} == seen
    assert blank.drop(UNDATED).equals(counted.drop(UNDATED))
    assert protocol.tracks.equals(without_undated(drawn.world.tracks, protocol.train))


def test_the_same_seed_gives_the_same_protocol_whatever_the_order_of_the_rows(
    world: Dataset, drawn: Drawn
) -> None:
    shuffled = world.interactions.sample(fraction=1, shuffle=True, seed=3)

    again = draw_protocol(world.tracks, shuffled, CONFIG, generator())
    other = draw_protocol(world.tracks, shuffled, CONFIG, generator(1))

    assert pairs_of(again.train) == pairs_of(drawn.protocol.train)
    for ours, theirs, others in zip(drawn.protocol.slices, again.slices, other.slices, strict=True):
        assert ours.user_ids == theirs.user_ids
        assert ours.candidates == theirs.candidates
        assert ours.test.equals(theirs.test)
        assert not ours.test.equals(others.test)


def test_a_small_dataset_is_asked_less_in_proportion(world: Dataset) -> None:
    protocol = draw_protocol(world.tracks, world.interactions, ProtocolConfig(), generator())

    n_users = world.n_users
    assert len(protocol["new_user"].user_ids) <= 0.1 * n_users
    assert len(protocol["warm"].user_ids) <= 0.5 * n_users
    assert len(protocol["new_track"].candidates or ()) <= 0.1 * len(world.tracks)
    assert protocol.train["user_id"].n_unique() >= 0.85 * n_users


def test_one_moment_parts_training_from_later_plays(world: Dataset) -> None:
    protocol = draw_temporal(world.tracks, world.interactions, CONFIG, generator())

    later = protocol["temporal"]
    moment = protocol.train["timestamp"].max()
    first = world.interactions.group_by("user_id", "track_id").agg(pl.col("timestamp").min())
    times = later.test.join(first, on=["user_id", "track_id"])["timestamp"]
    assert isinstance(moment, datetime)
    assert (times > moment).all()
    assert len(protocol.train) == pytest.approx(0.8 * len(world.interactions), rel=0.01)
    assert set(later.user_ids) <= set(protocol.train["user_id"])
    assert len(later.user_ids) == 40
    assert not found_by(later) & pairs_of(protocol.train)


def test_what_is_undated_stands_in_no_part() -> None:
    rows: list[Row] = [("ann", f"t{day}", day, None) for day in range(10)]
    rows += [("ann", "undated", None, None)]

    split = hold_out_later(table(rows), 0.2)

    assert pairs_of(split.test) == {("ann", "t8"), ("ann", "t9")}
    assert pairs_of(split.train) == {("ann", f"t{day}") for day in range(8)}


def test_a_replay_a_skip_and_a_strangers_play_are_not_to_be_found() -> None:
    rows: list[Row] = [("ann", f"t{day}", day, None) for day in range(8)]
    rows += [("ann", "t0", 8, None), ("ann", "skipped", 9, "skip"), ("bob", "t1", 9, None)]
    rows += [("ann", "liked", 9, "like")]

    split = hold_out_later(table(rows), 0.35)

    assert pairs_of(split.test) == {("ann", "liked")}


@pytest.mark.parametrize("day", [pytest.param(None, id="undated"), pytest.param(3, id="one day")])
def test_a_table_without_a_moment_to_part_it_is_refused(day: int | None) -> None:
    rows: list[Row] = [("ann", f"t{n}", day, None) for n in range(8)]

    with pytest.raises(InvalidData, match="timestamp"):
        hold_out_later(table(rows), 0.2)


def test_a_time_of_strangers_alone_is_refused(world: Dataset) -> None:
    rows: list[Row] = [("ann", "t0", 0, None), ("bob", "t1", 9, None)]

    with pytest.raises(InvalidData, match="nobody of the earlier part"):
        draw_temporal(world.tracks, table(rows), CONFIG, generator())


def test_a_share_out_of_range_is_refused() -> None:
    with pytest.raises(ValueError, match="share"):
        hold_out_later(table([("ann", "t0", 0, None)]), 1.0)


def test_an_unknown_slice_has_no_answer(drawn: Drawn) -> None:
    with pytest.raises(KeyError, match="temporal"):
        drawn.protocol["temporal"]


def test_too_few_plays_are_an_error_that_says_so() -> None:
    rows: list[Row] = [
        (f"u{user}", f"t{track}", None, None) for user in range(6) for track in range(3)
    ]

    with pytest.raises(InvalidData, match="none has 8 liked pairs"):
        draw_protocol(pl.DataFrame(), table(rows), CONFIG, np.random.default_rng(0))
