import math

from hybridrec.hybrid import HybridModel

NAMES = ("hybrid", "cf", "content", "popularity")


def test_every_figure_is_a_share(tiny_model: HybridModel) -> None:
    figures = tiny_model.provenance.evaluation

    assert set(figures) == {
        *(f"{name}_ndcg_at_10" for name in NAMES),
        *(f"{name}_recall_at_20" for name in NAMES),
        "hybrid_calibration_error",
    }
    assert all(math.isfinite(value) and 0 <= value <= 1 for value in figures.values())


def test_the_hybrid_is_no_worse_than_the_better_half_of_it(tiny_model: HybridModel) -> None:
    figures = tiny_model.provenance.evaluation

    best = max(figures["cf_ndcg_at_10"], figures["content_ndcg_at_10"])
    # some 80 users judge a small world: a standard error of an NDCG near 0.35 is about 0.03
    assert figures["hybrid_ndcg_at_10"] > best - 0.03


def test_fused_scores_are_calibrated_where_the_fusion_was_not_trained(
    tiny_model: HybridModel,
) -> None:
    # the same users calibrate and judge, so what is left is what the few knots cannot follow
    assert tiny_model.provenance.evaluation["hybrid_calibration_error"] < 0.02
