from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from hybridrec.schema.tables import INTERACTIONS
from hybridrec.testing import tiny_tracks
from hybridrec.training.data import TrainingData, training_data

START = datetime(2025, 1, 1, tzinfo=UTC)
Row = tuple[str, str, float, int | None, str | None, float | None]
"""User, track, plays, hour after the start, event, milliseconds."""


def data_of(*rows: Row) -> TrainingData:
    dated = [
        (user, track, plays, None if hour is None else START + timedelta(hours=hour), event, ms)
        for user, track, plays, hour, event, ms in rows
    ]
    return training_data(tiny_tracks(), pl.DataFrame(dated, schema=INTERACTIONS, orient="row"))


def seconds(hour: int) -> float:
    return START.timestamp() + 3600 * hour


def test_the_plays_of_a_pair_are_one_and_stand_at_its_first_time() -> None:
    plays = data_of(
        ("u", "t0", 2, 5, "play", None),
        ("u", "t0", 1, 3, "play", None),
        ("u", "t0", 1, 9, "play", None),
    ).interactions

    assert (plays.users.tolist(), plays.items.tolist()) == ([0], [0])
    assert plays.weights.tolist() == pytest.approx([1 + np.log(4)], rel=1e-6)  # float32
    assert plays.times.tolist() == [seconds(3)]


def test_pairs_stand_user_by_user_and_oldest_first() -> None:
    data = data_of(
        ("v", "t1", 1, 1, None, None),
        ("u", "t3", 1, 2, None, None),
        ("u", "t2", 1, 1, None, None),
        ("u", "t0", 1, 2, None, None),
    )

    plays = data.interactions
    assert data.user_ids.ids == ("u", "v")
    assert plays.users.tolist() == [0, 0, 0, 1]
    assert plays.items.tolist() == [2, 0, 3, 1]  # at one time in the order of the catalogue
    assert plays.offsets.tolist() == [0, 3, 4]
    assert plays.counts().tolist() == [1, 1, 1, 1]


def test_tracks_keep_the_order_of_their_table() -> None:
    data = data_of(("u", "t3", 1, None, None, None))

    assert data.track_ids.ids == ("t0", "t1", "t2", "t3")
    assert data.interactions.items.tolist() == [3]


def test_whoever_only_skips_is_no_user() -> None:
    data = data_of(
        ("a", "t0", 0, 1, "skip", None),
        ("u", "t1", 1, 1, "play", None),
        ("u", "t2", 0, 2, "skip", None),
    )

    assert data.user_ids.ids == ("u",)
    assert data.interactions.items.tolist() == [1]
    assert len(data.listening) == 1
    assert data.listening[0].rows.tolist() == [1, 2]
    assert data.listening[0].skipped.tolist() == [False, True]


def test_listening_holds_the_dated_plays_and_skips_oldest_first() -> None:
    data = data_of(
        ("u", "t0", 1, 4, "play", 1000),
        ("u", "t1", 1, 2, None, None),
        ("u", "t2", 0, 3, "like", None),
        ("u", "t3", 1, None, "play", None),
        ("v", "t0", 1, None, None, None),
        ("w", "t0", 1, 7, "play", 5),
    )

    assert [events.rows.tolist() for events in data.listening] == [[1, 0], [], [0]]
    assert data.listening[0].times.tolist() == [seconds(2), seconds(4)]
    assert np.isnan(data.listening[0].ms_played[0])
    assert data.listening[0].ms_played[1] == 1000


def test_undated_plays_have_no_time() -> None:
    plays = data_of(("u", "t0", 1, None, None, None), ("u", "t1", 1, 3, None, None)).interactions

    assert plays.items.tolist() == [1, 0]  # what is undated comes last
    assert np.isnan(plays.times[1])


def test_some_of_the_pairs_keep_the_rows_of_all() -> None:
    plays = data_of(
        ("u", "t0", 1, 1, None, None), ("v", "t1", 1, 1, None, None), ("w", "t2", 1, 1, None, None)
    ).interactions

    some = plays.where(plays.users != 1)

    assert some.offsets.tolist() == [0, 1, 1, 2]
    assert some.counts().tolist() == [1, 0, 1, 0]
    assert some.histories().of(2)[0].tolist() == [2]
