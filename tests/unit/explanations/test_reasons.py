"""Which reasons are given, and how strong each is."""

from dataclasses import replace

import pytest

from hybridrec.explanations import kinds
from hybridrec.explanations.facts import Facts
from hybridrec.explanations.reasons import MIN_STRENGTH, NEAR, reasons_for
from tests.golden.explanations import BY_BOTH, BY_CF, BY_CONTENT, NAN, NOTHING

OF_CF = {
    kinds.PLAYED,
    kinds.SIMILAR_LISTENERS,
    kinds.HISTORY_GENRE,
    kinds.ARTIST,
    kinds.COLLABORATIVE,
}
EVERYTHING = replace(
    NOTHING,
    cf=4.0,
    content=3.0,
    context=1.0,
    evidence=((7, 0.25), (8, 0.25)),
    evidence_titles=("Seven", "Eight"),
    neighbours=0.8,
    n_near_listeners=2,
    artist_plays=(7,),
    is_top_artist=True,
    history_genres=(("jazz", 0.5), ("rock", 0.2)),
    stated_genres=("jazz",),
    liked_genres=("jazz",),
    moods=(("calm", 0.8),),
    predicted_audio=0.25,
    acclaim=0.25,
    acclaim_kind=kinds.ACCLAIMED,
    fits_hour=True,
)


def strengths(facts: Facts) -> dict[str, float]:
    return {reason.kind: reason.strength for reason in reasons_for(facts)}


def test_strengths_are_shares_of_all_that_speaks_for_the_track() -> None:
    of_cf, of_content = 4 / 8 / 2, 3 / 8 / 2  # what is not told exactly
    in_cf, in_content = 0.8 + 0.7 + 1.0, 1.0 + 1.0 + 0.2 + 0.8  # rock alone is not stated

    assert strengths(EVERYTHING) == pytest.approx(
        {
            kinds.PLAYED: 4 / 8 / 2,
            kinds.SIMILAR_LISTENERS: of_cf * 0.8 / in_cf,
            kinds.HISTORY_GENRE: of_cf * 0.7 / in_cf + of_content * 0.2 / in_content,
            kinds.ARTIST: of_cf * 1.0 / in_cf + of_content * 1.0 / in_content,
            kinds.PREDICTED_AUDIO: 3 / 8 / 4,
            kinds.ACCLAIMED: 3 / 8 / 4,
            kinds.GENRE: of_content * 1.0 / in_content,
            kinds.MOOD: of_content * 0.8 / in_content,
            kinds.LISTENING_HOUR: 1 / 8,
        }
    )
    assert sum(strengths(EVERYTHING).values()) == pytest.approx(1)


def test_the_strongest_comes_first_and_those_alike_by_kind() -> None:
    alike = replace(
        BY_BOTH,
        content=2.0,
        neighbours=0.9,
        n_near_listeners=2,
        stated_genres=("jazz",),
        liked_genres=("jazz",),
    )

    assert [one.kind for one in reasons_for(alike)] == [kinds.GENRE, kinds.SIMILAR_LISTENERS]
    assert reasons_for(EVERYTHING)[0].kind == kinds.PLAYED


def test_a_lost_source_gives_no_reason() -> None:
    assert OF_CF.isdisjoint(strengths(replace(EVERYTHING, cf=0.0, history_genres=())))
    assert set(strengths(replace(EVERYTHING, content=0.0, context=0.0))) < OF_CF


def test_a_source_that_speaks_against_the_track_gives_no_reason_and_takes_nothing_away() -> None:
    found = strengths(replace(EVERYTHING, cf=-5.0, context=-2.0))

    assert kinds.PLAYED not in found
    assert kinds.LISTENING_HOUR not in found
    assert found[kinds.PREDICTED_AUDIO] == pytest.approx(0.25)


def test_where_everything_speaks_against_a_track_there_is_no_reason() -> None:
    assert reasons_for(replace(EVERYTHING, cf=-1.0, content=-1.0, context=-1.0)) == ()


