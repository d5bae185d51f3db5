"""Which tags of artists become genres and moods."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from hybridrec.datasets.genre_words import GENRES
from hybridrec.datasets.hetrec_tags import GENRE_SHARE, MOOD_SHARE, words_of_artists
from hybridrec.datasets.tag_words import GENRE_OF, MOOD_OF, MOODS, spelled
from hybridrec.schema.names import MAX_GENRES, MAX_MOODS


def words(taggings: list[tuple[str, str]]) -> dict[str, list[str]]:
    """Words of one artist, from who gave which tag."""
    rows = [(user, "a", tag) for user, tag in taggings]
    columns = dict.fromkeys(("user_id", "track_id", "tag"), pl.String)
    (found,) = words_of_artists(pl.DataFrame(rows, columns, orient="row")).rows(named=True)
    return {name: found[name] for name in ("genres", "moods", "tags")}


def test_what_most_listeners_say_comes_first_and_ties_go_by_name() -> None:
    found = words([("u", "soul"), ("v", "rock"), ("v", "funk"), ("u", "rock")])

    assert found["genres"] == ["rock", "funk", "soul"]


def test_two_spellings_by_one_listener_are_one_voice() -> None:
    found = words([("u", "rap"), ("u", "hip-hop"), ("u", "Hip Hop"), ("v", "jazz"), ("w", "jazz")])

    assert found["genres"] == ["jazz", "hip_hop"]


def test_a_genre_that_too_few_name_stays_a_tag() -> None:
    crowd = [(f"u{n}", "rock") for n in range(8)]

    assert words([*crowd, ("joker", "black metal")]) == {
        "genres": ["rock"],
        "moods": [],
        "tags": ["black_metal"],
    }
    assert 1 / 9 < GENRE_SHARE < 2 / 9


def test_a_mood_needs_fewer_voices() -> None:
    crowd = [(f"u{n}", "rock") for n in range(15)]

    assert words([*crowd, ("u1", "sad")])["moods"] == ["sad"]
    assert words([*crowd, *[(f"v{n}", "x") for n in range(9)], ("u1", "sad")])["moods"] == []
    assert 1 / 24 < MOOD_SHARE < 1 / 15


def test_a_genre_needs_15_percent_of_the_taggers_and_a_mood_5() -> None:
    twenty = [(f"u{n}", "x") for n in range(20)]
    jazz = [(f"u{n}", "jazz") for n in range(3)]
    gloom = [("u0", "sad")]

    enough = words([*twenty, *jazz, *gloom])
    too_few = words([*twenty, ("u20", "x"), *jazz, *gloom])

    assert (enough["genres"], enough["moods"]) == (["jazz"], ["sad"])
    assert (too_few["genres"], too_few["moods"]) == ([], [])


def test_no_more_words_are_named_than_models_see_and_none_is_lost() -> None:
    found = words([("u", name) for name in (*GENRES, *MOODS)])

    assert len(found["genres"]) == MAX_GENRES
    assert len(found["moods"]) == MAX_MOODS
    assert sorted(word for names in found.values() for word in names) == sorted((*GENRES, *MOODS))


def test_other_tags_stay_as_they_are_but_for_their_spelling() -> None:
    assert words([("u", "Seen Live"), ("u", "<3"), ("u", " -_ ")])["tags"] == ["<3", "seen_live"]


def test_every_word_of_the_lists_is_spelled_as_tables_write_it() -> None:
    for spelling in (*GENRE_OF, *MOOD_OF):
        assert spelled(spelling) == spelling


def test_no_spelling_means_two_things() -> None:
    n_spellings = sum(1 + len(others) for table in (GENRES, MOODS) for others in table.values())

    assert len(GENRE_OF) + len(MOOD_OF) == n_spellings
    assert not GENRE_OF.keys() & MOOD_OF.keys()


@given(st.text())
def test_spelling_is_the_same_the_second_time(tag: str) -> None:
    assert spelled(spelled(tag)) == spelled(tag)
