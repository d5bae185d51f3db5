from datetime import UTC, datetime

import numpy as np
import pytest

from hybridrec.answers.ask import recommend_ask, scores_ask
from hybridrec.answers.asker import asker_of
from hybridrec.answers.batch import batch_asks
from hybridrec.answers.knowledge import Knowledge, Known
from hybridrec.schema.names import MAX_HISTORY, META_LEARNING, SESSION_FEATURES
from hybridrec.schema.profile import Interaction, Profile
from hybridrec.schema.wire import (
    InlineTrack,
    Listener,
    Play,
    RecommendRequest,
    ScoresRequest,
    Session,
)

NOBODY = Known.nothing()
ROCK, INDIE, JAZZ = 2, 3, 4
CALM, DRIVING = 2, 3


def session_value(values: np.ndarray[tuple[int], np.dtype[np.float32]], name: str) -> float:
    return float(values[SESSION_FEATURES.index(name)])


def test_a_known_user_brings_the_history_of_the_training(knowledge: Knowledge) -> None:
    asker = asker_of(Listener(user_id="ann"), NOBODY, knowledge)

    assert asker.user_row == 0
    assert asker.history.tolist() == [0, 1]
    # 1 + ln(plays) for four plays and for one, to the precision of float32
    assert asker.weights.tolist() == pytest.approx([1 + np.log(4), 1.0], rel=1e-6)
    assert asker.played.tolist() == [0, 1]


def test_plays_of_store_and_request_come_after_those_of_the_training(knowledge: Knowledge) -> None:
    known = Known(interactions=(Interaction("bob", "t2", plays=3),))

    asker = asker_of(Listener(user_id="bob", history=[Play(track_id="t0")]), known, knowledge)

    assert asker.history.tolist() == [1, 2, 0]
    assert asker.weights.tolist() == pytest.approx([1.0, 1 + np.log(3), 1.0], rel=1e-6)
    assert asker.played.tolist() == [0, 1, 2]


def test_a_track_played_again_stands_once_and_at_its_last_place(knowledge: Knowledge) -> None:
    listener = Listener(user_id="ann", history=[Play(track_id="t0"), Play(track_id="t2")])

    asker = asker_of(listener, NOBODY, knowledge)

    assert asker.history.tolist() == [1, 0, 2]
    assert asker.played.tolist() == [0, 1, 2]


def test_a_skip_in_the_store_is_no_play(knowledge: Knowledge) -> None:
    known = Known(interactions=(Interaction("bob", "t2", plays=0, event="skip"),))

    asker = asker_of(Listener(user_id="bob"), known, knowledge)

    assert asker.history.tolist() == [1]
    assert asker.played.tolist() == [1]


def test_a_disliked_track_is_no_evidence_and_is_not_shown(knowledge: Knowledge) -> None:
    told = [("t1", 0), ("t2", 1), ("elsewhere", 1)]
    known = Known(
        interactions=tuple(Interaction("ann", name, plays, event="dislike") for name, plays in told)
    )
    listener = RecommendRequest(user_id="ann", history=[Play(track_id="t2")])

    asker = asker_of(listener, known, knowledge)

    # t1 was played in training, t2 in the store and in the request
    assert asker.history.tolist() == [0]
    assert asker.weights.tolist() == pytest.approx([1 + np.log(4)], rel=1e-6)
    assert asker.genres.tolist() == [ROCK, INDIE, 0, 0, 0]
    assert asker.moods.tolist() == [CALM, 0, 0]
    assert asker.played.tolist() == [0, 1, 2]
    assert asker.played_elsewhere == {"elsewhere"}


def test_a_track_that_was_disliked_without_a_play_is_not_shown_either(
    knowledge: Knowledge,
) -> None:
    known = Known(
        interactions=tuple(
            Interaction("bob", name, 0, event="dislike") for name in ("t2", "elsewhere")
        )
    )

    asker = asker_of(Listener(user_id="bob"), known, knowledge)

    assert asker.history.tolist() == [1]
    assert asker.played.tolist() == [1, 2]
    assert asker.played_elsewhere == {"elsewhere"}


