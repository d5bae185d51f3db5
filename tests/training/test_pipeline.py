from hashlib import sha256
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from hybridrec.datasets.synthetic import WorldConfig, make_world
from hybridrec.datasets.table import Dataset
from hybridrec.errors import InvalidData
from hybridrec.features.hours import MIN_DATED_PLAYS
from hybridrec.hybrid import HybridModel
from hybridrec.schema.names import AUDIO_FEATURES
from hybridrec.schema.wire import InlineTrack, RecommendRequest, ScoresRequest
from hybridrec.training.config import (
    AudioConfig,
    FusionConfig,
    NMFConfig,
    TrainConfig,
    TwoTowerConfig,
)
from hybridrec.training.pipeline import train
from tests.conftest import NOW

pytestmark = pytest.mark.slow

QUICK = TrainConfig(
    nmf=NMFConfig(n_factors=8, n_sweeps=2),
    two_tower=TwoTowerConfig(embedding_size=8, hidden_size=8, n_epochs=1),
    audio=AudioConfig(n_name_rows=64, hidden_size=8, max_epochs=1),
    fusion=FusionConfig(hidden_size=4, n_epochs=1, n_reference_items=16),
)

FITTED = ("co-listening", "factors", "towers")


@pytest.fixture(scope="module")
def told() -> dict[str, list[float]]:
    """Progress by stage."""
    return {}


@pytest.fixture(scope="module")
def bare_model(
    told: dict[str, list[float]], tmp_path_factory: pytest.TempPathFactory
) -> HybridModel:
    """Trained on counts of plays alone: no time, no audio, some names; saved and loaded again."""
    world = make_world(WorldConfig(n_users=50, n_tracks=80), np.random.default_rng(1)).dataset
    bare = Dataset(
        world.tracks.with_columns(
            *(pl.lit(None, pl.Float32()).alias(name) for name in (*AUDIO_FEATURES, "loudness")),
            *(
                pl.when(pl.int_range(pl.len()) % 5 > 0).then(name).alias(name)
                for name in ("title", "artist")
            ),
        ),
        world.interactions.with_columns(
            pl.lit(None, world.interactions.schema["timestamp"]).alias("timestamp")
        ),
    )

    def listen(stage: str, done: float) -> None:
        told.setdefault(stage, []).append(done)

    path = tmp_path_factory.mktemp("bare") / "bundle"
    train(bare, QUICK, 3, NOW, listen).save(path)
    return HybridModel.load(path)


def test_without_audio_the_stage_is_absent_and_all_else_answers(bare_model: HybridModel) -> None:
    user = bare_model.knowledge.users.ids[0]

    answer = bare_model.get_recommendations(RecommendRequest(user_id=user, k=5))

    assert bare_model.audio is None
    assert answer.stages["audio_predictor"].status == "absent"
    assert answer.degraded == []
    assert len(answer.items) == 5
    assert {item.method for item in answer.items} <= {"hybrid", "content"}
    assert not any(item.audio.predicted for item in answer.items)


def test_tracks_without_title_and_artist_are_answered_by_their_ids(
    bare_model: HybridModel,
) -> None:
    ids = bare_model.knowledge.catalog.tracks.ids
    asked = {"user_id": bare_model.knowledge.users.ids[0], "candidates": ids, "k": 50}

    answer = bare_model.get_recommendations(RecommendRequest.model_validate(asked))

    nameless = [item for item in answer.items if item.title is None]
    assert nameless
    assert {item.track_id for item in nameless} <= set(ids[::5])
    assert all(item.artist is None for item in nameless)
    assert not any("None" in (item.explanation or "") for item in answer.items)


def test_without_audio_a_new_track_is_scored_by_the_rest(bare_model: HybridModel) -> None:
    new = InlineTrack(track_id="new", title="New", artist="Somebody", genres=["rock"])
    user = bare_model.knowledge.users.ids[0]

    (item,) = bare_model.predict(ScoresRequest(user_id=user, candidates=[new])).items

    assert item.score is not None
    assert (item.method, item.audio.predicted, item.audio.confidence) == ("content", False, 0)


