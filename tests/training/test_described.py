"""What the loss of the audio predictor costs, where a track's energy is all that is gone by."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from hybridrec.datasets.table import Dataset
from hybridrec.evaluation.ranking import evaluate_rankings
from hybridrec.fusion.calibrated import Fusion
from hybridrec.fusion.meta import MetaLearning
from hybridrec.hybrid import HybridModel
from hybridrec.models.audio import AudioPredictor
from hybridrec.models.nmf import NMFScorer
from hybridrec.models.two_tower import TwoTowerScorer
from hybridrec.schema.names import Floats, Mask
from hybridrec.schema.ragged import offsets_of
from hybridrec.schema.records import AudioFeatures, ItemFeatures, QueryBatch
from hybridrec.training.config import StackConfig
from hybridrec.training.data import Interactions, training_data
from hybridrec.training.described import K, audio_loss
from hybridrec.training.queries import Stack
from hybridrec.training.stack import StackSplit, split_for_stacking

ENERGY = 0

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def plays(tiny_data: Path) -> Interactions:
    dataset = Dataset.load(tiny_data)
    return training_data(dataset.tracks, dataset.interactions).interactions


@pytest.fixture(scope="module")
def split(plays: Interactions) -> StackSplit:
    return split_for_stacking(plays, StackConfig(), np.random.default_rng(3))


@pytest.fixture(scope="module")
def stack(plays: Interactions, split: StackSplit, tiny_model: HybridModel) -> Stack:
    """Half of the tracks have no measured energy."""
    knowledge = tiny_model.knowledge
    audio = knowledge.items.audio.copy()
    audio[:, ENERGY] = np.where(np.arange(len(audio)) % 2, 0.5, np.nan)
    items = replace(knowledge.items, audio=audio)
    return Stack(plays, split, replace(knowledge, items=items), knowledge.sessions)


class ByEnergy:
    """Every stage: scorers say nothing, energy is predicted by the artist, fusion goes by it."""

    def __init__(self) -> None:
        self.asked: list[QueryBatch] = []

    def score(self, queries: QueryBatch, audio: AudioFeatures | None = None) -> None:
        del queries, audio  # nobody looks at what is said

    def complete(self, items: ItemFeatures, wanted: Mask) -> AudioFeatures:
        audio = items.audio.copy()
        gaps = np.isnan(audio[:, ENERGY]) & wanted
        audio[gaps, ENERGY] = predicted(items)[gaps]
        return AudioFeatures.measured(audio)

    def score_all(
        self, queries: QueryBatch, cf: None, content: None, audio: AudioFeatures
    ) -> SimpleNamespace:
        del cf, content
        self.asked.append(queries)
        return SimpleNamespace(scores=np.tile(audio.values[:, ENERGY], len(queries)))


def predicted(items: ItemFeatures) -> Floats:
    return (items.artist_rows % 7 / 7).astype(np.float32)


def loss_of(stack: Stack, stages: ByEnergy) -> tuple[int, float] | None:
    scorers = cast("tuple[NMFScorer, TwoTowerScorer]", (stages, stages))
    fusion, predictor = cast("Fusion[MetaLearning]", stages), cast("AudioPredictor", stages)
    found = audio_loss(stack, scorers, fusion, predictor, np.random.default_rng(0))
    if found is None:
        return None
    assert (found.stage, found.listeners) == ("audio_predictor", "new_tracks")
    assert found.ndcg_at_10.low <= found.ndcg_at_10.mean <= found.ndcg_at_10.high
    return found.n_queries, found.ndcg_at_10.mean


def test_the_loss_is_what_new_tracks_are_ranked_worse_by_without_predictions(
    plays: Interactions, split: StackSplit, stack: Stack
) -> None:
    kept_back = plays.items[split.labels | split.surplus]
    new = np.setdiff1d(kept_back, plays.items[split.base | split.history])
    items = stack.knowledge.items.take(new)
    energy = items.audio[:, ENERGY]
    wanted = [np.flatnonzero(np.isin(new, stack.kept_back(user))) for user in stack.judging]
    wanted = [one.astype(np.int32) for one in wanted if len(one)]

    def ndcg(values: Floats) -> float:
        best = np.argsort(-np.nan_to_num(values, nan=-np.inf), kind="stable")[:K]
        lists = np.tile(best.astype(np.int32), (len(wanted), 1))
        return (
            evaluate_rankings(lists, np.concatenate(wanted), offsets_of(wanted)).mean().ndcg_at_10
        )

    expected = ndcg(energy) - ndcg(np.where(np.isnan(energy), predicted(items), energy))
    assert np.isnan(energy).any()
    assert expected != 0
    found = loss_of(stack, ByEnergy())
    assert found is not None
    assert found[0] == len(wanted)
    assert found[1] == pytest.approx(expected, abs=1e-12)


def test_tracks_are_asked_about_as_a_request_would_describe_them(stack: Stack) -> None:
    stages = ByEnergy()

    loss_of(stack, stages)

    for queries in stages.asked:
        assert (queries.candidate_rows >= len(stack.knowledge.catalog)).all()
        assert (np.diff(queries.offsets) == len(queries.cold_items)).all()
    known = {user for queries in stages.asked for user in queries.user_rows.tolist() if user >= 0}
    assert known
    assert known <= set(stack.judging)


def test_where_no_new_track_lacks_audio_no_loss_is_told(
    plays: Interactions, split: StackSplit, tiny_model: HybridModel
) -> None:
    knowledge = tiny_model.knowledge
    items = replace(knowledge.items, audio=np.full_like(knowledge.items.audio, 0.5))

    whole = Stack(plays, split, replace(knowledge, items=items), knowledge.sessions)

    assert loss_of(whole, ByEnergy()) is None
