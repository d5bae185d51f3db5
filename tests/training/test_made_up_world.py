"""The benchmark of quality in a world whose truth is known: how near to it, and by what leak not.

The same code as ``python -m benchmarks.quality``, on a smaller world.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal

import numpy as np
import pytest

from benchmarks.quality.entrants import Entrant, ways_of
from benchmarks.quality.exam import Exam
from benchmarks.quality.figures import Row, SliceResult, slice_results
from benchmarks.quality.oracle import ORACLE, oracle_of
from hybridrec.assessment.ways import HYBRID, AsServed
from hybridrec.datasets.listeners import USER_TYPES
from hybridrec.datasets.synthetic import World, WorldConfig, make_world
from hybridrec.datasets.table import Dataset
from hybridrec.evaluation.card import distance_of
from hybridrec.evaluation.protocol import Protocol, ProtocolConfig, SliceName, draw_protocol
from hybridrec.hybrid import HybridModel
from hybridrec.schema.names import SESSION_FEATURES, Floats
from hybridrec.schema.wire import ScoresRequest, Session
from hybridrec.training.config import (
    AudioConfig,
    NMFConfig,
    StackConfig,
    TrainConfig,
    TwoTowerConfig,
)
from hybridrec.training.data import Interactions
from hybridrec.training.pipeline import Parting, train
from hybridrec.training.stack import StackSplit, split_for_stacking
from hybridrec.vocabulary import Vocabulary

pytestmark = pytest.mark.slow

CONFIG = TrainConfig(
    nmf=NMFConfig(n_factors=64),
    two_tower=TwoTowerConfig(n_epochs=40),
    audio=AudioConfig(min_tracks=10_000),  # no predictor: it has no part in this
)
LEAKY = "leaky"
LEAST_OF_ORACLE: dict[SliceName, float] = {"warm": 0.6, "new_user": 0.6, "new_track": 0.55}
N_ASKING, N_CANDIDATES = 100, 50


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(WorldConfig(n_users=1000, n_tracks=800), np.random.default_rng(0))


@pytest.fixture(scope="module")
def protocol(world: World) -> Protocol:
    tables = world.dataset.tracks, world.dataset.interactions
    return draw_protocol(*tables, ProtocolConfig(), np.random.default_rng(1))


@pytest.fixture(scope="module")
def honest(protocol: Protocol) -> HybridModel:
    return trained(protocol, split_for_stacking)


@pytest.fixture(scope="module")
def found(world: World, protocol: Protocol, honest: HybridModel) -> dict[SliceName, SliceResult]:
    """Judges the hybrid, one whose fusion learnt from in-sample scores, and the truth."""
    exam = Exam.of(protocol)
    entrants = {
        HYBRID: asked(honest, protocol),
        LEAKY: replace(asked(trained(protocol, in_sample), protocol), kind="part"),
        ORACLE: oracle_of(exam, world.truth),
    }
    return slice_results(exam, entrants, np.random.default_rng(2))


def trained(protocol: Protocol, part: Parting) -> HybridModel:
    known = Dataset(protocol.tracks, protocol.train)
    return train(known, CONFIG, 1, datetime.now(UTC), lambda _what, _done: None, part)


def asked(model: HybridModel, protocol: Protocol) -> Entrant:
    return ways_of(model, protocol, lambda _what: None, [AsServed(HYBRID)])[HYBRID]


def in_sample(plays: Interactions, config: StackConfig, rng: np.random.Generator) -> StackSplit:
    """The leak: base models are fitted on the labels too, and remember them."""
    split = split_for_stacking(plays, config, rng)
    return replace(split, base=np.ones(len(plays), bool))


def ndcg(row: Row) -> float:
    figure = row.measures["ndcg_at_10"]
    assert figure is not None
    return figure.mean


@pytest.mark.parametrize("name", LEAST_OF_ORACLE)
def test_the_hybrid_is_near_the_best_that_anybody_could_do(
    found: dict[SliceName, SliceResult], name: SliceName
) -> None:
    rows = found[name].rows

    assert ndcg(rows[ORACLE]) > ndcg(rows[HYBRID]) > LEAST_OF_ORACLE[name] * ndcg(rows[ORACLE])


def test_a_fusion_that_learns_from_in_sample_scores_is_clearly_worse(
    found: dict[SliceName, SliceResult],
) -> None:
    leaky = found["warm"].rows[LEAKY]

    lost = leaky.differences["ndcg_at_10"]
    assert lost is not None
    assert lost.low > 0
    assert lost.mean > 0.1 * ndcg(found["warm"].rows[HYBRID])


def test_confidence_of_each_group_is_what_is_found_on_other_users(honest: HybridModel) -> None:
    with_history, strangers = honest.card.confidence

    assert (with_history.listeners, strangers.listeners) == ("all", "few_plays")
    assert distance_of(with_history.groups) < 0.1
    assert distance_of(strangers.groups) < 0.1


def test_the_loss_of_the_better_half_costs_most(honest: HybridModel) -> None:
    figures = honest.provenance.evaluation
    of_all = [row for row in honest.card.losses if row.listeners == "all"]
    costs = {row.stage: row.ndcg_at_10 for row in of_all}

    # in this world factors are better than towers; costs are below 0, and their intervals apart
    assert figures["cf_ndcg_at_10"] > figures["content_ndcg_at_10"] + 0.04
    assert costs["nmf_scorer"].high < costs["two_tower_scorer"].low


def test_whichever_source_is_lost_the_other_ranks_better_than_popularity(
    honest: HybridModel,
) -> None:
    ndcg = {(row.listeners, row.ranked_by): row.ndcg_at_10.mean for row in honest.card.quality}

    left = {
        (row.listeners, row.stage): ndcg[row.listeners, "hybrid"] + row.ndcg_at_10.mean
        for row in honest.card.losses
        if row.stage in ("nmf_scorer", "two_tower_scorer")
        and row.listeners != "new_tracks"  # of what nobody has played popularity says nothing
    }
    assert {kind for kind, _ in left} == {"all", "known", "new", "few_plays"}
    assert all(found > ndcg[kind, "popularity"] for (kind, _), found in left.items())


def test_sessions_of_explorers_and_of_loyalists_move_the_share_of_the_collaborative_source(
    world: World, honest: HybridModel
) -> None:
    asking = honest.knowledge.users.ids[:N_ASKING]

    moved = shares(honest, asking, typical(world, honest, "explorer")) - shares(
        honest, asking, typical(world, honest, "loyalist")
    )

    # the same listeners and tracks, so whatever moved did by the session: five standard errors,
    # and a hundredth of the score at least
    assert abs(moved.mean()) > max(0.01, 5 * moved.std() / np.sqrt(N_ASKING))


def typical(world: World, model: HybridModel, kind: Literal["explorer", "loyalist"]) -> Session:
    """The mean session of the listeners whom the world made of a kind."""
    place = [one.name for one in USER_TYPES].index(kind)
    rows = Vocabulary(world.truth.user_ids).rows(model.knowledge.users.ids)
    sessions = model.knowledge.sessions[world.truth.user_types[rows] == place]
    said = dict(zip(SESSION_FEATURES, np.nanmean(sessions, axis=0).tolist(), strict=True))
    return Session(**{name: said[name] for name in said if name in Session.model_fields})


def shares(model: HybridModel, user_ids: Sequence[str], session: Session) -> Floats:
    """What each listener's scores of the same tracks owe to the collaborative source."""
    candidates = model.knowledge.catalog.tracks.ids[:N_CANDIDATES]
    found = []
    for user_id in user_ids:
        asked = ScoresRequest(user_id=user_id, session=session, candidates=list(candidates))
        items = model.predict(asked).items
        found.append(np.mean([item.sources["cf"].weight for item in items]))
    return np.array(found, np.float32)