def test_without_times_no_session_is_known(bare_model: HybridModel) -> None:
    user = bare_model.knowledge.users.ids[0]

    answer = bare_model.get_recommendations(RecommendRequest(user_id=user))

    assert set(answer.metadata.session_features.values()) == {None}
    assert bare_model.provenance.data_cut_off is None


def test_without_times_nobody_has_hours(bare_model: HybridModel) -> None:
    assert not bare_model.knowledge.listening_hours.any()


def test_a_session_that_training_never_saw_changes_nothing(bare_model: HybridModel) -> None:
    plain = RecommendRequest(user_id=bare_model.knowledge.users.ids[0])
    told_of = RecommendRequest.model_validate(
        plain.model_dump() | {"session": {"skip_rate": 0.9, "user_type": "explorer"}}
    )

    answers = [bare_model.get_recommendations(request) for request in (plain, told_of)]

    assert answers[0].items == answers[1].items


def test_progress_of_every_stage_reaches_one(
    bare_model: HybridModel, told: dict[str, list[float]]
) -> None:
    assert bare_model.provenance.counts["n_tracks"] == 80
    fits = {f"{what} {which}" for what in FITTED for which in ("on a part", "on everything")}
    assert set(told) == {*fits, "candidates of the fusion", "fusion", "evaluation"}
    assert all(done[-1] == 1.0 for done in told.values())
    assert all(done == sorted(done) for done in told.values())  # no bar ever goes back
    assert all(0 <= one <= 1 for done in told.values() for one in done)


def test_the_hybrid_beats_popularity_on_what_training_held_out(tiny_model: HybridModel) -> None:
    figures = tiny_model.provenance.evaluation

    for figure in ("ndcg_at_10", "recall_at_20"):
        assert figures[f"hybrid_{figure}"] > figures[f"popularity_{figure}"] > 0


def test_the_bundle_says_what_it_was_trained_on(tiny_model: HybridModel, tiny_data: Path) -> None:
    dataset = Dataset.load(tiny_data)
    provenance = tiny_model.provenance

    assert provenance.created == NOW.isoformat()
    assert provenance.config["seed"] == 0
    assert provenance.counts["n_users"] == dataset.n_users
    assert provenance.counts["n_tracks"] == len(dataset.tracks)
    lines = dataset.tracks.write_ndjson() + dataset.interactions.write_ndjson()
    assert provenance.data_fingerprint == sha256(lines.encode()).hexdigest()
    assert provenance.data_cut_off is not None
    assert provenance.data_cut_off.startswith(
        dataset.interactions["timestamp"].dt.max().strftime("%Y-%m-%d")  # type: ignore[union-attr]  # a log with times has a newest
    )


def test_the_bundle_knows_when_each_listener_mostly_listens(
    tiny_model: HybridModel, tiny_data: Path
) -> None:
    plays = Dataset.load(tiny_data).interactions.filter(
        pl.col("event").is_null() | (pl.col("event") == "play")
    )
    by_user = dict(plays.group_by("user_id").agg(pl.col("timestamp").dt.hour()).iter_rows())
    users, hours = tiny_model.knowledge.users.ids, tiny_model.knowledge.listening_hours

    assert hours.shape == (len(users), 24)
    for user, primary in zip(users, hours, strict=True):
        counts = np.bincount(by_user[user], minlength=24)
        if counts.sum() < MIN_DATED_PLAYS:
            assert not primary.any()
        else:
            assert 2 * counts[primary].sum() >= counts.sum()
            assert counts[primary].min() >= counts[~primary].max()
    assert hours.any(axis=1).mean() > 0.5


def test_all_that_tables_tell_of_tracks_is_in_the_bundle(
    tiny_model: HybridModel, tiny_data: Path
) -> None:
    told, kept = Dataset.load(tiny_data).tracks, tiny_model.knowledge.catalog.table

    assert kept.equals(told)
    for column in ("loudness", "key", "mode"):
        assert 0 < kept[column].null_count() < len(kept)


def test_too_few_plays_to_learn_from_are_refused() -> None:
    world = make_world(WorldConfig(n_users=20, n_tracks=40), np.random.default_rng(1)).dataset
    one_each = Dataset(world.tracks, world.interactions.unique("user_id", maintain_order=True))

    with pytest.raises(InvalidData, match="at least 5 tracks"):
        train(one_each, QUICK, 0, NOW, lambda _stage, _done: None)
