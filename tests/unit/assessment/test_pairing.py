"""Two bundles are asked the same, with the same knowledge of whoever asks."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from hybridrec.answers.knowledge import Knowledge
from hybridrec.assessment.pairing import Pairing, Told, pair
from hybridrec.errors import InvalidData
from hybridrec.schema.tables import INTERACTIONS
from tests.unit.assessment.bundles import knowledge_of

START = datetime(2026, 1, 1, tzinfo=UTC)
Row = tuple[str, str, int | None]
CURRENT = knowledge_of(["a", "b", "c"], {"ann": {"a": 4}, "bob": {"b": 1}})
CANDIDATE = knowledge_of(["b", "c", "d"], {"ann": {"b": 2}, "cy": {"c": 3}})


def plays(rows: Sequence[Row], event: str | None = None) -> pl.DataFrame:
    """Rows of user, track and day (or None)."""
    stamps = [None if day is None else START + timedelta(days=day) for _, _, day in rows]
    return pl.DataFrame(
        {
            "user_id": [row[0] for row in rows],
            "track_id": [row[1] for row in rows],
            "plays": [1.0] * len(rows),
            "timestamp": stamps,
            "event": [event] * len(rows),
            "ms_played": [None] * len(rows),
        },
        INTERACTIONS,
    )


def paired(
    table: pl.DataFrame, current: Knowledge = CURRENT, candidate: Knowledge = CANDIDATE
) -> Pairing:
    return pair(current, candidate, table, "later.parquet", np.random.default_rng(0))


def relevant(pairing: Pairing) -> set[tuple[str, str]]:
    """What is to be found."""
    asked, ids = pairing.asked, pairing.catalog.tracks.ids
    users = np.arange(len(asked.user_ids)).repeat(np.diff(asked.relevant_offsets))
    return {
        (asked.user_ids[user], ids[row])
        for user, row in zip(users.tolist(), asked.relevant_rows.tolist(), strict=True)
    }


def history(pairing: Pairing, user_id: str) -> set[str]:
    """What is known to be played."""
    mask = np.array([name == user_id for name in pairing.asked.user_ids])
    return {pairing.catalog.tracks.ids[row] for row in pairing.asked.of_users(mask).history_rows}


def told(plays_by_user: Told, user_id: str) -> dict[str, float]:
    return {one.track_id: one.plays for one in plays_by_user.get(user_id, ())}


def test_what_one_bundle_was_trained_on_the_other_is_told() -> None:
    pairing = paired(plays([("ann", "c", 1), ("bob", "c", 1), ("cy", "b", 1)]))

    assert told(pairing.told_current, "ann") == pytest.approx({"b": 2})
    assert told(pairing.told_candidate, "ann") == pytest.approx({"a": 4})
    assert told(pairing.told_candidate, "bob") == pytest.approx({"b": 1})
    assert told(pairing.told_current, "bob") == {}
    assert told(pairing.told_current, "cy") == pytest.approx({"c": 3})
    assert told(pairing.told_candidate, "cy") == {}
    assert history(pairing, "ann") == {"a", "b"}


def test_what_either_knows_to_be_played_is_not_to_be_found() -> None:
    pairing = paired(plays([("ann", "a", 1), ("ann", "b", 1), ("ann", "c", 1), ("bob", "a", 2)]))

    assert relevant(pairing) == {("ann", "c"), ("bob", "a")}
    assert (pairing.n_pairs, pairing.n_replays, pairing.n_in_neither) == (4, 2, 0)


def test_the_earlier_half_of_whom_neither_knows_is_told_to_both() -> None:
    table = plays([("zed", "d", 4), ("zed", "a", 1), ("zed", "c", 3), ("zed", "b", 2)])

    pairing = paired(table)

    assert relevant(pairing) == {("zed", "c"), ("zed", "d")}
    assert history(pairing, "zed") == {"a", "b"}
    for told_one in (pairing.told_current, pairing.told_candidate):
        assert [one.track_id for one in told_one["zed"]] == ["a", "b"]
    assert (pairing.n_pairs, pairing.n_replays) == (2, 0)


def test_plays_without_times_are_halved_by_the_seed() -> None:
    table = plays([("zed", name, None) for name in "abcd"])

    once, again = paired(table), paired(table)

    assert len(relevant(once)) == 2
    assert relevant(once) == relevant(again)
    assert history(once, "zed") == set("abcd") - {track for _, track in relevant(once)}


def test_of_a_single_play_nothing_is_told() -> None:
    pairing = paired(plays([("zed", "a", 1), ("yve", "a", 1), ("yve", "b", 2)]))

    assert ("zed", "a") in relevant(pairing)
    assert history(pairing, "zed") == set()
    assert told(pairing.told_current, "zed") == told(pairing.told_candidate, "zed") == {}

    alone = paired(plays([("zed", "a", 1)]))
    assert relevant(alone) == {("zed", "a")}


def test_a_track_that_one_bundle_lacks_is_to_be_found_and_one_that_both_lack_is_not() -> None:
    pairing = paired(plays([("ann", "d", 1), ("ann", "gone", 1), ("bob", "a", 1)]))

    assert relevant(pairing) == {("ann", "d"), ("bob", "a")}
    assert pairing.n_in_neither == 1
    assert pairing.catalog.tracks.ids == ("a", "b", "c", "d")
    assert pairing.catalog.interactions.tolist() == [1, 1, 0, 0]  # as the current bundle counts


def test_skips_and_dislikes_are_not_to_be_found() -> None:
    skipped, disliked = plays([("ann", "c", 1)], "skip"), plays([("ann", "d", 1)], "dislike")

    pairing = paired(pl.concat([skipped, disliked, plays([("bob", "c", 1)])]))

    assert relevant(pairing) == {("bob", "c")}
    assert pairing.asked.user_ids == ("bob",)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        pytest.param(plays([("ann", "a", 1)], "skip"), "nothing in it was played", id="no play"),
        pytest.param(
            plays([("ann", "a", 1), ("cy", "c", 1), ("bob", "gone", 1)]),
            "of 3 pairs of user and track, 2 are known to a bundle as played, and 1 are of tracks",
            id="all known",
        ),
    ],
)
def test_where_nothing_is_left_the_cause_and_the_cure_are_said(
    table: pl.DataFrame, said: str
) -> None:
    with pytest.raises(InvalidData, match=said) as raised:
        paired(table)

    assert raised.value.detail.startswith("later.parquet: ")
    assert "bring plays that are later than both trainings" in raised.value.detail