@pytest.mark.parametrize(
    ("neighbours", "kind"),
    [
        pytest.param(NEAR, kinds.SIMILAR_LISTENERS, id="near"),
        pytest.param(NEAR - 1e-9, kinds.COLLABORATIVE, id="not quite near"),
        pytest.param(NAN, kinds.COLLABORATIVE, id="unknown"),
    ],
)
def test_users_have_similar_taste_only_if_they_are_near(neighbours: float, kind: str) -> None:
    assert strengths(replace(BY_CF, neighbours=neighbours, n_near_listeners=2)) == {kind: 1.0}


@pytest.mark.parametrize(
    ("n_near", "kind"), [(1, kinds.COLLABORATIVE), (2, kinds.SIMILAR_LISTENERS)]
)
def test_users_of_similar_taste_liked_a_track_only_if_two_of_them_played_it(
    n_near: int, kind: str
) -> None:
    assert strengths(replace(BY_CF, neighbours=0.9, n_near_listeners=n_near)) == {kind: 1.0}


def test_the_hour_is_no_reason_alone() -> None:
    alone = replace(NOTHING, context=1.0, fits_hour=True)

    assert reasons_for(alone) == ()
    assert strengths(replace(alone, cf=1.0)) == {
        kinds.COLLABORATIVE: 0.5,
        kinds.LISTENING_HOUR: 0.5,
    }


def test_of_a_track_that_hardly_anybody_played_nobody_is_said_to_have_liked_it() -> None:
    new = replace(BY_CF, neighbours=0.9, n_near_listeners=2, is_new=True)

    assert strengths(new) == {kinds.COLLABORATIVE_GENRES: 1.0}
    assert strengths(replace(new, by_genres=0.5)) == {kinds.COLLABORATIVE_GENRES: 1.0}
    assert strengths(replace(new, is_new=False)) == {kinds.SIMILAR_LISTENERS: 1.0}
    # the factors of a track of unknown genres are of the few who played it
    assert strengths(replace(new, has_genres=False)) == {kinds.COLLABORATIVE: 1.0}


def test_plays_that_are_named_are_the_evidence_strongest_first() -> None:
    turned = replace(
        BY_CF, evidence=((9, 0.2), (7, 0.6), (4, 0.2)), evidence_titles=("Nine", "Seven", "Four")
    )

    first = reasons_for(turned)[0]

    assert first.kind == kinds.PLAYED
    assert first.strength == pytest.approx(1.0)
    assert first.values == ("Seven", "Four", "Nine")
    assert first.evidence_rows == (7, 4, 9)


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        pytest.param(replace(BY_CF, is_top_artist=True), kinds.ARTIST, id="top artist by cf"),
        pytest.param(replace(BY_CF), kinds.COLLABORATIVE, id="other artist by cf"),
        pytest.param(replace(BY_CONTENT), kinds.ARTIST_BEFORE, id="other artist by content"),
        pytest.param(
            replace(BY_CONTENT, is_top_artist=True), kinds.ARTIST_BEFORE, id="top by content"
        ),
        pytest.param(replace(BY_BOTH, is_top_artist=True), kinds.ARTIST, id="top by both"),
    ],
)
def test_an_artist_is_familiar_to_factors_and_enjoyed_before_to_content(
    facts: Facts, kind: str
) -> None:
    (reason,) = reasons_for(replace(facts, artist_plays=(4, 2)))

    assert (reason.kind, reason.strength) == (kind, 1.0)
    if kind != kinds.COLLABORATIVE:
        assert (reason.values, reason.evidence_rows) == (("Ada",), (4, 2))


def test_a_top_artist_of_whom_only_this_track_was_played_is_no_reason() -> None:
    assert set(strengths(replace(BY_CF, is_top_artist=True))) == {kinds.COLLABORATIVE}


def test_genres_of_the_history_speak_in_either_source() -> None:
    genres = (("jazz", 0.5),)

    for by_one in (BY_CF, BY_CONTENT, BY_BOTH):
        assert strengths(replace(by_one, history_genres=genres)) == {kinds.HISTORY_GENRE: 1.0}


