import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hybridrec.features.names import N_NAME_BUCKETS, name_rows
from hybridrec.schema.names import MAX_NAMES, NAME_WIDTHS

TITLE, ARTIST, ALBUM, TITLE_PARTS, ARTIST_PARTS, ALBUM_PARTS = range(6)


def fields(title: str | None, artist: str | None, album: str | None) -> list[set[int]]:
    """Rows of each field, with no padding."""
    (row,) = name_rows([title], [artist], [album])
    parts = np.split(row, np.cumsum(NAME_WIDTHS)[:-1])
    return [set(part.tolist()) - {0} for part in parts]


@given(text=st.text(max_size=200))
def test_any_name_becomes_rows_of_the_table(text: str) -> None:
    rows = name_rows([text, None], [text, text], [None, text])

    assert rows.shape == (2, MAX_NAMES)
    assert 0 <= rows.min() <= rows.max() < N_NAME_BUCKETS


def test_a_title_is_its_words_their_number_its_signs_and_its_pairs() -> None:
    found = fields("Blue (Live)", None, None)
    rows = [fields(text, None, None)[TITLE] for text in ("blue", "live", "(", ")")]

    assert all(row & found[TITLE] for row in rows)
    assert len(found[TITLE]) == 2 + 1 + 2 + 1  # words, number, signs, pair
    assert not any(found[field] for field in (ARTIST, ALBUM, ARTIST_PARTS, ALBUM_PARTS))


def test_words_of_one_language_share_their_parts() -> None:
    one, other = fields(None, "Canción", None), fields(None, "Corazón Nación", None)

    assert one[ARTIST] & other[ARTIST] == set()
    assert len(one[ARTIST_PARTS] & other[ARTIST_PARTS]) >= 3  # cio, ion, on> and more


def test_no_name_is_padding_alone() -> None:
    assert not name_rows([None, ""], [None, ""], [None, ""]).any()


def test_a_long_name_is_cut_to_its_width() -> None:
    long = " ".join(f"word{place}" for place in range(50))

    assert [len(field) for field in fields(long, long, long)] == list(NAME_WIDTHS)
