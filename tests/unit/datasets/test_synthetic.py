from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hybridrec.datasets.discography import make_discography
from hybridrec.datasets.synthetic import USER_TYPES, World, WorldConfig, load_truth, make_world
from hybridrec.datasets.table import Dataset
from hybridrec.errors import InvalidConfig, InvalidData
from hybridrec.schema.names import Rows

SMALL = WorldConfig(n_users=400, n_tracks=600)


def world_of(config: WorldConfig, seed: int = 7) -> World:
    return make_world(config, np.random.default_rng(seed))


def replace_exponent(exponent: float) -> WorldConfig:
    return SMALL.model_copy(update={"popularity_exponent": exponent})


@pytest.fixture(scope="module")
def world() -> World:
    return world_of(SMALL)


@pytest.fixture(scope="module")
def plays(world: World) -> pl.DataFrame:
    """Plays with the rows of their user and track, and the track's artist."""
    tracks = world.dataset.tracks.with_row_index("track_row").select(
        "track_id", "track_row", "artist"
    )
    users = pl.DataFrame({"user_id": world.truth.user_ids}).with_row_index("user_row")
    played = world.dataset.interactions.filter(pl.col("plays") > 0)
    return played.join(tracks, on="track_id").join(users, on="user_id")


@pytest.fixture(scope="module")
def by_type(world: World, plays: pl.DataFrame) -> dict[str, dict[str, float]]:
    """Mean habits of the users of each type."""
    habits = plays.group_by("user_row").agg(
        repeat_rate=1 - pl.col("track_id").n_unique() / pl.len(),
        new_artists=pl.col("artist").n_unique() / pl.len(),
        library=pl.col("track_id").n_unique(),
    )
    types = world.truth.user_types[habits["user_row"].to_numpy()]
    named = habits.with_columns(user_type=pl.Series([USER_TYPES[place].name for place in types]))
    means = named.group_by("user_type").mean()
    return {row["user_type"]: row for row in means.iter_rows(named=True)}


def all_users(world: World) -> Rows:
    return np.arange(len(world.user_truth), dtype=np.int32)


def test_the_same_seed_gives_the_same_world(world: World) -> None:
    again = world_of(SMALL)

    assert again.dataset.tracks.equals(world.dataset.tracks)
    assert again.dataset.interactions.equals(world.dataset.interactions)
    assert np.array_equal(again.user_truth, world.user_truth)


def test_another_seed_gives_another_world(world: World) -> None:
    assert not world_of(SMALL, seed=8).dataset.tracks.equals(world.dataset.tracks)


@settings(max_examples=15, deadline=None)
@given(
    n_users=st.integers(5, 60),
    n_tracks=st.integers(20, 120),
    n_days=st.integers(7, 40),
    seed=st.integers(0, 2**32),
)
def test_a_world_of_any_size_is_a_dataset(
    n_users: int, n_tracks: int, n_days: int, seed: int
) -> None:
    config = WorldConfig(n_users=n_users, n_tracks=n_tracks, n_days=n_days)

    world_of(config, seed).dataset.check()


def test_a_world_in_which_nobody_plays_is_refused() -> None:
    with pytest.raises(InvalidConfig, match="nobody plays"):
        world_of(WorldConfig(n_users=1, n_tracks=20, median_library=1e-6))


def test_a_world_survives_saving(tmp_path: Path, world: World) -> None:
    world.save(tmp_path)

    truth, dataset = load_truth(tmp_path), Dataset.load(tmp_path)
    assert dataset.tracks.equals(world.dataset.tracks)
    assert dataset.interactions.equals(world.dataset.interactions)
    rows = all_users(world)
    assert np.array_equal(truth.true_affinity(rows), world.true_affinity(rows))


@pytest.mark.parametrize(
    "content", [pytest.param(None, id="absent"), pytest.param(b"nothing", id="damaged")]
)
def test_a_truth_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "truth.safetensors").write_bytes(content)

    with pytest.raises(InvalidData, match=r"truth\.safetensors.*hybridrec data synth"):
        load_truth(tmp_path)


def test_plays_happen_as_often_as_the_truth_says(world: World, plays: pl.DataFrame) -> None:
    probability = world.truth.play_probability(all_users(world))  # (n_users, n_tracks)
    played = np.zeros(probability.shape, bool)
    played[plays["user_row"].to_numpy(), plays["track_row"].to_numpy()] = True

    for low, high in ((0.02, 0.1), (0.1, 0.3), (0.3, 0.6), (0.6, 0.9)):
        group = (probability >= low) & (probability < high)
        spread = np.sqrt(0.25 / group.sum())  # of a mean of independent draws, at most
        assert abs(played[group].mean() - probability[group].mean()) < 4 * spread


