"""The words of reasons and notes."""

from itertools import product

import pytest

from hybridrec.explanations import kinds
from hybridrec.explanations.text import (
    CLAUSES,
    NO_REASON,
    NOTES,
    NOTHING_SPEAKS,
    PREFIXES,
    clause,
    explanation,
    listing,
)
from hybridrec.schema.scores import ReasonRecord

TASTE = "users with similar taste also liked this track"
SIMILAR = ReasonRecord(kinds.SIMILAR_LISTENERS, 0.4)
JAZZ = ReasonRecord(kinds.GENRE, 0.3, ("jazz",))
HISTORY = ReasonRecord(kinds.HISTORY_GENRE, 0.3, ("jazz",))
MOOD = ReasonRecord(kinds.MOOD, 0.2, ("calm",))


@pytest.mark.parametrize(
    ("kind", "values", "words"),
    [
        (kinds.PLAYED, ("{Curly}", "8%", "Nine", "Ten"), "you played “{Curly}”, “8%” and “Nine”"),
        (kinds.SIMILAR_LISTENERS, (), "users with similar taste also liked this track"),
        (kinds.HISTORY_GENRE, ("a", "b", "c"), "it matches your a and b listening history"),
        (kinds.ARTIST, ("Ada",), "you've enjoyed other Ada tracks"),
        (kinds.COLLABORATIVE, (), "similar users liked this track"),
        (kinds.COLLABORATIVE_GENRES, (), "similar users like music of its genres"),
        (kinds.LISTENING_HOUR, (), "it fits your current listening pattern"),
        (kinds.GENRE, ("a", "b", "c", "d"), "you like a, b and c music"),
        (kinds.GENRE, ("film music",), "you like film music"),
        (kinds.GENRE, ("World Music",), "you like World Music"),
        (kinds.GENRE, ("jazz", "Music"), "you like jazz and Music"),
        (kinds.GENRE, ("Music", "jazz"), "you like Music and jazz music"),
        (kinds.GENRE, ("unmusic",), "you like unmusic music"),
        (kinds.GENRE, ("hip_hop", "hip hop"), "you like hip hop music"),
        (kinds.GENRE, ("_",), "you like … music"),
        (kinds.HISTORY_GENRE, ("easy listening",), "it matches your easy listening history"),
        (
            kinds.HISTORY_GENRE,
            ("drum_and_bass",),
            "it matches your drum and bass listening history",
        ),
        (kinds.MOOD, ("good vibes",), "it matches your preference for good vibes"),
        (kinds.MOOD, ("laid_back",), "it matches your preference for laid back vibes"),
        (kinds.ARTIST, ("Backing Tracks",), "you've enjoyed other Backing Tracks"),
        (kinds.ARTIST, ("snake_case",), "you've enjoyed other snake_case tracks"),
        (kinds.PLAYED, ("Intro", "Intro", "a_b", "Outro"), "you played “Intro”, “a_b” and “Outro”"),
        (kinds.PLAYED, ("“Heroes”",), "you played “Heroes”"),
        (kinds.PLAYED, ('"Heroes"', "«Heroes»"), "you played “Heroes”"),
        (kinds.PLAYED, ('"Heroes" (Live)',), "you played “\u2018Heroes\u2019 (Live)”"),
        (kinds.PLAYED, ("“A” and “B”",), "you played “\u2018A\u2019 and \u2018B\u2019”"),
        (kinds.PLAYED, ('Blue 12"',), 'you played “Blue 12"”'),
        (kinds.PLAYED, ("",), "you played “…”"),
        (kinds.PLAYED, ('" "',), "you played “…”"),
        (kinds.MOOD, ("a", "b", "c"), "it matches your preference for a and b vibes"),
        (kinds.ARTIST_BEFORE, ("Ada",), "you've enjoyed Ada before"),
        (kinds.PREDICTED_AUDIO, (), "its predicted audio characteristics match your taste"),
        (kinds.ACCLAIMED, (), "it is a critically acclaimed track"),
        (
            kinds.ACCLAIMED_BY_CONSENSUS,
            (),
            "it is a critically acclaimed track with strong consensus",
        ),
        (kinds.ACCLAIMED_WIDELY, (), "it is a widely acclaimed track with exceptional reviews"),
        (kinds.CONTENT, (), "its content features match your preferences"),
        (kinds.POPULAR, (), "many listeners play this track"),
    ],
)
def test_each_kind_has_its_words(kind: str, values: tuple[str, ...], words: str) -> None:
    assert clause(ReasonRecord(kind, 1.0, values)) == words


def test_every_kind_has_words_and_no_two_the_same() -> None:
    worded = CLAUSES | NOTES

    assert set(worded) == {value for name, value in vars(kinds).items() if name.isupper()}
    assert len(set(worded.values())) == len(worded)


@pytest.mark.parametrize(
    ("confidence", "prefix"),
    [
        (0.81, "Highly recommended because"),
        (0.8, "Recommended because"),
        (0.61, "Recommended because"),
        (0.6, "Suggested because"),
        (0.41, "Suggested because"),
        (0.4, "You might like this because"),
        (0.0, "You might like this because"),
    ],
)
def test_the_prefix_follows_the_confidence(confidence: float, prefix: str) -> None:
    said = explanation([JAZZ], (), confidence, speaks=True)

    assert said == f"{prefix} you like jazz music."


