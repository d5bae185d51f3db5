from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from hybridrec.errors import InvalidData
from hybridrec.evaluation.splits import hold_out_items, hold_out_tracks, hold_out_users
from hybridrec.schema.tables import INTERACTIONS

START = datetime(2026, 1, 1, tzinfo=UTC)

Row = tuple[str, str, int | None, str | None]


def table(rows: Sequence[Row]) -> pl.DataFrame:
    """Rows of user, track, day (or None) and event (or None)."""
    stamps = [None if day is None else START + timedelta(days=day) for _, _, day, _ in rows]
    return pl.DataFrame(
        {
            "user_id": [row[0] for row in rows],
            "track_id": [row[1] for row in rows],
            "plays": [1.0] * len(rows),
            "timestamp": stamps,
            "event": [row[3] for row in rows],
            "ms_played": [None] * len(rows),
        },
        INTERACTIONS,
    )


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def pairs_of(part: pl.DataFrame) -> set[tuple[str, str]]:
    return set(part.select("user_id", "track_id").iter_rows())


def tracks_by_user(part: pl.DataFrame) -> Counter[str]:
    return Counter(user for user, _ in pairs_of(part))


TEN_EACH = table([(user, f"t{n}", n, None) for user in ("ann", "bob", "carl") for n in range(10)])


def test_warm_a_share_of_each_users_tracks_is_held_out() -> None:
    split = hold_out_tracks(TEN_EACH, 0.3, 2, None, generator())

    assert tracks_by_user(split.test) == {"ann": 3, "bob": 3, "carl": 3}
    assert tracks_by_user(split.train) == {"ann": 7, "bob": 7, "carl": 7}
    assert split.history.is_empty()
    assert split.history.schema == INTERACTIONS


def test_warm_all_rows_of_a_held_out_track_leave_training() -> None:
    repeated = pl.concat([TEN_EACH, TEN_EACH])

    split = hold_out_tracks(repeated, 0.5, 2, None, generator())

    assert not pairs_of(split.train) & pairs_of(split.test)
    assert len(split.test) == 30


def test_warm_only_so_many_users_are_chosen() -> None:
    split = hold_out_tracks(TEN_EACH, 0.5, 2, 2, generator())

    assert split.test["user_id"].n_unique() == 2
    assert split.train["user_id"].n_unique() == 3


def test_warm_users_with_too_few_tracks_stay_in_training() -> None:
    few = table([("few", "t0", None, None)] * 5 + [("few", "t1", None, None)])

    split = hold_out_tracks(pl.concat([TEN_EACH, few]), 0.5, 3, None, generator())

    assert "few" not in split.test["user_id"]
    assert len(split.train.filter(user_id="few")) == 6


@pytest.mark.parametrize("share", [0.01, 0.99])
def test_warm_at_least_one_track_goes_and_one_stays(share: float) -> None:
    split = hold_out_tracks(TEN_EACH, share, 2, None, generator())

    assert set(tracks_by_user(split.test).values()) == {1 if share < 0.5 else 9}


def test_newest_holds_out_the_tracks_first_played_last() -> None:
    replayed = table([("ann", "t0", 99, None), ("ann", "t9", 99, None)])

    split = hold_out_tracks(pl.concat([TEN_EACH, replayed]), 0.2, 2, None, generator(), newest=True)

    # t0 was played last of all, but first on day 0
    assert {track for _, track in pairs_of(split.test)} == {"t8", "t9"}


def test_newest_draws_for_a_user_whose_tracks_are_not_all_dated() -> None:
    undated = table([("dora", f"t{n}", n if n else None, None) for n in range(10)])

    held = [
        frozenset(
            pairs_of(hold_out_tracks(undated, 0.2, 2, None, generator(seed), newest=True).test)
        )
        for seed in range(20)
    ]

    assert len(set(held)) > 5


def test_equal_times_are_broken_by_draw() -> None:
    same_day = table([("ann", f"t{n}", 1, None) for n in range(10)])

    held = [
        frozenset(
            pairs_of(hold_out_tracks(same_day, 0.2, 2, None, generator(seed), newest=True).test)
        )
        for seed in range(20)
    ]

    assert len(set(held)) > 5


def test_skips_and_dislikes_are_nothing_to_be_found() -> None:
    rows: list[Row] = [("ann", f"t{n}", n, "play") for n in range(4)]
    rows += [("ann", "skipped", 9, "skip"), ("ann", "hated", 9, "dislike")]
    rows += [("ann", "regretted", 9, "play"), ("ann", "regretted", 10, "dislike")]

    split = hold_out_tracks(table(rows), 0.9, 2, None, generator())

    assert {track for _, track in pairs_of(split.test)} <= {"t0", "t1", "t2", "t3"}
    assert len(pairs_of(split.test)) == 3


def test_new_users_leave_training_and_half_of_their_tracks_is_history() -> None:
    split = hold_out_users(TEN_EACH, 2, 2, generator())

    chosen = set(split.test["user_id"])
    assert len(chosen) == 2
    assert chosen == set(split.history["user_id"])
    assert not chosen & set(split.train["user_id"])
    assert set(tracks_by_user(split.history).values()) == {5}
    assert set(tracks_by_user(split.test).values()) == {5}


def test_new_tracks_leave_training_for_everyone() -> None:
    split = hold_out_items(TEN_EACH, 0.2, 2, generator())

    assert split.test["track_id"].n_unique() == 2
    assert not set(split.test["track_id"]) & set(split.train["track_id"])
    assert set(split.test["user_id"]) == {"ann", "bob", "carl"}
    assert split.history.is_empty()


def test_new_tracks_are_not_asked_of_a_user_who_is_left_with_nothing() -> None:
    rows: list[Row] = [("ann", "new", None, None), ("bob", "new", None, None)]
    rows += [("bob", "old", None, None)]

    split = hold_out_items(table(rows), 0.1, 2, generator())  # only `new` has two listeners

    assert pairs_of(split.test) == {("bob", "new")}
    assert pairs_of(split.train) == {("bob", "old")}


def test_nothing_to_hold_out_is_an_error_that_says_so() -> None:
    with pytest.raises(InvalidData, match=r"user_id.*none has 11 liked pairs"):
        hold_out_tracks(TEN_EACH, 0.5, 11, None, generator())
    with pytest.raises(InvalidData, match="user_id"):
        hold_out_users(TEN_EACH, 11, 1, generator())
    with pytest.raises(InvalidData, match="track_id"):
        hold_out_items(TEN_EACH, 0.5, 4, generator())


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1])
def test_a_share_out_of_range_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="share"):
        hold_out_tracks(TEN_EACH, share, 2, None, generator())
    with pytest.raises(ValueError, match="share"):
        hold_out_items(TEN_EACH, share, 2, generator())


def test_one_track_is_too_few_to_hold_out_and_keep() -> None:
    with pytest.raises(ValueError, match="below 2"):
        hold_out_users(TEN_EACH, 1, 1, generator())


def test_the_later_half_of_a_new_user_can_be_held_out() -> None:
    rows: list[Row] = [("zed", f"t{day}", day, None) for day in (3, 1, 4, 2)]
    rows += [("bob", "t1", None, None), ("bob", "t2", 1, None)]

    split = hold_out_users(table(rows), 2, None, generator(), newest=True)

    of_zed = split.test.filter(pl.col("user_id") == "zed")
    assert set(of_zed["track_id"]) == {"t3", "t4"}
    assert len(split.test) == 3  # bob's halves are drawn: one of his tracks has no time
