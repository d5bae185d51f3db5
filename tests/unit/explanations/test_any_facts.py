"""What holds of the explanation of any facts whatever."""

import re
from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hybridrec.explanations import kinds
from hybridrec.explanations.facts import Facts
from hybridrec.explanations.notes import Standing, notes_for
from hybridrec.explanations.reasons import MIN_STRENGTH, reasons_for
from hybridrec.explanations.text import explanation

TERM = st.floats(-6, 6)
SHARE = st.floats(0, 1)
NAME = st.text(st.characters(exclude_characters=",.()“”", exclude_categories=["Cs"]), min_size=1)
ROWS = st.lists(st.integers(0, 99), unique=True, max_size=3).map(tuple)
KIND = st.sampled_from([None, kinds.ACCLAIMED, kinds.ACCLAIMED_BY_CONSENSUS])
STANDING = st.builds(
    Standing,
    method=st.sampled_from(["meta_learning", "confidence_weighted"]),
    cf_weight=SHARE,
    source_confidence=st.lists(SHARE, min_size=1, max_size=2).map(tuple),
    uncertainty=SHARE | st.just(np.nan),
)


@st.composite
def shares(draw: st.DrawFn) -> tuple[tuple[str, float], ...]:
    names = draw(st.lists(NAME, unique=True, max_size=4))
    return tuple((name, draw(SHARE)) for name in names)


@st.composite
def any_facts(draw: st.DrawFn) -> Facts:
    rows = draw(ROWS)
    total = draw(st.floats(0, 1))
    parts = [draw(st.floats(0.01, 1)) for _ in rows]
    audio = draw(SHARE)
    stated = tuple(draw(st.lists(NAME, unique=True, max_size=4)))
    return Facts(
        cf=draw(TERM),
        content=draw(TERM),
        context=draw(TERM),
        evidence=tuple(
            (row, total * part / sum(parts)) for row, part in zip(rows, parts, strict=True)
        ),
        evidence_titles=tuple(draw(NAME) for _ in rows),
        by_genres=draw(SHARE),
        neighbours=draw(SHARE | st.just(np.nan)),
        n_near_listeners=draw(st.integers(0, 10)),
        artist=draw(NAME),
        artist_plays=draw(ROWS),
        is_top_artist=draw(st.booleans()),
        history_genres=draw(shares()),
        stated_genres=stated,
        liked_genres=tuple(name for name in stated if draw(st.booleans())),
        moods=draw(shares()),
        predicted_audio=audio,
        acclaim=draw(st.floats(0, 1 - audio)),
        acclaim_kind=draw(KIND),
        fits_hour=draw(st.booleans()),
        is_popular=draw(st.booleans()),
        is_new=draw(st.booleans()),
        has_genres=draw(st.booleans()),
    )


def said_of(facts: Facts, standing: Standing, confidence: float) -> str:
    speaks = facts.speaks > 0
    return explanation(reasons_for(facts), notes_for(standing), confidence, speaks=speaks)


def turned(facts: Facts) -> Facts:
    """The same facts in another order."""
    return replace(
        facts,
        evidence=facts.evidence[::-1],
        evidence_titles=facts.evidence_titles[::-1],
        history_genres=facts.history_genres[::-1],
        stated_genres=facts.stated_genres[::-1],
        liked_genres=facts.liked_genres[::-1],
        moods=facts.moods[::-1],
    )


@given(facts=any_facts(), standing=STANDING, confidence=SHARE)
def test_the_sentence_reads_as_one(facts: Facts, standing: Standing, confidence: float) -> None:
    sentence = said_of(facts, standing, confidence)

    assert re.fullmatch(r"[^.]+\.", sentence)
    assert not re.search(r"  |,\s*,| ,|\( |because (predicted|balanced|based|,|and)", sentence)
    assert not re.search(r"and( and)+ (you|it|users|similar)|\(\)|because\.", sentence)


@given(facts=any_facts())
def test_strengths_fall_and_are_shares_of_one(facts: Facts) -> None:
    strengths = [reason.strength for reason in reasons_for(facts)]

    assert strengths == sorted(strengths, reverse=True)
    assert all(MIN_STRENGTH <= strength <= 1 for strength in strengths)
    assert sum(strengths) <= 1 + 1e-6


@given(facts=any_facts())
def test_no_kind_is_given_twice(facts: Facts) -> None:
    found = [reason.kind for reason in reasons_for(facts)]

    assert len(set(found)) == len(found)
    assert not {kinds.ARTIST, kinds.ARTIST_BEFORE} <= set(found)


@given(facts=any_facts(), standing=STANDING, confidence=SHARE)
def test_the_order_of_the_facts_changes_nothing(
    facts: Facts, standing: Standing, confidence: float
) -> None:
    one, other = reasons_for(facts), reasons_for(turned(facts))

    assert [reason.kind for reason in one] == [reason.kind for reason in other]
    assert [reason.values for reason in one] == [reason.values for reason in other]
    assert said_of(facts, standing, confidence) == said_of(turned(facts), standing, confidence)


@given(facts=any_facts())
def test_a_reason_needs_a_source_that_speaks_for_the_track(facts: Facts) -> None:
    found = {reason.kind for reason in reasons_for(replace(facts, is_popular=False))}

    of_cf = {kinds.PLAYED, kinds.SIMILAR_LISTENERS, kinds.COLLABORATIVE}
    of_cf |= {kinds.COLLABORATIVE_GENRES}
    of_content = {kinds.GENRE, kinds.MOOD, kinds.ARTIST_BEFORE, kinds.PREDICTED_AUDIO}
    of_content |= {kinds.CONTENT, kinds.ACCLAIMED, kinds.ACCLAIMED_BY_CONSENSUS}
    assert facts.cf > 0 or found.isdisjoint(of_cf)
    if facts.cf > 0 and facts.by_genres > 0:
        of_content -= {kinds.GENRE}  # a new listener's stated genres pull the factors too
    if not facts.liked_genres and (facts.cf <= 0 or facts.by_genres == 0):
        assert kinds.GENRE not in found
    assert facts.content > 0 or found.isdisjoint(of_content)
    assert not (facts.is_new and kinds.SIMILAR_LISTENERS in found)
    assert facts.context > 0 or kinds.LISTENING_HOUR not in found
    assert (facts.fits_hour and facts.context > 0) or kinds.LISTENING_HOUR not in found
