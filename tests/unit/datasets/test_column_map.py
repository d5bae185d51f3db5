import pytest

from hybridrec.datasets.column_map import ColumnMaps
from hybridrec.errors import InvalidData


def test_a_bare_field_is_mapped_in_every_table_that_has_it() -> None:
    maps = ColumnMaps.parse(["track_id=song", "tracks.title=name", "interactions.user_id=uid"])

    assert maps.tracks == {"track_id": "song", "title": "name"}
    assert maps.interactions == {"track_id": "song", "user_id": "uid"}


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        pytest.param(["artists=band"], "write 'artist'", id="misspelt"),
        pytest.param(
            ["tracks.user_id=u"], "no field 'tracks.user_id'", id="field-of-the-other-table"
        ),
        pytest.param(["interaction.plays=n"], "write 'interactions.plays'", id="misspelt-table"),
        pytest.param(["zzzzzz=n"], "write one of track_id", id="nothing-near"),
        pytest.param(["title"], "write title=song_name", id="no-column"),
        pytest.param(["title=a", "tracks.title=b"], "already 'a'", id="contradiction"),
    ],
)
def test_a_wrong_map_is_refused(entries: list[str], message: str) -> None:
    with pytest.raises(InvalidData, match=message):
        ColumnMaps.parse(entries)
