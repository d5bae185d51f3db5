"""The model card's slice of tracks that no base model saw."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hybridrec.datasets.table import Dataset
from hybridrec.evaluation.card import ModelCard
from hybridrec.hybrid import HybridModel
from hybridrec.training.calibration import IDENTITY
from hybridrec.training.config import StackConfig
from hybridrec.training.data import training_data
from hybridrec.training.judge import RANKED_BY, STAGES
from hybridrec.training.new_tracks import NewTracks, judge_new_tracks
from hybridrec.training.queries import Stack
from hybridrec.training.scorers import FittedBase
from hybridrec.training.stack import split_for_stacking

EMPTY = ModelCard(quality=(), losses=(), scores=(), shown_scores=(), confidence=(), sureness=())

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def stack(tiny_data: Path, tiny_model: HybridModel) -> Stack:
    dataset = Dataset.load(tiny_data)
    plays = training_data(dataset.tracks, dataset.interactions).interactions
    split = split_for_stacking(plays, StackConfig(), np.random.default_rng(3))
    return Stack(plays, split, tiny_model.knowledge, tiny_model.knowledge.sessions)


@pytest.fixture(scope="module")
def base(tiny_model: HybridModel) -> FittedBase:
    score, confidence = IDENTITY
    return FittedBase(
        cf=replace(tiny_model.cf, calibrator=score, confidence_calibrator=confidence),
        content=replace(tiny_model.content, calibrator=score, confidence_calibrator=confidence),
        curve=tiny_model.card.curves[0],
    )


def judged(stack: Stack, base: FittedBase, model: HybridModel, card: ModelCard) -> ModelCard:
    calibrators = (
        (model.cf.calibrator, model.cf.confidence_calibrator),
        (model.content.calibrator, model.content.confidence_calibrator),
    )
    rng = np.random.default_rng(0)
    return judge_new_tracks(card, stack, base, calibrators, model.fusions, rng)


def test_whoever_calibrates_and_plays_any_is_asked_about_the_same_new_tracks(
    stack: Stack, base: FittedBase
) -> None:
    new = NewTracks.of(stack, np.random.default_rng(0))

    asked = list(new.batches(stack, base.cf, base.content))

    assert set(new.rows.tolist()) == set(stack.new_tracks.tolist())
    assert sorted(new.users) == [
        user for user in stack.judging if np.isin(new.rows, stack.kept_back(user)).any()
    ]
    assert np.concatenate([batch.users for batch in asked]).tolist() == list(new.users)
    of_all = iter(zip(new.users, new.wanted, strict=True))
    for batch in asked:
        assert batch.calibrates.all()
        assert not batch.asks_again.any()
        for query in range(len(batch.queries)):
            part = batch.queries.part(query)
            user, wanted = next(of_all)
            np.testing.assert_array_equal(batch.queries.candidate_rows[part], new.rows)
            np.testing.assert_array_equal(new.rows[batch.played[part]], wanted)
            assert set(wanted.tolist()) <= set(stack.kept_back(user).tolist())


def test_the_card_gains_every_way_but_popularity_and_every_loss(
    stack: Stack, base: FittedBase, tiny_model: HybridModel
) -> None:
    card = judged(stack, base, tiny_model, EMPTY)

    names = [name for name in RANKED_BY if name != "popularity"]
    assert [one.ranked_by for one in card.quality] == names
    assert [one.over for one in card.gains] == names[1:]
    assert [one.stage for one in card.losses] == list(STAGES)
    told = [[one.listeners for one in part] for part in (card.quality, card.gains, card.losses)]
    assert {kind for part in told for kind in part} == {"new_tracks"}
    ndcg = {one.ranked_by: one.ndcg_at_10.mean for one in card.quality}
    for gain in card.gains:
        assert gain.ndcg_at_10.mean == pytest.approx(ndcg["hybrid"] - ndcg[gain.over])
    lost = {one.stage: one.ndcg_at_10.mean for one in card.losses}
    assert lost["meta_fusion"] == pytest.approx(ndcg["confidence_weighted"] - ndcg["hybrid"])


def test_models_that_know_the_plays_rank_such_tracks_better_than_chance(
    stack: Stack, base: FittedBase, tiny_model: HybridModel
) -> None:
    new = NewTracks.of(stack, np.random.default_rng(0))
    wanted = np.mean([len(tracks) for tracks in new.wanted])

    card = judged(stack, base, tiny_model, EMPTY)

    # drawn at random, each place of a list holds a wanted track with this chance
    by_chance = wanted / len(new.rows)
    assert card.quality[0].ndcg_at_10.mean > 1.5 * by_chance


def test_where_no_track_is_new_the_card_stays_as_it_was(
    tiny_data: Path, base: FittedBase, tiny_model: HybridModel
) -> None:
    dataset = Dataset.load(tiny_data)
    plays = training_data(dataset.tracks, dataset.interactions).interactions
    split = split_for_stacking(plays, StackConfig(), np.random.default_rng(3))
    known = replace(split, history=np.ones(len(plays), bool))
    nothing_new = Stack(plays, known, tiny_model.knowledge, tiny_model.knowledge.sessions)

    assert judged(nothing_new, base, tiny_model, EMPTY) is EMPTY
