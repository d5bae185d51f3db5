"""Novelty, diversity, the long tail, lift, coverage and exposure, by hand."""

import math
from collections.abc import Mapping

import numpy as np
import polars as pl
import pytest

from hybridrec.evaluation.exposure import artist_gini, coverage
from hybridrec.evaluation.likeness import TrackTerms
from hybridrec.evaluation.popularity_bias import (
    long_tail,
    long_tail_share,
    novelty,
    popularity_lift,
)
from hybridrec.schema.names import Rows
from hybridrec.schema.tables import TRACKS


def rows(*lists: list[int]) -> Rows:
    return np.array(lists, np.int32)


def tracks(*described: Mapping[str, object]) -> pl.DataFrame:
    empty: dict[str, object] = {"genres": [], "moods": [], "tags": []}
    table = [{"track_id": f"t{n}", **empty, **one} for n, one in enumerate(described)]
    return pl.DataFrame(table, TRACKS)


POPULARITY = np.array([8, 4, 2, 1, 1, 0], np.int32)


def test_novelty_is_the_mean_self_information_in_bits() -> None:
    found = novelty(rows([0, 2], [1, -1]), POPULARITY, 8, 10)

    # shares of users: 8/8, 2/8; 4/8
    assert found.tolist() == [1.0, 1.0]


def test_a_track_that_nobody_played_is_as_novel_as_that_of_one_user() -> None:
    found = novelty(rows([5], [3]), POPULARITY, 8, 10)

    assert found.tolist() == [3.0, 3.0]


def test_the_tail_holds_at_most_a_fifth_of_all_plays_and_parts_no_equals() -> None:
    # 16 plays, of which a fifth is 3.2: 0 + 1 + 1, and the next would make 4
    assert long_tail(POPULARITY).tolist() == [False, False, False, True, True, True]
    # one of the equals alone would fit
    assert long_tail(np.array([8, 1, 1, 1], np.int32)).tolist() == [False] * 4


def test_the_long_tail_share_is_that_of_the_first_places() -> None:
    found = long_tail_share(rows([0, 3, 4, 5], [3, -1, -1, -1]), POPULARITY, 2)

    assert found.tolist() == [0.5, 1.0]


def test_lift_is_what_lists_exceed_histories_by_in_the_mean_of_the_group() -> None:
    history, offsets = np.array([2, 2, 3, 1], np.int32), np.array([0, 2, 4], np.int32)

    found = popularity_lift(rows([0, 1], [0, -1]), POPULARITY, history, offsets, 10)

    # histories 2 and 2.5, lists 6 and 8
    assert found.tolist() == pytest.approx([4 / 2.25, 5.5 / 2.25])
    assert found.mean() == pytest.approx((7 - 2.25) / 2.25)


def test_who_has_no_history_or_no_list_has_no_lift() -> None:
    history, offsets = np.array([2, 2], np.int32), np.array([0, 1, 1, 2], np.int32)

    found = popularity_lift(rows([0], [0], [-1]), POPULARITY, history, offsets, 10)

    assert np.isnan(found).tolist() == [False, True, True]
    assert found[0] == 3.0


def test_of_an_empty_list_nothing_can_be_said() -> None:
    empty = rows([-1, -1])

    assert np.isnan(novelty(empty, POPULARITY, 8, 10)).all()
    assert np.isnan(long_tail_share(empty, POPULARITY, 10)).all()


def test_tracks_of_the_same_words_are_alike_and_of_other_words_unlike() -> None:
    terms = TrackTerms.of(
        tracks(
            {"artist": "a", "genres": ["rock"], "moods": ["sad"]},
            {"artist": "a", "genres": ["rock"], "moods": ["sad"]},
            {"artist": "b", "genres": ["jazz"]},
        )
    )

    found = terms.diversity(rows([0, 1, -1], [0, 2, -1], [0, 1, 2]), 10)

    assert found.tolist() == pytest.approx([0, 1, 2 / 3], abs=1e-12)


def test_diversity_is_one_minus_the_cosine_of_tf_idf() -> None:
    terms = TrackTerms.of(
        tracks(
            {"artist": "a", "genres": ["rock", "pop"]},
            {"artist": "b", "genres": ["rock"], "tags": ["rock"]},
            {"artist": "c", "genres": ["jazz"]},
        )
    )

    found = terms.diversity(rows([0, 1]), 10)

    once, twice = 1 + math.log(4 / 2), 1 + math.log(4 / 3)  # one or two of three tracks have it
    length = math.sqrt(twice**2 + 2 * once**2)  # artist and pop; artist and the tag of that name
    assert found[0] == pytest.approx(1 - twice**2 / length**2, abs=1e-12)


def test_pairs_of_tracks_of_which_nothing_is_known_are_left_out() -> None:
    terms = TrackTerms.of(
        tracks(
            {"artist": "a", "genres": ["rock"]},
            {"artist": "b", "genres": ["jazz"]},
            {"artist": "a"},
        )
    )

    found = terms.diversity(rows([0, 1, 2], [0, 2, -1], [2, -1, -1]), 10)

    assert found[0] == pytest.approx(1.0)
    assert np.isnan(found[1:]).all()


def test_only_the_first_places_count() -> None:
    terms = TrackTerms.of(
        tracks(*({"artist": "a", "genres": [genre]} for genre in ("rock", "rock", "jazz")))
    )

    assert terms.diversity(rows([0, 1, 2]), 2)[0] == pytest.approx(0, abs=1e-12)


def test_a_catalogue_without_a_word_knows_no_likeness() -> None:
    found = TrackTerms.of(tracks({"artist": ""}, {"artist": ""})).diversity(rows([0, 1]), 10)

    assert np.isnan(found).all()


def test_coverage_is_the_share_of_the_candidates_that_any_list_shows() -> None:
    lists = rows([0, 1, 2], [1, 0, -1])

    assert coverage(lists, np.arange(6, dtype=np.int32), 2) == pytest.approx(2 / 6)
    assert coverage(lists, np.array([2, 3], np.int32), 3) == 0.5
    assert math.isnan(coverage(lists, np.zeros(0, np.int32), 3))


def test_exposure_is_even_at_0_and_of_one_artist_near_1() -> None:
    everything, artists = np.arange(4, dtype=np.int32), np.array([1, 2, 3, 4], np.int32)

    assert artist_gini(rows([0, 1], [2, 3]), everything, artists, 10) == 0.0
    assert artist_gini(rows([0], [0]), everything, artists, 10) == pytest.approx(3 / 4)
    # 1 and 3 places of two artists: the mean difference 2 * 2 / 4 by twice the mean 2
    two = np.array([1, 2, 2, 2], np.int32)
    assert artist_gini(rows([0, 1, 2, 3]), everything, two, 10) == pytest.approx(0.25)


def test_unknown_artists_are_exposed_to_nobody() -> None:
    everything, artists = np.arange(2, dtype=np.int32), np.array([0, 1], np.int32)

    assert artist_gini(rows([0, 1]), everything, artists, 10) == 0.0
    assert math.isnan(artist_gini(rows([0]), everything, artists, 10))
