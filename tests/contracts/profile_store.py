"""What every ``ProfileStore`` promises; each implementation's tests subclass it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hybridrec.errors import StageUnavailable
from hybridrec.protocols import ProfileStore
from hybridrec.schema.profile import Interaction, Profile
from hybridrec.schema.tables import EVENTS

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

ids = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
quantities = st.floats(0, 1e9)
moments = st.datetimes(
    datetime(1900, 1, 1),  # noqa: DTZ001  the strategy adds the zone
    timezones=st.integers(-14 * 60, 14 * 60).map(lambda n: timezone(timedelta(minutes=n))),
)
interactions = st.builds(
    Interaction,
    user_id=ids,
    track_id=ids,
    plays=quantities,
    event=st.none() | st.sampled_from(EVENTS),
    timestamp=st.none() | moments,
    ms_played=st.none() | quantities,
)


def play(user_id: str, track_id: str, minute: int | None = None) -> Interaction:
    stamp = None if minute is None else NOON + timedelta(minutes=minute)
    return Interaction(user_id, track_id, plays=1, event="play", timestamp=stamp)


def tracks_of(store: ProfileStore, user_id: str, limit: int = 200) -> list[str]:
    return [found.track_id for found in store.interactions(user_id, limit)]


class ProfileStoreContract:
    """Subclass it as ``Test…`` and override the fixture with an empty store."""

    @pytest.fixture
    def store(self) -> Iterator[ProfileStore]:
        raise NotImplementedError

    def test_a_stranger_has_no_profile_no_interactions_and_no_tombstone(
        self, store: ProfileStore
    ) -> None:
        assert store.profile("ann") is None
        assert store.interactions("ann") == ()
        assert not store.is_erased("ann")

    def test_a_profile_comes_back_as_it_was_put(self, store: ProfileStore) -> None:
        profile = Profile("ann", ("shoegaze", "música, popular"), ("wistful",))

        store.put_profile(profile)

        assert store.profile("ann") == profile

    def test_a_profile_replaces_the_one_before(self, store: ProfileStore) -> None:
        store.put_profile(Profile("ann", ("jazz",), ("calm",)))
        store.put_profile(Profile("ann"))

        assert store.profile("ann") == Profile("ann")

    def test_interactions_come_back_oldest_first(self, store: ProfileStore) -> None:
        store.add_interactions([play("ann", "late", 9), play("ann", "early", 1)])
        store.add_interactions([play("ann", "middle", 5)])

        assert tracks_of(store, "ann") == ["early", "middle", "late"]

    def test_equal_timestamps_keep_the_order_of_arrival(self, store: ProfileStore) -> None:
        store.add_interactions([play("ann", "b", 1), play("ann", "a", 1)])
        store.add_interactions([play("ann", "c", 1)])

        assert tracks_of(store, "ann") == ["b", "a", "c"]

    def test_no_timestamp_is_older_than_any(self, store: ProfileStore) -> None:
        store.add_interactions([play("ann", "dated", -(10**9) // 60), play("ann", "b")])
        store.add_interactions([play("ann", "a")])

        assert tracks_of(store, "ann") == ["b", "a", "dated"]

    def test_a_limit_keeps_the_newest(self, store: ProfileStore) -> None:
        store.add_interactions([play("ann", str(minute), minute) for minute in range(250)])

        assert tracks_of(store, "ann", limit=3) == ["247", "248", "249"]
        assert len(store.interactions("ann")) == 200

    @pytest.mark.parametrize("limit", [0, -1])
    def test_a_limit_below_one_is_refused(self, store: ProfileStore, limit: int) -> None:
        with pytest.raises(ValueError, match="below 1"):
            store.interactions("ann", limit)

    def test_the_same_listen_twice_is_two_interactions(self, store: ProfileStore) -> None:
        store.add_interactions([play("ann", "a", 1)] * 2)

        assert tracks_of(store, "ann") == ["a", "a"]

    def test_users_are_kept_apart(self, store: ProfileStore) -> None:
        store.add_interactions([play("ann", "a"), play("bob", "b"), play("Ann", "c")])
        store.put_profile(Profile("bob", ("jazz",)))

        assert tracks_of(store, "ann") == ["a"]
        assert store.profile("ann") is None

    def test_no_interactions_are_added_without_complaint(self, store: ProfileStore) -> None:
        store.add_interactions([])

        assert store.interactions("ann") == ()

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(added=interactions)
    def test_an_interaction_comes_back_as_it_was_added(
        self, store: ProfileStore, added: Interaction
    ) -> None:
        store.add_interactions([added])

        found = store.interactions(added.user_id, 10_000)

        assert added in found
        assert all(one.timestamp is None or one.timestamp.tzinfo is UTC for one in found)
        store.erase(added.user_id)
        assert store.interactions(added.user_id) == ()

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(profile=st.builds(Profile, ids, st.tuples(ids, ids), st.tuples(ids)))
    def test_any_profile_comes_back_as_it_was_put(
        self, store: ProfileStore, profile: Profile
    ) -> None:
        store.put_profile(profile)

        assert store.profile(profile.user_id) == profile

    def test_erasure_removes_all_of_one_user_and_leaves_a_tombstone(
        self, store: ProfileStore
    ) -> None:
        for user_id in ("ann", "bob"):
            store.put_profile(Profile(user_id, ("jazz",)))
            store.add_interactions([play(user_id, "a")])

        store.erase("ann")

        assert store.profile("ann") is None
        assert store.interactions("ann") == ()
        assert store.is_erased("ann")
        assert store.profile("bob") == Profile("bob", ("jazz",))
        assert tracks_of(store, "bob") == ["a"]
        assert not store.is_erased("bob")

    def test_a_user_without_rows_can_be_erased_and_erased_again(self, store: ProfileStore) -> None:
        store.erase("ann")
        store.erase("ann")

        assert store.is_erased("ann")

    def test_a_user_who_comes_back_starts_afresh_under_the_tombstone(
        self, store: ProfileStore
    ) -> None:
        store.add_interactions([play("ann", "before")])
        store.erase("ann")

        store.add_interactions([play("ann", "after")])
        store.put_profile(Profile("ann", ("jazz",)))

        assert tracks_of(store, "ann") == ["after"]
        assert store.profile("ann") == Profile("ann", ("jazz",))
        assert store.is_erased("ann")

    def test_threads_may_share_a_store(self, store: ProfileStore) -> None:
        def listen(thread: int) -> int:
            for turn in range(20):
                store.add_interactions([play("all", f"{thread}-{turn}"), play(f"{thread}", "own")])
                store.put_profile(Profile("all", (str(thread),)))
                store.interactions("all")
            return len(store.interactions(str(thread)))

        with ThreadPoolExecutor(8) as threads:
            counts = list(threads.map(listen, range(8)))

        assert counts == [20] * 8
        assert len(set(tracks_of(store, "all"))) == 160
        profile = store.profile("all")
        assert profile is not None
        assert profile.preferred_genres in {(str(thread),) for thread in range(8)}

    def test_a_closed_store_says_so_and_may_be_closed_again(self, store: ProfileStore) -> None:
        store.close()
        store.close()

        with pytest.raises(StageUnavailable, match="closed"):
            store.profile("ann")
