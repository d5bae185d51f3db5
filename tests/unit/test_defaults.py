"""Values that the specification states hold where nobody says otherwise."""

import inspect

from typer.testing import CliRunner

from deployments.args import AppArgs
from deployments.cli import app
from hybridrec import hybrid
from hybridrec.answers.taste import N_TOP_ARTISTS
from hybridrec.explanations.config import ExplanationConfig
from hybridrec.ranking.rules import RankingConfig
from hybridrec.schema.names import SESSION_FEATURES
from hybridrec.schema.wire import RecommendRequest
from hybridrec.training.config import TrainConfig


def test_the_models_are_of_the_stated_sizes_and_weights() -> None:
    assert TrainConfig().two_tower.embedding_size == 256  # more than the stated 64: ADR 16
    assert TrainConfig().fusion.cf_weight == 0.6
    assert len(SESSION_FEATURES) == 18


def test_fusion_is_by_the_meta_learner_and_answers_are_explained() -> None:
    fields = AppArgs.model_fields
    assert fields["fusion"].default == "meta_learning"
    assert RecommendRequest().explain


def test_critics_acclaim_from_a_hundred_ratings_on() -> None:
    acclaim = ExplanationConfig()
    assert (acclaim.min_ratings_for_acclaim, acclaim.high_acclaim_threshold) == (100, 500)


def test_twenty_artists_are_the_top_ones() -> None:
    assert N_TOP_ARTISTS == 20


def test_rules_are_three_of_an_artist_a_third_of_a_genre_and_a_tenth_of_the_best() -> None:
    rules = RankingConfig()
    assert (rules.max_per_artist, rules.genre_divisor) == (3, 3)
    assert (rules.min_score_of_best, rules.min_confidence) == (0.1, 0.2)


def test_lists_are_ten_long_online_and_twenty_offline_a_hundred_users_at_a_time() -> None:
    batch = inspect.signature(hybrid.HybridModel.generate_batch_recommendations).parameters
    offline = CliRunner().invoke(app, ["recommend", "--help"], env={"COLUMNS": "200"}).stdout

    assert RecommendRequest().k == 10
    assert "[default: 20]" in next(line for line in offline.splitlines() if "--k " in line)
    assert batch["batch_size"].default == 100
