import pytest

from hybridrec.features.text import token_rows, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Группа крови", ["группа", "крови"]),
        ("Кино 2", ["кино", "2"]),
        ("東京 タワー", ["東京", "タワー"]),
        ("Bjørk", ["bjørk"]),
        ("Sigur Rós", ["sigur", "ros"]),
        ("", []),
    ],
    ids=["cyrillic", "cyrillic and digits", "japanese", "no accent to lose", "accent", "nothing"],
)
def test_no_script_loses_its_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_titles_in_any_script_tell_tracks_apart() -> None:
    rows = token_rows(["Группа крови", "Звезда по имени"], ["", ""], [None, None])

    assert set(rows[0].tolist()).intersection(rows[1].tolist()) == {0}  # padding alone
    assert (rows[0] > 0).sum() == 2