@pytest.mark.parametrize("limit", [limit for limit, _ in PREFIXES[:-1]])
def test_a_prefix_begins_just_above_its_limit(limit: float) -> None:
    at, above = (explanation([JAZZ], (), one, speaks=True) for one in (limit, limit + 1e-9))

    assert at != above


@pytest.mark.parametrize(
    ("found", "words"),
    [
        pytest.param([SIMILAR], f"{TASTE}.", id="one"),
        pytest.param([SIMILAR, JAZZ], f"{TASTE} and you like jazz music.", id="two"),
        pytest.param(
            [SIMILAR, JAZZ, MOOD],
            f"{TASTE} and you like jazz music, among other factors.",
            id="three",
        ),
        pytest.param(
            [HISTORY, MOOD],
            "it matches your jazz listening history and your preference for calm vibes.",
            id="it matches twice",
        ),
        pytest.param(
            [ReasonRecord(kinds.LISTENING_HOUR, 0.5), MOOD],
            "it fits your current listening pattern and matches your preference for calm vibes.",
            id="it does two things",
        ),
        pytest.param(
            [ReasonRecord(kinds.PLAYED, 0.5, ("A", "B")), SIMILAR],
            f"you played “A” and “B”, and {TASTE}.",
            id="a list among them",
        ),
    ],
)
def test_one_two_or_more_reasons_are_one_sentence(found: list[ReasonRecord], words: str) -> None:
    assert explanation(found, (), 0.7, speaks=True) == f"Recommended because {words}"


BALANCE = {
    kinds.MOSTLY_CF: "adaptive recommendation based primarily on similar user preferences",
    kinds.MOSTLY_CONTENT: "adaptive recommendation based primarily on track characteristics",
    kinds.BALANCED: "adaptive recommendation, balanced across multiple factors",
}
SURENESS = {
    kinds.HIGH_CONFIDENCE: ", made with high confidence",
    kinds.EXPLORATORY: ", still exploratory",
    None: "",
}
NOVELTY = {
    kinds.WELL_ESTABLISHED: "; a well-established match",
    kinds.DISCOVERY: "; a discovery",
    None: "",
}
OPPOSITES: dict[tuple[str | None, str | None], str] = {
    (kinds.EXPLORATORY, kinds.WELL_ESTABLISHED): (
        " in its sources, though a well-established match by its score"
    ),
    (kinds.HIGH_CONFIDENCE, kinds.DISCOVERY): " in its sources, though a discovery by its score",
}


@pytest.mark.parametrize(("balance", "sure", "novel"), list(product(BALANCE, SURENESS, NOVELTY)))
def test_notes_close_the_sentence_in_brackets(
    balance: str, sure: str | None, novel: str | None
) -> None:
    notes = [kind for kind in (kinds.ADAPTIVE, balance, sure, novel) if kind is not None]

    said = explanation([JAZZ], notes, 0.5, speaks=True)

    words = BALANCE[balance] + SURENESS[sure] + OPPOSITES.get((sure, novel), NOVELTY[novel])
    assert said == f"Suggested because you like jazz music ({words})."


UNSURE = ", though its sources are still exploratory"
SURE = ", though made with high confidence in its sources"


@pytest.mark.parametrize(
    ("confidence", "notes", "words"),
    [
        (0.81, (kinds.EXPLORATORY,), UNSURE),
        (0.61, (kinds.EXPLORATORY,), UNSURE),
        (0.6, (kinds.EXPLORATORY,), ", still exploratory"),
        (0.4, (kinds.EXPLORATORY,), ", still exploratory"),
        (0.7, (kinds.EXPLORATORY, kinds.WELL_ESTABLISHED), f"{UNSURE}; a well-established match"),
        (0.4, (kinds.HIGH_CONFIDENCE,), SURE),
        (0.4, (kinds.HIGH_CONFIDENCE, kinds.DISCOVERY), f"{SURE}; a discovery"),
        (0.41, (kinds.HIGH_CONFIDENCE,), ", made with high confidence"),
        (0.9, (kinds.HIGH_CONFIDENCE,), ", made with high confidence"),
    ],
)
def test_a_note_that_seems_to_deny_the_prefix_says_what_it_is_of(
    confidence: float, notes: tuple[str, ...], words: str
) -> None:
    said = explanation([JAZZ], (kinds.ADAPTIVE, *notes), confidence, speaks=True)

    assert said.endswith(f"you like jazz music (adaptive recommendation{words}).")


def test_a_note_denies_nothing_where_no_prefix_stands() -> None:
    said = explanation([], (kinds.ADAPTIVE, kinds.EXPLORATORY), 0.9, speaks=True)

    assert said == f"{NO_REASON} (adaptive recommendation, still exploratory)."


def test_without_a_reason_none_is_made_up() -> None:
    assert explanation([], (), 0.9, speaks=False) == f"{NOTHING_SPEAKS}."
    assert explanation([], (), 0.9, speaks=True) == f"{NO_REASON}."


def test_a_name_over_several_lines_is_told_on_one() -> None:
    assert clause(ReasonRecord(kinds.ARTIST, 1.0, ("Ada \n  Bix",))) == (
        "you've enjoyed other Ada Bix tracks"
    )


@pytest.mark.parametrize(
    ("names", "words"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (list("abc"), "a, b and c")],
)
def test_names_are_listed_in_english(names: list[str], words: str) -> None:
    assert listing(names) == words


def test_a_name_without_a_mark_leaves_no_gap() -> None:
    assert clause(ReasonRecord(kinds.GENRE, 1.0, ("\x85", "dub"))) == "you like … and dub music"