@pytest.mark.parametrize(
    ("later", "history"),
    [("like", [1, 2]), ("save", [1, 2]), ("play", [1]), (None, [1]), ("skip", [1])],
)
def test_a_dislike_holds_until_the_track_is_liked_or_saved(
    knowledge: Knowledge, later: str | None, history: list[int]
) -> None:
    events = ("play", "dislike", later)
    known = Known(interactions=tuple(Interaction("bob", "t2", 1, event=one) for one in events))

    asker = asker_of(Listener(user_id="bob"), known, knowledge)

    assert asker.history.tolist() == history
    assert asker.played.tolist() == [1, 2]


def test_an_erased_user_is_unknown_but_for_what_came_after(knowledge: Knowledge) -> None:
    since = Interaction("ann", "t2", plays=1, timestamp=datetime(2026, 1, 1, tzinfo=UTC))

    asker = asker_of(
        Listener(user_id="ann"), Known(interactions=(since,), is_erased=True), knowledge
    )

    assert asker.user_id == "ann"
    assert asker.user_row == -1
    assert asker.history.tolist() == [2]
    assert np.isnan(asker.session).all()


def test_a_total_stranger_is_known_by_nothing(knowledge: Knowledge) -> None:
    asker = asker_of(Listener(), NOBODY, knowledge)

    assert (asker.user_id, asker.user_row) == (None, -1)
    assert len(asker.history) == len(asker.played) == 0
    assert asker.genres.tolist() == [0] * 5
    assert asker.moods.tolist() == [0] * 3
    assert np.isnan(asker.session).all()


def test_preferences_are_derived_from_the_history_where_none_are_stated(
    knowledge: Knowledge,
) -> None:
    listener = Listener(history=[Play(track_id="t0", plays=9), Play(track_id="t1")])

    asker = asker_of(listener, NOBODY, knowledge)

    assert asker.genres.tolist() == [ROCK, INDIE, 0, 0, 0]  # rock of both, indie of t0 alone
    assert asker.moods.tolist() == [CALM, DRIVING, 0]


def test_what_the_request_states_comes_before_the_profile(knowledge: Knowledge) -> None:
    known = Known(profile=Profile("ann", ("indie",), ("driving",)))

    asker = asker_of(Listener(user_id="ann", preferred_genres=["jazz"]), known, knowledge)

    assert asker.genres.tolist() == [JAZZ, 0, 0, 0, 0]
    assert asker.moods.tolist() == [DRIVING, 0, 0]


def test_a_preference_that_the_bundle_does_not_know_is_no_preference(knowledge: Knowledge) -> None:
    listener = Listener(
        history=[Play(track_id="t2")],
        preferred_genres=["polka", "rock"],
        preferred_moods=["solemn"],
    )

    asker = asker_of(listener, NOBODY, knowledge)

    assert asker.genres.tolist() == [ROCK, 0, 0, 0, 0]
    assert asker.moods.tolist() == [0, 0, 0]


def test_unknown_preferences_are_named_once_genres_first(knowledge: Knowledge) -> None:
    listener = Listener(
        preferred_genres=["polka", "rock", "skiffle", "polka"],
        preferred_moods=["solemn", "skiffle", "calm"],
    )

    asker = asker_of(listener, NOBODY, knowledge)

    assert asker.unknown_preferences == ("polka", "skiffle", "solemn")


def test_unknown_preferences_of_the_profile_are_named_where_they_count(
    knowledge: Knowledge,
) -> None:
    known = Known(profile=Profile("ann", ("polka",), ("solemn",)))

    asker = asker_of(Listener(user_id="ann", preferred_genres=["rock"]), known, knowledge)

    assert asker.unknown_preferences == ("solemn",)  # genres of the request replace the profile's


def test_the_history_speaks_where_no_stated_preference_is_known(knowledge: Knowledge) -> None:
    listener = Listener(history=[Play(track_id="t2")], preferred_genres=["polka"])

    asker = asker_of(listener, NOBODY, knowledge)

    assert asker.genres.tolist() == [JAZZ, 0, 0, 0, 0]


def test_plays_that_the_bundle_does_not_know_push_nothing_out(knowledge: Knowledge) -> None:
    plays = [Play(track_id="t2"), *[Play(track_id=f"x{n}") for n in range(MAX_HISTORY)]]

    asker = asker_of(Listener(history=plays), NOBODY, knowledge)

    assert asker.history.tolist() == [2]
    assert len(asker.unknown_track_ids) == MAX_HISTORY


