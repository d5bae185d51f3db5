import numpy as np
import polars as pl
import pytest

from hybridrec.schema.names import Floats
from hybridrec.schema.tables import TRACKS
from hybridrec.training.config import MetadataWeights
from hybridrec.training.metadata_kernel import metadata_terms


def tracks(**columns: list[object]) -> pl.DataFrame:
    """A canonical table of tracks that are empty but for some columns."""
    n = len(next(iter(columns.values())))
    lists: dict[str, list[object]] = {name: [[]] * n for name in ("genres", "moods", "tags")}
    gaps: dict[str, list[object]] = {name: [None] * n for name in TRACKS}
    ids: dict[str, list[object]] = {"track_id": [str(row) for row in range(n)]}
    return pl.DataFrame({**gaps, **lists, **ids, **columns}, schema=TRACKS)


def likeness(table: pl.DataFrame, weights: MetadataWeights | None = None) -> Floats:
    terms = metadata_terms(table, weights or MetadataWeights())
    found: Floats = (terms @ terms.T).toarray()
    return found


def test_tracks_are_alike_by_the_cosine_of_their_rare_terms() -> None:
    table = tracks(
        artist=["Ada", "ada", "Bix", "Bix"],
        genres=[["rock"], ["Rock"], ["rock"], []],
    )

    found = likeness(table, MetadataWeights(artist=2, genre=1))

    artist, rock = 2 * np.log(4 / 2), np.log(4 / 3)
    assert found[0, 1] == pytest.approx(1)
    assert found[0, 2] == pytest.approx(rock**2 / (rock**2 + artist**2))
    assert found[2, 3] == pytest.approx(artist / np.hypot(artist, rock))
    assert found[0, 3] == 0


def test_what_one_track_alone_has_or_all_have_makes_none_alike() -> None:
    table = tracks(tags=[["a", "z"], ["b", "z"], ["z"]])

    assert not likeness(table).any()


def test_an_album_is_that_of_its_artist() -> None:
    table = tracks(
        artist=["Ada", "Ada", "Bix", "Bix", None],
        album=["Greatest Hits", "greatest hits", "Greatest Hits", "Roads", None],
    )

    found = likeness(table, MetadataWeights(artist=0))

    assert found[0, 1] == pytest.approx(1)
    assert found[0, 2] == found[2, 3] == 0


def test_titles_are_alike_by_their_words() -> None:
    table = tracks(title=["Night Rain", "Été: rain (night)", "Ete!", "Other"])

    found = likeness(table)

    assert found[0, 1] > 0.5
    assert found[1, 2] > 0.2
    assert found[0, 2] == 0


@pytest.mark.parametrize("field", MetadataWeights.model_fields)
def test_a_field_of_weight_0_does_not_count(field: str) -> None:
    table = tracks(
        title=["rain", "rain", "x"],
        artist=["Ada", "Ada", "Bix"],
        album=["Roads", "Roads", "Seas"],
        genres=[["rock"], ["rock"], []],
        moods=[["calm"], ["calm"], []],
        tags=[["vinyl"], ["vinyl"], []],
    )
    nothing = dict.fromkeys(MetadataWeights.model_fields, 0.0)

    alone = likeness(table, MetadataWeights(**(nothing | {field: 1.0})))

    assert alone[0, 1] == pytest.approx(1)
    assert not likeness(table, MetadataWeights(**nothing)).any()


def test_each_row_has_length_1_or_none() -> None:
    table = tracks(artist=["Ada", "Ada", None], moods=[["calm"], [], []])

    assert np.diag(likeness(table)) == pytest.approx([1, 1, 0])
