"""In which order reasons come, and how sentences read at the edges."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybridrec.explanations.reasons import (
    ARTIST,
    CONTENT,
    GENRE,
    MIN_STRENGTH,
    PLAYED,
    SIMILAR_LISTENERS,
    Facts,
    reasons_for,
)
from hybridrec.explanations.text import PREFIXES, explanation, listing
from hybridrec.schema.scores import ReasonRecord

NOTHING = Facts(
    cf=0.0,
    content=0.0,
    evidence=(),
    evidence_titles=(),
    artist="Ada",
    artist_plays=(),
    genre_shares=(),
    mood_shares=(),
    is_popular=False,
)
SHARES = st.lists(st.tuples(st.sampled_from(["rock", "jazz", "ska"]), st.floats(0, 1)), max_size=3)


def test_reasons_of_equal_strength_come_by_kind() -> None:
    alike = replace(
        NOTHING,
        cf=1.0,
        content=1.0,
        evidence=((7, 1.0),),
        evidence_titles=("X",),
        artist_plays=(1,),
    )

    found = [(reason.kind, reason.strength) for reason in reasons_for(alike)]

    assert found == [(ARTIST, 0.5), (PLAYED, 0.5)]


def test_genres_of_a_reason_come_by_share_and_then_by_name() -> None:
    shared = (("ska", 0.5), ("rock", 0.25), ("jazz", 0.5))

    (reason,) = reasons_for(replace(NOTHING, content=1.0, genre_shares=shared))

    assert reason.values == ("jazz", "ska", "rock")


def test_the_own_plays_of_the_artist_are_the_evidence_of_familiarity() -> None:
    (reason,) = reasons_for(replace(NOTHING, content=1.0, artist_plays=(4, 2)))

    assert (reason.kind, reason.strength) == (ARTIST, 1.0)
    assert reason.values == ("Ada",)
    assert reason.evidence_rows == (4, 2)


def test_without_evidence_the_collaborative_part_is_that_of_similar_listeners() -> None:
    (reason,) = reasons_for(replace(NOTHING, cf=2.0))

    assert (reason.kind, reason.strength) == (SIMILAR_LISTENERS, 1.0)


@pytest.mark.parametrize(
    ("share", "is_named"), [(MIN_STRENGTH, True), (0.04, False)], ids=["just enough", "too weak"]
)
def test_a_weak_fact_is_not_worth_a_word(share: float, is_named: bool) -> None:  # noqa: FBT001
    found = reasons_for(replace(NOTHING, cf=1.0, evidence=((3, share),), evidence_titles=("X",)))

    assert (PLAYED in {reason.kind for reason in found}) == is_named


def test_a_source_that_speaks_against_a_track_takes_nothing_from_the_other() -> None:
    (reason,) = reasons_for(replace(NOTHING, cf=-5.0, content=0.5))

    assert (reason.kind, reason.strength) == (CONTENT, 1.0)


@given(
    cf=st.floats(-5, 5),
    content=st.floats(-5, 5),
    share=st.floats(0, 1),
    genres=SHARES,
    moods=SHARES,
)
def test_whatever_is_known_reasons_are_the_same_each_time_and_add_up_to_at_most_1(
    cf: float,
    content: float,
    share: float,
    genres: list[tuple[str, float]],
    moods: list[tuple[str, float]],
) -> None:
    known = replace(
        NOTHING,
        cf=cf,
        content=content,
        evidence=((7, share),),
        evidence_titles=("Seven",),
        genre_shares=tuple(genres),
        mood_shares=tuple(moods),
    )
    turned = replace(known, genre_shares=tuple(genres[::-1]), mood_shares=tuple(moods[::-1]))

    found = reasons_for(known)

    assert [one.kind for one in found] == [one.kind for one in reasons_for(turned)]
    assert sum(reason.strength for reason in found) <= 1 + 1e-9  # rounding of float64
    assert (found == ()) == (max(cf, content) <= 0)


@pytest.mark.parametrize("limit", [limit for limit, _ in PREFIXES[:-1]])
def test_a_prefix_begins_just_above_its_limit(limit: float) -> None:
    reason = [ReasonRecord(SIMILAR_LISTENERS, 1.0)]

    at, above = explanation(reason, limit), explanation(reason, limit + 1e-9)

    assert at != above
    assert above.startswith(next(text for one, text in PREFIXES if one == limit))


def test_a_sentence_names_two_reasons_and_counts_the_rest() -> None:
    found = [
        ReasonRecord(PLAYED, 0.5, ("{0} {name}",)),
        ReasonRecord(GENRE, 0.3, ("r&b", "50% funk")),
        ReasonRecord(SIMILAR_LISTENERS, 0.2),
    ]

    two, three = explanation(found[:2], 0.5), explanation(found, 0.5)

    assert two == ("Suggested because you played {0} {name} and you like r&b and 50% funk music.")
    assert three == two[:-1] + ", among other factors."


def test_a_long_list_names_the_first_three() -> None:
    assert listing(["a", "b", "c", "d"]) == "a, b and c"
