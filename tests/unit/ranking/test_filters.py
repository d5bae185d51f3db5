import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybridrec.ranking.filters import select
from hybridrec.ranking.rules import (
    Choice,
    MaxPerArtist,
    MaxPerGenre,
    MinConfidence,
    MinScoreOfBest,
    RankingConfig,
    Rule,
    rules_of,
)


def choice(
    scores: list[float],
    artists: list[str] | None = None,
    genres: list[list[str]] | None = None,
    confidence: float = 0.5,
) -> Choice:
    n = len(scores)
    return Choice(
        scores=np.array(scores, np.float32),
        source_confidence=np.full((n, 2), confidence / 2, np.float32),
        artists=artists if artists is not None else [str(place) for place in range(n)],
        genres=genres if genres is not None else [[] for _ in range(n)],
    )


def kept(rule: Rule, given_choice: Choice) -> list[int]:
    everything = len(given_choice.scores)
    n_kept = everything - select(given_choice, (rule,), everything).dropped[rule.name]
    return select(given_choice, (rule,), n_kept).places.tolist()


def test_a_score_far_below_the_best_is_dropped_and_so_is_an_unknown_one() -> None:
    assert kept(MinScoreOfBest(0.1), choice([0.5, 0.05, 0.04, np.nan])) == [0, 1]


def test_where_no_score_is_known_none_passes() -> None:
    assert kept(MinScoreOfBest(0.1), choice([np.nan, np.nan])) == []


@pytest.mark.parametrize(("confidence", "passes"), [(0.25, True), (0.19, False)])
def test_the_sum_of_confidences_counts(confidence: float, passes: bool) -> None:  # noqa: FBT001
    assert bool(kept(MinConfidence(0.2), choice([0.5], confidence=confidence))) is passes


def test_an_artist_has_so_many_places_and_an_unknown_one_any_number() -> None:
    artists = ["a", "a", "", "a", "", ""]

    assert kept(MaxPerArtist(2), choice([0.9] * 6, artists)) == [0, 1, 2, 4, 5]


def test_a_genre_has_so_many_places_and_every_genre_of_a_track_counts() -> None:
    genres = [["rock"], ["rock", "pop"], ["pop"], ["jazz", "rock"], []]

    assert kept(MaxPerGenre(1), choice([0.9] * 5, genres=genres)) == [0, 2, 4]


@pytest.mark.parametrize(("k", "places"), [(1, 1), (2, 1), (3, 1), (6, 2), (20, 6)])
def test_a_genre_gets_a_third_of_the_places_and_at_least_one(k: int, places: int) -> None:
    assert rules_of(RankingConfig(), k)[0] == MaxPerGenre(places)


def test_rules_that_leave_enough_are_all_kept() -> None:
    selection = select(choice([0.9, 0.8, 0.7], ["a", "a", "b"]), (MaxPerArtist(1),), 2)

    assert selection.places.tolist() == [0, 2]
    assert selection.dropped == {"max_per_artist": 1}
    assert selection.relaxed == ()


def test_the_loosest_rule_is_given_up_first_and_that_is_said() -> None:
    scores, artists = [0.9, 0.8, 0.7, 0.6, 0.5], ["a", "a", "a", "b", "c"]
    genres = [["rock"], ["rock"], ["rock"], ["rock"], ["jazz"]]

    selection = select(choice(scores, artists, genres), (MaxPerGenre(1), MaxPerArtist(2)), 4)

    assert selection.places.tolist() == [0, 1, 3, 4]
    assert selection.relaxed == ("max_per_genre",)


def test_what_one_rule_drops_takes_no_place_under_another() -> None:
    artists, genres = ["a", "a", "b", "a"], [["rock"], ["rock"], ["jazz"], ["folk"]]
    rules = (MaxPerGenre(1), MaxPerArtist(2))

    three = select(choice([0.9, 0.8, 0.7, 0.6], artists, genres), rules, 3)

    assert three.places.tolist() == [0, 2, 3]
    assert three.dropped == {"max_per_artist": 0, "max_per_genre": 1}
    assert three.relaxed == ()


def test_a_firmer_rule_counts_the_places_given_under_a_looser_one() -> None:
    artists, genres = ["a", "a", "b", "a"], [["rock"], ["rock"], ["jazz"], ["folk"]]
    rules = (MaxPerGenre(1), MaxPerArtist(2))

    four = select(choice([0.9, 0.8, 0.7, 0.6], artists, genres), rules, 4)

    assert four.relaxed == ("max_per_genre", "max_per_artist")  # the third of a breaks both


def test_all_rules_can_be_switched_off() -> None:
    config = RankingConfig(
        genre_divisor=None, max_per_artist=None, min_score_of_best=None, min_confidence=None
    )

    assert rules_of(config, 10) == ()


@given(
    artists=st.lists(st.sampled_from(["a", "b", ""]), min_size=1, max_size=30),
    k=st.integers(1, 40),
)
def test_k_items_are_shown_whenever_there_are_k(artists: list[str], k: int) -> None:
    scores = np.linspace(0.9, 0.001, len(artists)).tolist()
    genres = [[artist or "none"] for artist in artists]

    selection = select(choice(scores, artists, genres, 0.1), rules_of(RankingConfig(), k), k)

    assert len(selection.places) == min(k, len(artists))
    assert (np.diff(selection.places) > 0).all()