def test_cold_tracks_are_never_heard(world: World) -> None:
    cold = world.dataset.tracks["track_id"].filter(pl.Series(world.truth.is_cold))

    assert len(cold) == round(SMALL.cold_share * SMALL.n_tracks)
    assert not world.dataset.interactions["track_id"].is_in(cold.implode()).any()


def test_libraries_are_as_large_as_configured(plays: pl.DataFrame) -> None:
    library = plays.group_by("user_row").agg(pl.col("track_id").n_unique())["track_id"]

    assert 28 <= float(np.median(library.to_numpy())) <= 42
    assert int(library.to_numpy().max()) > 80


def test_explorers_and_loyalists_differ(by_type: dict[str, dict[str, float]]) -> None:
    explorer, loyalist = by_type["explorer"], by_type["loyalist"]

    assert explorer["repeat_rate"] < 0.35
    assert loyalist["repeat_rate"] > 0.6
    assert explorer["new_artists"] > 2 * loyalist["new_artists"]


def test_what_is_less_liked_is_skipped_more(world: World) -> None:
    log = world.dataset.interactions
    user = log["user_id"].str.slice(1).cast(pl.Int32).to_numpy()
    track = log["track_id"].str.slice(1).cast(pl.Int32).to_numpy()
    liking = world.true_affinity(all_users(world))[user, track]
    is_skip = (log["event"] == "skip").to_numpy()

    assert liking[is_skip].mean() < liking[~is_skip].mean() - 1


def test_sessions_have_3_to_20_listens_and_do_not_overlap(world: World) -> None:
    gap_s = pl.col("timestamp").diff().over("user_id").dt.total_seconds()
    log = world.dataset.interactions.sort("user_id", "timestamp")
    session = (gap_s.is_null() | (gap_s > 1_800)).cum_sum()

    lengths = log.with_columns(session=session).group_by("session").len()["len"].to_numpy()

    assert lengths.min() >= 3
    assert lengths.max() <= 20
    assert int(log.select(gap_s.min()).item()) > 0


def test_the_log_covers_its_days(world: World) -> None:
    moments = world.dataset.interactions["timestamp"].to_list()

    assert moments[0] >= SMALL.start
    assert moments[-1] < SMALL.start + timedelta(days=SMALL.n_days + 2)


def test_gaps_are_as_wide_as_configured(world: World) -> None:
    tracks = world.dataset.tracks

    assert tracks["loudness"].null_count() / len(tracks) == pytest.approx(0.3, abs=0.06)
    assert (tracks["genres"].list.len() == 0).mean() == pytest.approx(0.1, abs=0.04)
    assert (tracks["moods"].list.len() == 0).mean() == pytest.approx(0.4, abs=0.06)
    assert tracks["energy"].null_count() > tracks["loudness"].null_count()


def test_titles_and_artists_are_many(world: World) -> None:
    tracks = world.dataset.tracks

    assert tracks["title"].n_unique() > 0.85 * len(tracks)
    assert tracks["artist"].n_unique() > len(tracks) / 15


def test_the_popularity_of_tracks_follows_zipfs_law() -> None:
    tracks = make_discography(replace_exponent(0.9), np.random.default_rng(7))

    popularity = np.sort(tracks.log_popularity)[::-1]
    ranks = np.log(np.arange(1, len(popularity) + 1))
    slope, _ = np.polyfit(ranks, popularity, 1)
    assert slope == pytest.approx(-0.9)
    assert np.corrcoef(ranks, popularity)[0, 1] == pytest.approx(-1)


def test_few_tracks_take_most_plays_because_of_that_law() -> None:
    shares = []
    for exponent in (0.9, 0.0):
        played = world_of(replace_exponent(exponent)).dataset.interactions
        listed = played.filter(pl.col("plays") > 0)["track_id"].value_counts()["count"]
        counts = np.sort(listed.to_numpy())[::-1]
        shares.append(counts[: SMALL.n_tracks // 10].sum() / counts.sum())

    lawful, level = shares
    # the share of a tenth of the tracks: tastes alone make it uneven, the law a quarter more
    assert lawful > 1.25 * level
