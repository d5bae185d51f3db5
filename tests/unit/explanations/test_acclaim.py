import pytest
from pydantic import ValidationError

from hybridrec.explanations import kinds
from hybridrec.explanations.acclaim import acclaim_kind
from hybridrec.explanations.config import ExplanationConfig

NAN = float("nan")


@pytest.mark.parametrize(
    ("score", "n_ratings", "kind"),
    [
        (81, 99, None),
        (81, 100, kinds.ACCLAIMED),
        (81, 199, kinds.ACCLAIMED),
        (81, 200, kinds.ACCLAIMED_BY_CONSENSUS),
        (81, 499, kinds.ACCLAIMED_BY_CONSENSUS),
        (81, 500, kinds.ACCLAIMED_WIDELY),
        (80, 500, None),
        (NAN, 500, None),
        (81, NAN, None),
    ],
)
def test_praise_is_called_by_the_ratings_that_it_rests_on(
    score: float, n_ratings: float, kind: str | None
) -> None:
    assert acclaim_kind(score, n_ratings, ExplanationConfig()) == kind


@pytest.mark.parametrize(
    ("n_ratings", "kind"),
    [
        (9, None),
        (10, kinds.ACCLAIMED),
        (20, kinds.ACCLAIMED_BY_CONSENSUS),
        (30, kinds.ACCLAIMED_WIDELY),
    ],
)
def test_the_operator_sets_the_steps(n_ratings: float, kind: str | None) -> None:
    config = ExplanationConfig(min_ratings_for_acclaim=10, high_acclaim_threshold=30)

    assert acclaim_kind(90, n_ratings, config) == kind


@pytest.mark.parametrize(
    "options",
    [
        {"min_ratings_for_acclaim": 0},
        {"min_ratings_for_acclaim": 501},
        {"high_acclaim_threshold": 99},
        {"min_rating_for_acclaim": 10},
    ],
)
def test_steps_that_do_not_rise_are_refused(options: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        ExplanationConfig.model_validate(options)
