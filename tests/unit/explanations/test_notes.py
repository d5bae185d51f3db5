"""What is said of a score of the meta-learner beside the reasons, and up to which limits."""

from dataclasses import replace

import pytest

from hybridrec.explanations import kinds
from hybridrec.explanations.notes import notes_for
from tests.golden.explanations import META, NAN


@pytest.mark.parametrize(
    ("cf_weight", "kind"),
    [
        (1.0, kinds.MOSTLY_CF),
        (0.71, kinds.MOSTLY_CF),
        (0.7, kinds.BALANCED),
        (0.31, kinds.BALANCED),
        (0.29, kinds.MOSTLY_CONTENT),
        (0.0, kinds.MOSTLY_CONTENT),
    ],
)
def test_a_source_is_what_a_score_is_based_on_above_its_share(cf_weight: float, kind: str) -> None:
    assert notes_for(replace(META, cf_weight=cf_weight)) == (kinds.ADAPTIVE, kind)


@pytest.mark.parametrize(
    ("confidence", "found"),
    [
        ((0.8, 0.82), [kinds.HIGH_CONFIDENCE]),
        ((0.8, 0.8), []),
        ((0.4, 0.4), []),
        ((0.3, 0.49), [kinds.EXPLORATORY]),
        ((0.9,), [kinds.HIGH_CONFIDENCE]),
        ((0.3,), [kinds.EXPLORATORY]),
    ],
)
def test_confidence_is_the_mean_of_the_sources_that_know_the_track(
    confidence: tuple[float, ...], found: list[str]
) -> None:
    assert list(notes_for(replace(META, source_confidence=confidence))[2:]) == found


@pytest.mark.parametrize(
    ("uncertainty", "found"),
    [
        (0.0, [kinds.WELL_ESTABLISHED]),
        (0.19, [kinds.WELL_ESTABLISHED]),
        (0.2, []),
        (0.7, []),
        (0.71, [kinds.DISCOVERY]),
        (NAN, []),
    ],
)
def test_a_match_is_established_or_a_discovery_by_its_uncertainty(
    uncertainty: float, found: list[str]
) -> None:
    assert list(notes_for(replace(META, uncertainty=uncertainty))[2:]) == found


@pytest.mark.parametrize(
    "method", ["confidence_weighted", "weighted_sum", "learned_weights", "adaptive"]
)
def test_no_other_fusion_speaks_of_its_shares(method: str) -> None:
    assert notes_for(replace(META, method=method)) == ()


def test_nothing_is_said_of_a_score_that_is_unknown() -> None:
    assert notes_for(replace(META, cf_weight=NAN, source_confidence=())) == ()
