import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hybridrec.catalog import Catalog
from hybridrec.testing import tiny_tracks


def catalog_of(counts: list[int]) -> Catalog:
    return Catalog.of(tiny_tracks(), np.array(counts, np.int32))


def test_every_track_is_found_by_its_id_with_its_own_metadata() -> None:
    catalog = catalog_of([1, 2, 3, 4])

    row = catalog.tracks.row("t2")
    assert len(catalog) == 4
    assert catalog.titles[row] == "Été"
    assert catalog.artists[row] == "Bix"
    assert catalog.genres[row] == ("jazz",)
    assert catalog.moods[row] == ()


def test_an_unknown_artist_is_empty_and_unknown_acclaim_is_not_a_number() -> None:
    catalog = catalog_of([0, 0, 0, 0])

    assert catalog.artists[3] == ""
    np.testing.assert_array_equal(catalog.acclaim[:, 0], [85, np.nan, 70, np.nan])
    assert np.isnan(catalog.acclaim[:, 1]).all()


@given(counts=st.lists(st.integers(0, 3), min_size=4, max_size=4))
def test_the_popular_come_first_and_ties_by_row(counts: list[int]) -> None:
    popular = catalog_of(counts).popular().tolist()

    assert popular == sorted(range(4), key=lambda row: (-counts[row], row))
