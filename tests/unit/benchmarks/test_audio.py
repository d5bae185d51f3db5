import numpy as np
import polars as pl
import pytest

pytest.importorskip("lightgbm", reason="the extra `bench` is not installed")

from benchmarks.audio import parts_of
from benchmarks.baselines import trees
from hybridrec.datasets.synthetic import WorldConfig, make_world


@pytest.fixture(scope="module")
def tracks() -> pl.DataFrame:
    options = WorldConfig(n_users=20, n_tracks=600, no_audio_share=0)
    return make_world(options, np.random.default_rng(3)).dataset.tracks


def test_no_artist_that_judges_was_seen(tracks: pl.DataFrame, rng: np.random.Generator) -> None:
    parts = parts_of(tracks["artist"], rng)

    seen = set(tracks["artist"][np.concatenate([parts.fit, parts.validation])])
    assert not seen & set(tracks["artist"][parts.new_artists])
    assert set(tracks["artist"][parts.known_artists]) <= set(tracks["artist"][parts.fit])
    all_rows = (parts.fit, parts.validation, parts.known_artists, parts.new_artists)
    assert sorted(np.concatenate(all_rows).tolist()) == list(range(len(tracks)))


def test_trees_take_the_best_trial_of_each_feature(
    tracks: pl.DataFrame, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trees, "MAX_TREES", 5)
    parts = parts_of(tracks["artist"], rng)

    found = trees.Trees(tracks, parts.fit, parts.validation, seed=1)

    said = found.predict(parts.new_artists)
    assert said.shape == (len(parts.new_artists), 8)
    assert np.isfinite(said).all()
    assert all(1 <= chosen["trees"] <= 5 for chosen in found.chosen.values())
