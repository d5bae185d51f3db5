import math

import numpy as np
import pytest

from hybridrec.evaluation.card import Group
from hybridrec.hybrid import HybridModel
from hybridrec.schema.names import FUSIONS

STAGES = ("nmf_scorer", "two_tower_scorer", "meta_fusion")
NAMES = ("hybrid", *FUSIONS[1:], "cf", "co_listening", "factors", "content", "popularity")

pytestmark = pytest.mark.slow


def test_the_headline_figures_are_shares(tiny_model: HybridModel) -> None:
    figures = tiny_model.provenance.evaluation

    assert set(figures) == {
        *(f"{name}_ndcg_at_10" for name in NAMES),
        *(f"{name}_recall_at_20" for name in NAMES),
        "hybrid_calibration_error",
    }
    assert all(math.isfinite(value) and 0 <= value <= 1 for value in figures.values())
    assert figures == tiny_model.card.summary()


def test_the_hybrid_is_no_worse_than_the_better_half_of_it(tiny_model: HybridModel) -> None:
    figures = tiny_model.provenance.evaluation

    best = max(figures["cf_ndcg_at_10"], figures["content_ndcg_at_10"])
    # some 80 users judge a small world: a standard error of an NDCG near 0.35 is about 0.03
    assert figures["hybrid_ndcg_at_10"] > best - 0.03


def test_the_card_judges_every_kind_of_listener_and_every_loss(tiny_model: HybridModel) -> None:
    card = tiny_model.card

    kinds = {"all", "known", "new", "few_plays"}
    assert {(row.ranked_by, row.listeners) for row in card.quality} == {
        *((name, kind) for name in NAMES for kind in kinds),
        *((name, "new_tracks") for name in NAMES[:-1]),  # nobody has played them
    }
    assert {(row.stage, row.listeners) for row in card.losses} == {
        *((stage, kind) for stage in STAGES for kind in (*kinds, "new_tracks")),
        ("audio_predictor", "new_tracks"),
    }
    figures = [row.ndcg_at_10 for row in card.quality] + [row.ndcg_at_10 for row in card.losses]
    assert all(figure.low <= figure.mean <= figure.high for figure in figures)


def test_the_card_tells_gains_lists_and_curves(tiny_model: HybridModel) -> None:
    card = tiny_model.card

    kinds = {"all", "known", "new", "few_plays"}
    means = {(row.ranked_by, row.listeners): row.ndcg_at_10.mean for row in card.quality}
    assert {(row.over, row.listeners) for row in card.gains} == {
        *((name, kind) for name in NAMES[1:] for kind in kinds),
        *((name, "new_tracks") for name in NAMES[1:-1]),
    }
    for row in card.gains:
        other = means[row.over, row.listeners]
        assert row.ndcg_at_10.mean == pytest.approx(means["hybrid", row.listeners] - other)
    shown = {row.ranked_by: row for row in card.lists}
    assert set(shown) == set(NAMES)
    lifts = {name: row.popularity_lift.mean for name, row in shown.items() if row.popularity_lift}
    assert lifts["popularity"] == max(lifts.values())
    assert shown["popularity"].coverage < shown["hybrid"].coverage
    assert {"meta_learning", "learned_weights", "adaptive"} <= {one.network for one in card.curves}


def test_fused_scores_are_calibrated_where_the_fusion_was_not_trained(
    tiny_model: HybridModel,
) -> None:
    # halves of some 45 users: the share that such a half plays differs by chance by this much
    assert tiny_model.provenance.evaluation["hybrid_calibration_error"] < 0.02


def test_what_is_said_of_confidence_is_found_on_other_users(tiny_model: HybridModel) -> None:
    with_history, strangers = tiny_model.card.confidence

    assert (with_history.listeners, strangers.listeners) == ("all", "few_plays")
    # some 600 plays of 80 users, in clumps: the share of a hundred is off by a tenth by chance
    assert mean_said(with_history.groups) == pytest.approx(mean_found(with_history.groups), abs=0.1)
    assert with_history.groups[0].found < with_history.groups[-1].found - 0.2
    assert mean_said(strangers.groups) < mean_said(with_history.groups)


def test_what_is_shown_is_said_to_be_likelier_than_the_rest_and_is(tiny_model: HybridModel) -> None:
    everything, shown = tiny_model.card.scores, tiny_model.card.shown_scores

    assert sum(one.n for one in shown) < sum(one.n for one in everything) / 5
    assert mean_said(shown) > 2 * mean_said(everything)
    assert mean_said(shown) == pytest.approx(mean_found(shown), rel=0.3)  # some 150 plays


def mean_said(groups: tuple[Group, ...]) -> float:
    return float(np.average([one.said for one in groups], weights=[one.n for one in groups]))


def mean_found(groups: tuple[Group, ...]) -> float:
    return float(np.average([one.found for one in groups], weights=[one.n for one in groups]))
