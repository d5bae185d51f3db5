"""What is read from a listener's history and statements before any track is looked at."""

from dataclasses import replace

import numpy as np
import pytest

from hybridrec.answers.ask import recommend_ask
from hybridrec.answers.knowledge import NO_ROWS, Knowledge, Known
from hybridrec.answers.taste import N_TOP_ARTISTS, Taste, taste_of
from hybridrec.schema.names import META_LEARNING
from hybridrec.schema.profile import Profile
from hybridrec.schema.wire import Context, Play, RecommendRequest, Session

ROCK, INDIE, JAZZ = 2, 3, 4
CALM, DRIVING = 2, 3


@pytest.fixture
def at_eight(knowledge: Knowledge) -> Knowledge:
    """Ann mostly listens at eight."""
    hours = knowledge.listening_hours.copy()
    hours[0, 8] = True
    return replace(knowledge, listening_hours=hours)


def taste_for(knowledge: Knowledge, request: RecommendRequest, known: Known | None = None) -> Taste:
    ask = recommend_ask(request, known or Known.nothing(), knowledge, META_LEARNING)
    return taste_of(ask, knowledge, NO_ROWS)


def test_genres_of_the_history_come_with_their_share_of_it(knowledge: Knowledge) -> None:
    taste = taste_for(knowledge, RecommendRequest(user_id="ann"))

    four_plays, one_play = 1 + np.log(4), 1.0
    assert taste.history_genres == pytest.approx(
        {ROCK: 1.0, INDIE: four_plays / (four_plays + one_play)}, rel=1e-6
    )  # float32
    assert taste.stated_genres == frozenset()
    assert taste.moods == pytest.approx(
        {CALM: four_plays / (four_plays + one_play), DRIVING: one_play / (four_plays + one_play)},
        rel=1e-6,
    )


@pytest.mark.parametrize("by", ["request", "profile"])
def test_what_is_stated_counts_whole_and_leaves_the_history_as_it_was(
    knowledge: Knowledge, by: str
) -> None:
    stated = {"preferred_genres": ("jazz",), "preferred_moods": ("calm",)}
    request = RecommendRequest.model_validate(
        {"user_id": "bob"} | (stated if by == "request" else {})
    )
    known = Known(Profile("bob", **stated)) if by == "profile" else Known.nothing()

    taste = taste_for(knowledge, request, known)

    assert taste.stated_genres == {JAZZ}
    assert taste.history_genres == {ROCK: 1.0}
    assert taste.moods == {CALM: 1.0}


def test_statements_that_the_bundle_does_not_know_are_none(knowledge: Knowledge) -> None:
    taste = taste_for(knowledge, RecommendRequest(user_id="bob", preferred_genres=["polka"]))

    assert taste.stated_genres == frozenset()


def test_plays_by_artist_are_newest_first_and_the_nameless_are_nobodys(
    knowledge: Knowledge,
) -> None:
    history = [Play(track_id=name) for name in ("t2", "t3")]

    taste = taste_for(knowledge, RecommendRequest(user_id="ann", history=history))

    assert taste.plays_by_artist == {"Ada": (1, 0), "Bix": (2,)}
    assert taste.top_artists == {"Ada", "Bix"}


def test_the_top_artists_are_those_of_the_most_plays(knowledge: Knowledge) -> None:
    n = N_TOP_ARTISTS + 2
    names = [f"a{place:02}" for place in range(n)]
    table = knowledge.catalog.table.head(1)
    many = replace(
        knowledge,
        catalog=replace(knowledge.catalog, table=table, artists=tuple(names)),
        items=knowledge.items.take(np.zeros(n, np.int32)),
    )
    ask = recommend_ask(RecommendRequest(), Known.nothing(), knowledge, META_LEARNING)
    asker = replace(
        ask.asker,
        history=np.arange(n, dtype=np.int32),
        weights=np.array([1.0, 3.0, *[2.0] * (n - 2)], np.float32),
    )

    top = taste_of(replace(ask, asker=asker), many, NO_ROWS).top_artists

    # of those alike the last by name is left out, and so is the one of the fewest plays
    assert top == set(names) - {names[0], names[-1]}


@pytest.mark.parametrize(
    ("request_", "fits"),
    [
        pytest.param({"user_id": "ann", "context": Context(hour=8)}, True, id="her hour"),
        pytest.param({"user_id": "ann", "context": Context(hour=9)}, False, id="another hour"),
        pytest.param({"user_id": "ann", "context": Context()}, False, id="no hour told"),
        pytest.param({"user_id": "ann"}, False, id="no context told"),
        pytest.param(
            {"user_id": "ann", "context": Context(hour=8), "session": Session()},
            False,
            id="a session of which nothing is known",
        ),
        pytest.param({"user_id": "bob", "context": Context(hour=8)}, False, id="another listener"),
        pytest.param({"user_id": "eve", "context": Context(hour=8)}, False, id="a stranger"),
    ],
)
def test_an_hour_fits_whoever_mostly_listens_then(
    at_eight: Knowledge, request_: dict[str, object], *, fits: bool
) -> None:
    assert taste_for(at_eight, RecommendRequest.model_validate(request_)).fits_hour == fits


def test_an_erased_listener_has_no_hours(at_eight: Knowledge) -> None:
    request = RecommendRequest(user_id="ann", context=Context(hour=8))

    assert not taste_for(at_eight, request, Known(is_erased=True)).fits_hour