def test_the_session_of_the_request_replaces_that_of_the_training(knowledge: Knowledge) -> None:
    said = Session(skip_rate=0.25, user_type="loyalist")

    asker = asker_of(Listener(user_id="ann", session=said), NOBODY, knowledge)

    assert session_value(asker.session, "skip_rate") == 0.25
    assert session_value(asker.session, "is_loyalist") == 1
    assert session_value(asker.session, "is_explorer") == 0
    assert np.isnan(asker.session).sum() == len(SESSION_FEATURES) - 3


def test_the_session_of_the_training_stands_in_where_the_request_has_none(
    knowledge: Knowledge,
) -> None:
    asker = asker_of(Listener(user_id="ann"), NOBODY, knowledge)

    assert asker.session.tolist() == list(range(len(SESSION_FEATURES)))


def test_a_session_without_a_type_leaves_the_type_unknown(knowledge: Knowledge) -> None:
    asker = asker_of(Listener(session=Session(skip_rate=0.1)), NOBODY, knowledge)

    assert np.isnan(session_value(asker.session, "is_explorer"))
    assert np.isnan(session_value(asker.session, "is_loyalist"))


def test_unknown_ids_are_named_once_and_not_fatal(knowledge: Knowledge) -> None:
    request = RecommendRequest(
        history=[Play(track_id="gone"), Play(track_id="t0"), Play(track_id="lost")],
        candidates=["t1", "nowhere", "gone", "nowhere"],
    )

    ask = recommend_ask(request, NOBODY, knowledge, META_LEARNING)

    assert ask.rows is not None
    assert ask.rows.tolist() == [1]
    assert ask.unknown_track_ids == ("nowhere", "gone", "lost")


def test_candidates_come_once_each_and_in_their_order(knowledge: Knowledge) -> None:
    request = ScoresRequest(candidates=["t2", "t0", "t2", "t1", "t0"])

    ask = scores_ask(request, NOBODY, knowledge, META_LEARNING)

    assert ask.asked_ids == ("t2", "t0", "t1")
    assert ask.rows is not None
    assert ask.rows.tolist() == [2, 0, 1]
    assert (ask.k, ask.n_keep) == (3, 3)


def test_an_inline_track_that_the_bundle_holds_is_the_bundles(knowledge: Knowledge) -> None:
    inline = InlineTrack(track_id="t2", title="Another name", artist="Another")

    ask = scores_ask(ScoresRequest(candidates=[inline]), NOBODY, knowledge, META_LEARNING)

    assert ask.rows is not None
    assert ask.rows.tolist() == [2]
    assert ask.cold_tracks == ()


def test_an_id_that_comes_as_text_and_as_a_track_is_the_track(knowledge: Knowledge) -> None:
    inline = InlineTrack(track_id="new", title="New", artist="Ada")

    ask = scores_ask(
        ScoresRequest(candidates=["new", inline, "new"]), NOBODY, knowledge, META_LEARNING
    )

    assert ask.asked_ids == ("new",)
    assert ask.cold_tracks == (inline,)
    assert ask.unknown_track_ids == ()


def test_played_candidates_are_left_out_and_counted(knowledge: Knowledge) -> None:
    request = RecommendRequest(user_id="ann", candidates=["t0", "t1", "t2"])

    ask = recommend_ask(request, NOBODY, knowledge, META_LEARNING)

    assert ask.rows is not None
    assert ask.rows.tolist() == [2]
    assert ask.dropped == {"already_played": 2}
    assert ask.exclude.tolist() == [0, 1]


def test_a_new_track_is_left_out_wherever_it_is_known_to_be_played(knowledge: Knowledge) -> None:
    new = InlineTrack(track_id="new", title="New", artist="Ada")
    request = RecommendRequest(candidates=[new])
    told = RecommendRequest(candidates=[new], history=[Play(track_id="new")])
    stored = Known(interactions=(Interaction("zoe", "new", plays=1),))

    fresh, from_request, from_store = (
        recommend_ask(request, NOBODY, knowledge, META_LEARNING),
        recommend_ask(told, NOBODY, knowledge, META_LEARNING),
        recommend_ask(request, stored, knowledge, META_LEARNING),
    )

    assert fresh.cold_tracks == (new,)
    for ask in (from_request, from_store):
        assert ask.cold_tracks == ()
        assert ask.dropped == {"already_played": 1}


