import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from hybridrec.errors import InvalidData
from hybridrec.evaluation.splits import Split, hold_out_items, hold_out_tracks, hold_out_users
from tests.unit.evaluation.test_splits import TEN_EACH, generator, pairs_of, table

tables = st.lists(
    st.tuples(
        st.sampled_from(["ann", "bob", "carl", "dora"]),
        st.sampled_from([f"t{n}" for n in range(8)]),
        st.none() | st.integers(0, 50),
        st.sampled_from([None, "play", "skip", "like", "dislike", "save"]),
    ),
    max_size=60,
).map(table)


def splits_of(interactions: pl.DataFrame, seed: int) -> list[Split]:
    return [
        hold_out_tracks(interactions, 0.4, 2, None, generator(seed)),
        hold_out_tracks(interactions, 0.4, 2, 2, generator(seed), newest=True),
        hold_out_users(interactions, 2, 2, generator(seed)),
        hold_out_items(interactions, 0.4, 1, generator(seed)),
    ]


@settings(deadline=None, max_examples=50)
@given(interactions=tables, seed=st.integers(0, 99))
def test_no_pair_stands_in_two_parts_and_users_keep_every_row(
    interactions: pl.DataFrame, seed: int
) -> None:
    try:
        splits = splits_of(interactions, seed)
    except InvalidData:
        return

    for split in splits:
        assert not pairs_of(split.train) & pairs_of(split.test)
        assert not pairs_of(split.history) & pairs_of(split.test)
        assert not set(split.train["user_id"]) & set(split.history["user_id"])
        assert "dislike" not in split.test["event"].to_list()
    for split in splits[:3]:
        whole = pl.concat([split.train, split.history, split.test])
        assert_frame_equal(whole, interactions, check_row_order=False)
        known = pl.concat([split.train, split.history])
        assert set(split.test["user_id"]) <= set(known["user_id"])
    assert set(splits[3].test["user_id"]) <= set(splits[3].train["user_id"])


def test_a_seed_gives_the_same_split_whatever_the_order_of_the_rows() -> None:
    shuffled = TEN_EACH.sample(fraction=1, shuffle=True, seed=5)

    for ours, theirs, other in zip(
        splits_of(TEN_EACH, 3), splits_of(shuffled, 3), splits_of(TEN_EACH, 4), strict=True
    ):
        assert pairs_of(ours.test) == pairs_of(theirs.test)
        assert pairs_of(ours.train) == pairs_of(theirs.train)
        assert pairs_of(ours.test) != pairs_of(other.test)