def test_a_stated_genre_speaks_in_content_alone() -> None:
    assert strengths(replace(BY_CF, stated_genres=("jazz",), liked_genres=("jazz",))) == {
        kinds.COLLABORATIVE: 1.0
    }
    assert strengths(replace(BY_CONTENT, stated_genres=("jazz",), liked_genres=("jazz",))) == {
        kinds.GENRE: 1.0
    }


def test_a_stated_genre_without_which_content_would_not_fall_is_no_reason() -> None:
    stated = replace(BY_CONTENT, stated_genres=("jazz", "dub"))

    assert strengths(stated) == {kinds.CONTENT: 1.0}
    (liked,) = reasons_for(replace(stated, liked_genres=("dub",)))
    assert (liked.kind, liked.values) == (kinds.GENRE, ("dub",))


def test_a_stated_genre_that_pulls_the_factors_alone_is_named_all_the_same() -> None:
    pulled = replace(BY_CF, by_genres=1.0, stated_genres=("jazz", "dub"))

    (reason,) = reasons_for(pulled)

    assert (reason.kind, reason.values) == (kinds.GENRE, ("dub", "jazz"))


def test_names_come_by_share_and_then_by_name() -> None:
    shares = (("ska", 0.25), ("rock", 0.2), ("jazz", 0.25))

    for name in ("history_genres", "moods"):
        (reason,) = reasons_for(replace(BY_CONTENT, **{name: shares}))  # type: ignore[arg-type]  # of Facts
        assert reason.values == ("jazz", "ska", "rock")


def test_the_hour_speaks_with_the_term_of_the_context() -> None:
    fits = replace(BY_CF, context=2.0, fits_hour=True)

    assert strengths(fits) == {kinds.COLLABORATIVE: 0.5, kinds.LISTENING_HOUR: 0.5}
    assert strengths(replace(fits, context=-1.0)) == {kinds.COLLABORATIVE: 1.0}
    assert strengths(replace(fits, fits_hour=False)) == {kinds.COLLABORATIVE: 0.5}


def test_predicted_audio_speaks_only_by_what_it_adds() -> None:
    assert strengths(BY_CONTENT) == {kinds.CONTENT: 1.0}
    assert strengths(replace(BY_CONTENT, predicted_audio=0.25)) == {
        kinds.CONTENT: 0.75,
        kinds.PREDICTED_AUDIO: 0.25,
    }


def test_critics_speak_only_by_what_they_add_and_only_if_they_praise() -> None:
    praised = replace(BY_CONTENT, acclaim_kind=kinds.ACCLAIMED_WIDELY)

    assert strengths(praised) == {kinds.CONTENT: 1.0}
    assert strengths(replace(praised, acclaim=0.5)) == {
        kinds.CONTENT: 0.5,
        kinds.ACCLAIMED_WIDELY: 0.5,
    }
    assert strengths(replace(BY_CONTENT, acclaim=0.5)) == {kinds.CONTENT: 1.0}


def test_a_track_that_is_there_for_its_popularity_says_so() -> None:
    assert strengths(replace(EVERYTHING, is_popular=True)) == {kinds.POPULAR: 1.0}


@pytest.mark.parametrize("share", [MIN_STRENGTH, MIN_STRENGTH - 0.001])
def test_a_weak_fact_is_not_worth_a_word(share: float) -> None:
    found = strengths(replace(BY_CF, evidence=((3, share),), evidence_titles=("X",)))

    assert (kinds.PLAYED in found) == (share == MIN_STRENGTH)


def test_what_stated_genres_pull_of_a_new_listener_is_told_of_a_track_of_those_genres() -> None:
    pulled = replace(NOTHING, cf=1.0, by_genres=0.75, neighbours=0.9, n_near_listeners=2)

    other = {one.kind: one.strength for one in reasons_for(pulled)}
    stated = {
        one.kind: one.strength
        for one in reasons_for(replace(pulled, stated_genres=("dub",), liked_genres=("dub",)))
    }

    assert other == pytest.approx({kinds.SIMILAR_LISTENERS: 1.0})
    assert stated == pytest.approx({kinds.GENRE: 0.75, kinds.SIMILAR_LISTENERS: 0.25})