def test_played_candidates_stay_where_they_are_wanted(knowledge: Knowledge) -> None:
    request = RecommendRequest(user_id="ann", candidates=["t0", "t2"], include_played=True)

    ask = recommend_ask(request, NOBODY, knowledge, META_LEARNING)

    assert ask.rows is not None
    assert ask.rows.tolist() == [0, 2]
    assert ask.dropped == {"already_played": 0}
    assert len(ask.exclude) == 0


def test_scores_leave_nothing_out(knowledge: Knowledge) -> None:
    ask = scores_ask(
        ScoresRequest(user_id="ann", candidates=["t0", "t1"]), NOBODY, knowledge, META_LEARNING
    )

    assert ask.rows is not None
    assert ask.rows.tolist() == [0, 1]
    assert (ask.dropped, ask.explain) == ({}, False)


@pytest.mark.parametrize(
    ("k", "n_keep"), [pytest.param(1, 200, id="short"), pytest.param(50, 500, id="long")]
)
def test_a_ranking_has_enough_to_choose_from(knowledge: Knowledge, k: int, n_keep: int) -> None:
    ask = recommend_ask(RecommendRequest(k=k), NOBODY, knowledge, META_LEARNING)

    assert ask.rows is None
    assert (ask.k, ask.n_keep) == (k, n_keep)


def test_a_batch_job_asks_for_each_user_what_the_user_has_not_played(
    knowledge: Knowledge,
) -> None:
    history = {"zoe": (Interaction("zoe", "t2", plays=1),)}
    rows = np.array([3, 2, 1], np.int32)

    asks = list(batch_asks(["bob", "zoe"], history, rows, 2, knowledge))

    assert [ask.asker.user_id for ask in asks] == ["bob", "zoe"]
    assert [ask.asker.user_row for ask in asks] == [1, -1]
    assert [[] if ask.rows is None else ask.rows.tolist() for ask in asks] == [[3, 2], [3, 1]]
    assert [ask.dropped for ask in asks] == [{"already_played": 1}, {"already_played": 1}]
    assert [ask.k for ask in asks] == [2, 2]


def test_a_batch_job_may_choose_from_the_whole_catalogue(knowledge: Knowledge) -> None:
    (ask,) = batch_asks(["ann"], {}, None, 2, knowledge)

    assert ask.rows is None
    assert ask.exclude.tolist() == [0, 1]


@pytest.mark.parametrize(("include_played", "n_new"), [(False, 1), (True, 2)])
def test_a_track_that_only_the_request_knows_may_be_played_already(
    knowledge: Knowledge,
    include_played: bool,  # noqa: FBT001
    n_new: int,
) -> None:
    tracks = [InlineTrack(track_id=name, title="Dawn", artist="Ada") for name in ("new", "newer")]
    request = RecommendRequest(
        history=[Play(track_id="new")], candidates=[*tracks], include_played=include_played
    )

    ask = recommend_ask(request, NOBODY, knowledge, META_LEARNING)

    assert [track.track_id for track in ask.cold_tracks] == ["new", "newer"][-n_new:]
    assert ask.dropped == {"already_played": 2 - n_new}


def test_how_long_ago_a_listener_was_heard_of_is_told_by_the_newest_that_is_known(
    knowledge: Knowledge,
) -> None:
    def idle_days(request: RecommendRequest, known: Known = NOBODY) -> float:
        return asker_of(request, known, knowledge).idle_days

    stored = Known(interactions=(Interaction("ann", "t2", plays=1),))
    assert idle_days(RecommendRequest(user_id="ann")) == 40
    assert np.isnan(idle_days(RecommendRequest(user_id="bob")))
    assert np.isnan(idle_days(RecommendRequest(user_id="who")))
    assert np.isnan(idle_days(RecommendRequest(user_id="ann"), Known(is_erased=True)))
    assert idle_days(RecommendRequest(user_id="ann"), stored) == 0
    assert idle_days(RecommendRequest(user_id="ann", history=[Play(track_id="t0")])) == 0
    assert idle_days(RecommendRequest(user_id="ann", history=[Play(track_id="other")])) == 40


@pytest.mark.parametrize(("stated", "n_stated"), [(["jazz"], 1), (["polka"], 0), ([], 0)])
def test_genres_of_the_bundle_that_were_stated_are_told_from_derived_ones(
    knowledge: Knowledge, stated: list[str], n_stated: int
) -> None:
    asker = asker_of(RecommendRequest(user_id="ann", preferred_genres=stated), NOBODY, knowledge)

    assert asker.genres.any()
    assert asker.genres_stated == (n_stated > 0)
