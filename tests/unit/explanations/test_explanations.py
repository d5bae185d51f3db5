import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybridrec.explanations.reasons import (
    ARTIST,
    CONTENT,
    GENRE,
    MIN_STRENGTH,
    MOOD,
    PLAYED,
    POPULAR,
    SIMILAR_LISTENERS,
    Facts,
    reasons_for,
)
from hybridrec.explanations.text import NO_REASON, clause, explanation, listing
from hybridrec.schema.scores import ReasonRecord


def facts(**changes: object) -> Facts:
    known: dict[str, object] = {
        "cf": 3.0,
        "content": 1.0,
        "evidence": ((7, 0.5), (8, 0.25)),
        "evidence_titles": ("Seven", "Eight"),
        "artist": "Ada",
        "artist_plays": (7,),
        "genre_shares": (("rock", 0.5),),
        "mood_shares": (),
        "is_popular": False,
    }
    return Facts(**(known | changes))  # type: ignore[arg-type]  # names are those of Facts


def test_strengths_are_shares_of_what_speaks_for_the_track() -> None:
    found = {reason.kind: reason.strength for reason in reasons_for(facts())}

    assert found == pytest.approx(
        {
            PLAYED: 0.75 * 0.75,
            SIMILAR_LISTENERS: 0.75 * 0.25,
            ARTIST: 0.25 * 1 / 1.5,
            GENRE: 0.25 * 0.5 / 1.5,
        }
    )


def test_the_strongest_reason_comes_first_with_its_evidence() -> None:
    first = reasons_for(facts())[0]

    assert first.kind == PLAYED
    assert first.values == ("Seven", "Eight")
    assert first.evidence_rows == (7, 8)


@pytest.mark.parametrize("lost", ["cf", "content"])
def test_a_source_that_adds_nothing_gives_no_reason(lost: str) -> None:
    kinds = {reason.kind for reason in reasons_for(facts(**{lost: 0.0}))}

    of_source = {PLAYED, SIMILAR_LISTENERS} if lost == "cf" else {ARTIST, GENRE, MOOD, CONTENT}
    assert kinds
    assert kinds.isdisjoint(of_source)


def test_what_speaks_against_a_track_gives_no_reason() -> None:
    assert reasons_for(facts(cf=-1.0, content=-2.0)) == ()


def test_content_without_anything_in_common_says_so() -> None:
    found = reasons_for(facts(cf=0.0, artist_plays=(), genre_shares=()))

    assert [reason.kind for reason in found] == [CONTENT]


def test_a_track_that_is_there_for_its_popularity_says_so() -> None:
    assert [reason.kind for reason in reasons_for(facts(is_popular=True))] == [POPULAR]


@given(
    cf=st.floats(-5, 5), content=st.floats(-5, 5), share=st.floats(0, 1), genre=st.floats(0.01, 1)
)
def test_strengths_fall_and_add_up_to_at_most_1(
    cf: float, content: float, share: float, genre: float
) -> None:
    found = reasons_for(
        facts(cf=cf, content=content, evidence=((7, share),), genre_shares=(("rock", genre),))
    )

    strengths = [reason.strength for reason in found]
    assert strengths == sorted(strengths, reverse=True)
    assert sum(strengths) <= 1 + 1e-9  # rounding
    assert all(strength >= MIN_STRENGTH for strength in strengths)


REASONS = [
    ReasonRecord(PLAYED, 0.5, ("{Curly}", "Eight", "Nine")),
    ReasonRecord(SIMILAR_LISTENERS, 0.4),
    ReasonRecord(ARTIST, 0.3, ("Ada",)),
    ReasonRecord(GENRE, 0.3, ("jazz", "rock")),
    ReasonRecord(MOOD, 0.3, ("calm",)),
    ReasonRecord(CONTENT, 0.2),
    ReasonRecord(POPULAR, 0.2),
]


@pytest.mark.parametrize(
    ("reason", "words"),
    list(
        zip(
            REASONS,
            [
                "you played {Curly}, Eight and Nine",
                "users with similar taste also liked this track",
                "you've enjoyed other Ada tracks",
                "you like jazz and rock music",
                "it matches your preference for calm vibes",
                "its content features match your preferences",
                "many listeners play this track",
            ],
            strict=True,
        )
    ),
    ids=[reason.kind for reason in REASONS],
)
def test_each_kind_has_its_words(reason: ReasonRecord, words: str) -> None:
    assert clause(reason) == words


@pytest.mark.parametrize(
    ("confidence", "prefix"),
    [
        (0.81, "Highly recommended because"),
        (0.8, "Recommended because"),
        (0.61, "Recommended because"),
        (0.41, "Suggested because"),
        (0.4, "You might like this because"),
        (0.0, "You might like this because"),
    ],
)
def test_the_prefix_follows_the_confidence(confidence: float, prefix: str) -> None:
    assert explanation(REASONS[:1], confidence).startswith(f"{prefix} you played")


@given(found=st.lists(st.sampled_from(REASONS), max_size=5), confidence=st.floats(0, 1))
def test_a_sentence_reads_as_one(found: list[ReasonRecord], confidence: float) -> None:
    sentence = explanation(found, confidence)

    assert sentence.endswith(".")
    assert not re.search(r"  |,,|\.\.|because$| and \.", sentence)
    assert ("among other factors" in sentence) == (len(found) > 2)


def test_without_a_reason_none_is_made_up() -> None:
    assert explanation([], 0.9) == NO_REASON


@pytest.mark.parametrize(
    ("names", "words"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (list("abcd"), "a, b and c")],
)
def test_names_are_listed_in_english(names: list[str], words: str) -> None:
    assert listing(names) == words
