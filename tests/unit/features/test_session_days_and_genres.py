import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybridrec.features.session import DAY_S, MIN_PLAYS, Listening, TrackFacts, session_features
from hybridrec.schema.names import SESSION_FEATURES

N_TRACKS = 6


def facts(genres: list[int]) -> TrackFacts:
    """Tracks of one genre each, all by one artist of their own."""
    n = len(genres)
    return TrackFacts(
        artist_rows=np.arange(1, n + 1, dtype=np.int32),
        genre_rows=np.array(genres, np.int32)[:, None],
        popularity=np.linspace(0, 1, n, dtype=np.float32),
        year=np.full(n, np.nan, np.float32),
        streaks=np.array([1, 2, 3], np.float32),
    )


def listening(days: list[int], rows: list[int], skipped: list[int]) -> Listening:
    """An event a day at noon."""
    return Listening(
        times=np.array(days, np.float64) * DAY_S + DAY_S / 2,
        rows=np.array(rows, np.int32),
        ms_played=np.full(len(days), 60_000, np.float32),
        skipped=np.array(skipped, bool),
    )


def feature(name: str, events: Listening, known: TrackFacts) -> float:
    return float(session_features(events, known)[SESSION_FEATURES.index(name)])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("active_days", 5),
        ("plays_per_day", 1),
        ("session_density", 7 / 5),
        ("longest_streak_percentile", 2 / 3),
        ("skip_rate", 2 / 7),
    ],
)
def test_a_day_of_skips_alone_is_no_active_day(name: str, value: float) -> None:
    # plays on days 0, 1, 3, 4 and 6; only skips on 2 and 5
    events = listening([0, 1, 2, 3, 4, 5, 6], [0, 1, 2, 3, 4, 5, 0], [0, 0, 1, 0, 0, 1, 0])

    assert feature(name, events, facts([2] * N_TRACKS)) == pytest.approx(value, abs=1e-6)  # float32


def test_even_listening_to_every_genre_is_as_diverse_as_can_be() -> None:
    events = listening([0, 1, 2, 3, 4, 5], [0, 1, 2, 3, 4, 5], [0] * 6)

    diversity = feature("genre_diversity", events, facts([2, 2, 3, 3, 4, 4]))

    assert diversity == pytest.approx(1, abs=1e-6)  # float32


@pytest.mark.parametrize(
    ("genres", "other"),
    [([2, 2, 3, 3, 4, 4], [4, 4, 2, 2, 3, 3]), ([2, 2, 2, 3, 3, 4], [4, 4, 4, 3, 3, 2])],
    ids=["even", "uneven"],
)
def test_diversity_does_not_depend_on_which_row_a_genre_has(
    genres: list[int], other: list[int]
) -> None:
    events = listening([0, 1, 2, 3, 4], [0, 1, 2, 2, 3], [0] * 5)

    one = feature("genre_diversity", events, facts(genres))
    swapped = feature("genre_diversity", events, facts(other))

    assert one == pytest.approx(swapped, abs=1e-6)  # float32


def test_a_catalogue_of_one_genre_has_no_diversity_and_one_without_genres_none_known() -> None:
    events = listening([0, 1, 2, 3, 4], [0, 1, 2, 3, 4], [0] * 5)

    assert feature("genre_diversity", events, facts([2] * N_TRACKS)) == 0
    assert np.isnan(feature("genre_diversity", events, facts([0] * N_TRACKS)))
    assert np.isnan(feature("genre_diversity", events, facts([1] * N_TRACKS)))


def test_the_user_type_has_its_limits() -> None:
    explores = listening([0, 1, 2, 3, 4, 5], [0, 1, 2, 3, 4, 5], [0] * 6)
    balanced = listening([0, 1, 2, 3, 4, 5], [0, 1, 2, 0, 1, 2], [0] * 6)

    assert feature("is_explorer", explores, facts([2] * N_TRACKS)) == 1
    assert feature("is_explorer", balanced, facts([2] * N_TRACKS)) == 0
    assert feature("is_loyalist", balanced, facts([2] * N_TRACKS)) == 0


SHARES = [
    "discovery_rate_per_active_week",
    "exploration_score",
    "novelty_seeking",
    "repeat_rate",
    "skip_rate",
    "genre_diversity",
    "temporal_consistency",
    "mainstream_score",
    "longest_streak_percentile",
]


@given(
    log=st.lists(
        st.tuples(st.integers(0, 40), st.integers(0, N_TRACKS - 1), st.integers(0, 1)),
        min_size=MIN_PLAYS,
        max_size=40,
    )
)
def test_shares_lie_between_0_and_1_for_any_log(log: list[tuple[int, int, int]]) -> None:
    days, rows, skipped = (list(column) for column in zip(*sorted(log), strict=True))

    values = session_features(listening(days, rows, skipped), facts([0, 1, 2, 3, 3, 4]))

    if len(log) - sum(skipped) < MIN_PLAYS:
        assert np.isnan(values).all()
    else:
        shares = values[[SESSION_FEATURES.index(name) for name in SHARES]]
        known = shares[~np.isnan(shares)]
        assert len(known) >= len(SHARES) - 1  # genres alone may be unknown
        assert (known >= -1e-6).all()  # float32 of an entropy
        assert (known <= 1 + 1e-6).all()
