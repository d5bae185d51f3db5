import numpy as np
import polars as pl
import pytest

from hybridrec.catalog import Catalog
from hybridrec.histories import Histories, interaction_weight, newest
from hybridrec.testing import tiny_tracks
from hybridrec.vocabulary import TermVocabulary, Vocabulary


def test_a_vocabulary_goes_both_ways_and_knows_its_gaps() -> None:
    vocabulary = Vocabulary(("a", "b"))

    assert vocabulary.rows(["b", "x", "a"]).tolist() == [1, -1, 0]
    assert vocabulary.row(None) == -1
    assert "a" in vocabulary
    assert vocabulary.ids[1] == "b"


def test_an_id_that_stands_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="unique"):
        Vocabulary(("a", "a"))


def test_terms_are_cut_and_padded_known_ones_first() -> None:
    terms = TermVocabulary.of(["rock", "jazz"])

    rows = terms.padded([["polka", "jazz", "rock", "jazz"], []], 2)

    assert rows.tolist() == [[3, 2], [0, 0]]
    assert terms.name(3) == "jazz"
    assert terms.name(1) is None


def test_the_catalogue_numbers_artists_and_ranks_by_popularity() -> None:
    catalog = Catalog.of(tiny_tracks(), np.array([1, 5, 5, 0], np.int32))

    assert catalog.popular().tolist() == [1, 2, 0, 3]
    assert catalog.artist_rows[0] == catalog.artist_rows[1] != catalog.artist_rows[2]
    assert catalog.genres[0] == ("rock", "indie")


def test_tracks_without_an_artist_have_none_in_common() -> None:
    tracks = tiny_tracks().with_columns(artist=pl.Series(["", "Ada", "", "Ada"]))

    catalog = Catalog.of(tracks, np.zeros(4, np.int32))

    assert catalog.artist_rows.tolist() == [0, 1, 0, 1]


def test_an_unknown_user_has_no_history() -> None:
    histories = Histories(
        np.array([4, 5], np.int32), np.ones(2, np.float32), np.array([0, 2], np.int32)
    )

    assert histories.of(0)[0].tolist() == [4, 5]
    assert histories.of(-1)[0].tolist() == []


def test_weights_grow_with_the_logarithm_of_plays() -> None:
    assert interaction_weight(np.array([1, np.e], np.float32)) == pytest.approx([1, 2], abs=1e-6)


def test_the_newest_tracks_stay_each_at_its_last_place() -> None:
    rows = np.array([*range(250), 3], np.int32)

    kept, weights = newest(rows, np.ones(251, np.float32))

    assert len(kept) == len(weights) == 200
    assert kept[-1] == 3
    assert kept[0] == 51
