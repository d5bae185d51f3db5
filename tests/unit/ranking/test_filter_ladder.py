"""In which order rules are given up, for any choice."""

from collections import Counter
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hybridrec.ranking.filters import select
from hybridrec.ranking.rules import Choice, RankingConfig, rules_of

ORDER = ("max_per_genre", "max_per_artist", "min_score", "min_confidence")
ARTISTS, GENRES = ["ada", "bix", "cat", ""], ["rock", "jazz", "folk"]


@st.composite
def choices(draw: st.DrawFn) -> Choice:
    """Up to 25 candidates, best first, unknown scores last."""
    n = draw(st.integers(1, 25))
    scores = draw(st.lists(st.floats(0.001, 0.999) | st.just(np.nan), min_size=n, max_size=n))
    known = sorted((score for score in scores if not np.isnan(score)), reverse=True)
    confidence = draw(st.lists(st.sampled_from([0.0, 0.05, 0.5]), min_size=n, max_size=n))
    of_each = st.lists(st.sampled_from(GENRES), max_size=2, unique=True)
    return Choice(
        scores=np.array(known + [np.nan] * (n - len(known)), np.float32),
        source_confidence=np.array([confidence, confidence], np.float32).T,
        artists=draw(st.lists(st.sampled_from(ARTISTS), min_size=n, max_size=n)),
        genres=draw(st.lists(of_each, min_size=n, max_size=n)),
    )


@given(choice=choices(), k=st.integers(1, 30))
def test_rules_are_given_up_from_the_loosest_on_and_there_are_k_items(
    choice: Choice, k: int
) -> None:
    selection = select(choice, rules_of(RankingConfig(), k), k)

    assert selection.relaxed == ORDER[: len(selection.relaxed)]
    assert len(selection.places) == min(k, len(choice.scores))
    assert all(one < other for one, other in pairwise(selection.places.tolist()))
    assert set(selection.dropped) == set(ORDER)


@given(choice=choices(), k=st.integers(1, 30))
def test_a_rule_that_was_not_given_up_holds_of_all_that_is_shown(choice: Choice, k: int) -> None:
    selection = select(choice, rules_of(RankingConfig(), k), k)

    places = selection.places.tolist()
    held = [name for name in ORDER if name not in selection.relaxed]
    genres = Counter(genre for place in places for genre in choice.genres[place])
    artists = Counter(choice.artists[place] for place in places if choice.artists[place])
    if "max_per_genre" in held:
        assert max(genres.values(), default=0) <= max(1, k // 3)
    if "max_per_artist" in held:
        assert max(artists.values(), default=0) <= 3
    if "min_score" in held:
        best = np.nanmax(choice.scores)
        # 1e-6: the limit is computed in float32
        assert (choice.scores[places] >= 0.1 * best - 1e-6).all()
    if "min_confidence" in held:
        assert (choice.source_confidence[places].sum(axis=1) >= 0.2).all()


@given(choice=choices(), k=st.integers(1, 30))
def test_who_is_shown_under_all_rules_keeps_the_place_when_rules_are_given_up(
    choice: Choice, k: int
) -> None:
    rules = rules_of(RankingConfig(), k)
    first = [place for place in range(len(choice.scores)) if passes_floors(choice, place)]
    under_all: list[int] = []
    for place in first:
        if fits_caps(choice, [*under_all, place], k):
            under_all.append(place)

    selection = select(choice, rules, k)

    assert set(under_all[:k]) <= set(selection.places.tolist())
    assert (selection.relaxed == ()) is (len(under_all) >= min(k, len(choice.scores)))


def passes_floors(choice: Choice, place: int) -> bool:
    """Whether score and confidence of a candidate suffice by the default rules."""
    limit = np.float32(0.1) * np.nanmax(np.append(choice.scores, np.float32(-1)))
    return bool(choice.scores[place] >= limit and choice.source_confidence[place].sum() >= 0.2)


def fits_caps(choice: Choice, places: list[int], k: int) -> bool:
    """Whether no artist has more than three places and no genre more than its share."""
    artists = Counter(choice.artists[place] for place in places if choice.artists[place])
    genres = Counter(genre for place in places for genre in choice.genres[place])
    most_of_genre = max(genres.values(), default=0)
    return max(artists.values(), default=0) <= 3 and most_of_genre <= max(1, k // 3)
