from dataclasses import replace

import numpy as np
import pytest

from hybridrec.answers.desk import Desk
from hybridrec.answers.facts import facts_for, near_users, standing_of
from hybridrec.answers.knowledge import Knowledge, Known
from hybridrec.answers.plan import Scored
from hybridrec.answers.present import QueryView, views
from hybridrec.answers.taste import taste_of
from hybridrec.explanations import kinds
from hybridrec.explanations.config import ExplanationConfig
from hybridrec.explanations.facts import Facts
from hybridrec.fusion.confidence import ConfidenceWeighted
from hybridrec.schema.answers import StageReport
from hybridrec.schema.evidence import ContentEvidence, Evidence, Neighbours, PreferenceEvidence
from hybridrec.schema.records import AudioFeatures
from hybridrec.schema.wire import InlineTrack, Play, RecommendRequest
from hybridrec.testing import FakeScorer, uncalibrated

SCORES = {0: 0.2, 1: 0.4, 2: 0.8, 4: 0.6}
"""Of t0, t1, t2 and of the first track that only the request knows."""
NEW = InlineTrack(
    track_id="new", title="New", artist="Ada", genres=["rock", "polka"], moods=["calm"]
)


def view_of(desk: Desk, request: RecommendRequest, evidence: Evidence | None = None) -> QueryView:
    """What two scorers that agree say of a request."""
    planned = desk.plan([request], [Known.nothing()], np.inf)
    queries = planned.queries
    cf, content = (FakeScorer(name, SCORES).score(queries) for name in ("cf", "content"))
    cf = replace(cf, evidence=evidence)
    content = replace(content, preferences=preferences(len(content.scores)))
    audio = AudioFeatures.measured(queries.cold_items.audio)
    fused = uncalibrated(ConfidenceWeighted(prior=0.5)).fuse(queries, cf, content, audio)
    stages = dict.fromkeys(("nmf_scorer", "two_tower_scorer"), StageReport(status="ok"))
    (view,) = views(planned, Scored(cf, content, audio, fused, stages), desk.knowledge)
    return view


def preferences(n: int) -> PreferenceEvidence:
    """That all preferences speak for each of n candidates."""
    return PreferenceEvidence(np.ones((n, 5), bool), np.ones((n, 3), bool))


def facts_of(view: QueryView, track_id: str) -> Facts:
    places = range(len(view.rows))
    place = next(one for one in places if view.track(one).track_id == track_id)
    taste = taste_of(view.ask, view.knowledge, near_users(view))
    return facts_for(view, place, taste, ExplanationConfig())


def test_a_new_track_by_an_artist_of_the_history_is_told_by_what_it_shares(desk: Desk) -> None:
    facts = facts_of(view_of(desk, RecommendRequest(user_id="ann", candidates=[NEW])), "new")

    assert facts.artist == "Ada"
    assert facts.artist_plays == (1, 0)  # newest first
    assert facts.history_genres == (("rock", 1.0),)  # polka is no genre of the bundle
    assert facts.stated_genres == ()
    four_plays, one_play = 1 + np.log(4), 1.0
    # t0 alone is calm, of two tracks that weigh by the logarithm of their plays; float32
    ((mood, share),) = facts.moods
    assert mood == "calm"
    assert share == pytest.approx(four_plays / (four_plays + one_play), rel=1e-6)
    assert not facts.is_popular


def test_a_term_that_is_but_rounding_speaks_neither_for_nor_against(desk: Desk) -> None:
    view = view_of(desk, RecommendRequest(user_id="ann", candidates=[NEW]))
    fused = view.scored.fused
    rounded = replace(fused.terms, context=fused.terms.context + np.float32(1e-6))
    rounded = replace(rounded, content=np.full_like(rounded.content, -1e-6))

    facts = facts_of(
        replace(view, scored=replace(view.scored, fused=replace(fused, terms=rounded))), "new"
    )

    assert (facts.context, facts.content) == (0.0, 0.0)
    assert facts.speaks == facts.cf > 0


def test_each_source_has_its_term_of_the_score(desk: Desk) -> None:
    facts = facts_of(view_of(desk, RecommendRequest(user_id="ann", candidates=[NEW])), "new")

    # two equal sources share the logit of what both say; float32
    assert facts.cf == pytest.approx(np.log(0.6 / 0.4) / 2, rel=1e-5)
    assert facts.content == pytest.approx(facts.cf, rel=1e-6)


def test_what_is_stated_is_told_apart_from_what_was_played(desk: Desk) -> None:
    request = RecommendRequest(
        user_id="bob", candidates=["t0"], preferred_genres=["indie"], preferred_moods=["calm"]
    )

    facts = facts_of(view_of(desk, request), "t0")

    assert facts.stated_genres == ("indie",)
    assert facts.history_genres == (("rock", 1.0),)
    assert facts.moods == (("calm", 1.0),)
    assert facts.artist_plays == (1,)


def test_a_preference_is_a_fact_only_where_it_speaks_for_the_track(desk: Desk) -> None:
    request = RecommendRequest(
        user_id="bob",
        candidates=["t0", "t1"],
        include_played=True,
        preferred_genres=["jazz", "rock", "indie"],
        preferred_moods=["driving", "calm"],
    )
    view = view_of(desk, request)
    # candidates come most played first: t1, then t0; both are rock, t0 is indie and calm as well
    genres, moods = np.zeros((2, 5), bool), np.zeros((2, 3), bool)
    genres[1, 2] = moods[1, 1] = True
    content = replace(view.scored.content, preferences=PreferenceEvidence(genres, moods))
    told = replace(view, scored=replace(view.scored, content=content))
    silent = replace(view, scored=replace(view.scored, content=replace(content, preferences=None)))

    assert facts_of(told, "t0").stated_genres == ("rock", "indie")
    assert facts_of(told, "t0").liked_genres == ("indie",)
    assert facts_of(told, "t0").moods == (("calm", 1.0),)
    assert (facts_of(told, "t1").liked_genres, facts_of(told, "t1").moods) == ((), ())
    # no evidence, no claim
    assert (facts_of(silent, "t0").liked_genres, facts_of(silent, "t0").moods) == ((), ())


def test_a_genre_that_a_request_names_twice_is_one(desk: Desk) -> None:
    twice = NEW.model_copy(update={"genres": ["rock", "rock"], "moods": ["calm", "calm"]})
    request = RecommendRequest(
        candidates=[twice], preferred_genres=["rock"], preferred_moods=["calm"]
    )

    facts = facts_of(view_of(desk, request), "new")

    assert (facts.stated_genres, facts.liked_genres) == (("rock",), ("rock",))
    assert facts.moods == (("calm", 1.0),)


def test_without_a_history_there_is_only_what_is_stated(desk: Desk) -> None:
    request = RecommendRequest(candidates=["t0"], preferred_genres=["rock"])

    facts = facts_of(view_of(desk, request), "t0")

    assert facts.stated_genres == ("rock",)
    assert (facts.history_genres, facts.moods, facts.artist_plays) == ((), (), ())


def test_a_track_is_no_other_track_of_its_artist(desk: Desk) -> None:
    request = RecommendRequest(user_id="ann", candidates=["t0"], include_played=True)

    assert facts_of(view_of(desk, request), "t0").artist_plays == (1,)


def test_of_an_artist_the_three_newest_plays_are_told(desk: Desk) -> None:
    view = view_of(desk, RecommendRequest(user_id="ann", candidates=[NEW]))
    found = taste_of(view.ask, view.knowledge, near_users(view))
    taste = replace(found, plays_by_artist={"Ada": (9, 8, 7, 6)})

    facts = facts_for(view, 0, taste, ExplanationConfig())

    assert facts.artist_plays == (9, 8, 7)


@pytest.mark.parametrize(
    ("score", "n_ratings", "kind"),
    [(81, 200, kinds.ACCLAIMED_BY_CONSENSUS), (80, 200, None), (None, 200, None), (81, None, None)],
)
def test_a_new_track_is_praised_by_what_the_request_says_of_it(
    desk: Desk, score: float | None, n_ratings: float | None, kind: str | None
) -> None:
    said = {"aoty_score": score, "aoty_num_ratings": n_ratings}
    view = view_of(desk, RecommendRequest(candidates=[NEW.model_copy(update=said)]))

    assert facts_of(view, "new").acclaim_kind == kind


def test_a_track_of_the_bundle_is_praised_by_its_table(desk: Desk, knowledge: Knowledge) -> None:
    acclaim = np.array([[85, 500], [85, np.nan], [70, 500], [np.nan, np.nan]], np.float32)
    praised = replace(knowledge, catalog=replace(knowledge.catalog, acclaim=acclaim))
    view = view_of(replace(desk, knowledge=praised), RecommendRequest(candidates=["t0", "t1"]))

    assert facts_of(view, "t0").acclaim_kind == kinds.ACCLAIMED_WIDELY
    assert facts_of(view, "t1").acclaim_kind is None


def test_shares_of_the_content_follow_their_candidate(desk: Desk) -> None:
    view = view_of(desk, RecommendRequest(user_id="ann", candidates=["t2", NEW]))
    shares, halves = np.array([[0.5, 0.25], [0.25, 0.125]], np.float32)
    content = replace(view.scored.content, content_evidence=ContentEvidence(shares, halves))
    shared = replace(view, scored=replace(view.scored, content=content))

    facts = {name: facts_of(shared, name) for name in ("t2", "new")}

    assert (facts["t2"].predicted_audio, facts["t2"].acclaim) == (0.5, 0.25)
    assert (facts["new"].predicted_audio, facts["new"].acclaim) == (0.25, 0.125)
    assert facts_of(view, "t2").predicted_audio == 0  # no evidence, no claim


def test_nearness_is_that_of_the_listener_who_asks(desk: Desk) -> None:
    view = view_of(desk, RecommendRequest(user_id="ann", candidates=["t2"]))
    near = Neighbours(np.array([0.75], np.float32), np.array([[1, -1]], np.int32))
    told = replace(view, scored=replace(view.scored, cf=replace(view.scored.cf, neighbours=near)))

    assert np.isnan(facts_of(view, "t2").neighbours)
    assert facts_of(view, "t2").n_near_listeners == 0
    assert facts_of(told, "t2").neighbours == 0.75


def test_near_users_are_counted_who_played_the_track(desk: Desk) -> None:
    request = RecommendRequest(candidates=["t0", "t1", "t3", NEW])
    view = view_of(desk, request)
    near = Neighbours(np.array([0.75], np.float32), np.array([[1, 0, -1]], np.int32))
    told = replace(view, scored=replace(view.scored, cf=replace(view.scored.cf, neighbours=near)))

    found = [facts_of(told, name).n_near_listeners for name in ("t0", "t1", "t3", "new")]

    assert found == [1, 2, 0, 0]


def test_a_track_is_no_evidence_for_itself(desk: Desk) -> None:
    shares, by_genres = np.array([[0.5, 0.25, 0]], np.float32), np.zeros(1, np.float32)
    evidence = Evidence(np.array([[1, 0, -1]], np.int32), shares, by_genres)
    request = RecommendRequest(user_id="ann", candidates=["t1"], include_played=True)

    assert facts_of(view_of(desk, request, evidence), "t1").evidence == ((0, 0.25),)


def test_how_a_score_came_about_is_told_by_its_fusion(desk: Desk) -> None:
    view = view_of(desk, RecommendRequest(user_id="ann", candidates=["t2", NEW]))
    fused = replace(
        view.scored.fused,
        low=np.array([0.2, np.nan], np.float32),
        high=np.array([0.8, np.nan], np.float32),
        source_scores=np.array([[0.8, 0.8], [np.nan, 0.6]], np.float32),
        source_confidence=np.array([[0.5, 0.25], [0.0, 0.75]], np.float32),
    )
    view = replace(view, scored=replace(view.scored, fused=fused))

    both, alone = (standing_of(view, place, widest_interval=4 * np.log(4)) for place in range(2))

    assert (both.method, both.cf_weight) == ("confidence_weighted", 0.5)
    assert both.source_confidence == (0.5, 0.25)
    assert both.uncertainty == pytest.approx(0.5)
    assert alone.source_confidence == (0.75,)
    assert np.isnan(alone.uncertainty)


def test_a_track_without_an_artist_resembles_no_other(desk: Desk) -> None:
    request = RecommendRequest(
        user_id="bob", candidates=["t3"], include_played=True, history=[Play(track_id="t3")]
    )

    facts = facts_of(view_of(desk, request), "t3")

    assert (facts.artist, facts.artist_plays) == ("", ())


def test_evidence_follows_its_candidate_and_ends_where_there_is_no_more(desk: Desk) -> None:
    request = RecommendRequest(user_id="ann", candidates=["t2", NEW])
    evidence = Evidence(
        rows=np.array([[1, 0, -1], [0, -1, -1]], np.int32),
        shares=np.array([[0.75, 0.25, 0], [1, 0, 0]], np.float32),
        by_genres=np.zeros(2, np.float32),
    )

    view = view_of(desk, request, evidence)

    assert facts_of(view, "t2").evidence == ((1, 0.75), (0, 0.25))
    assert facts_of(view, "t2").evidence_titles == ("Night Drive", "Slow Rain")
    assert facts_of(view, "new").evidence == ((0, 1.0),)


def test_of_a_stranger_nothing_speaks_but_popularity(desk: Desk) -> None:
    facts = facts_of(view_of(desk, RecommendRequest(candidates=["t1"])), "t1")

    assert facts.is_popular
    assert (facts.cf, facts.content, facts.evidence) == (0, 0, ())


def test_what_a_scorer_that_was_lost_said_is_not_in_the_answer(desk: Desk) -> None:
    view = view_of(desk, RecommendRequest(user_id="ann", candidates=["t2"]))
    late = view.scored.stages | {"nmf_scorer": StageReport(status="late")}

    (item,) = replace(view, scored=replace(view.scored, stages=late)).items([0])

    assert set(item.sources) == {"content"}
    assert item.title == "Été"


def test_what_is_unknown_stands_by_popularity_behind_what_is_known(desk: Desk) -> None:
    everything = RecommendRequest(candidates=["t0", "t1", "t2", "t3", NEW])
    known = RecommendRequest(user_id="bob", candidates=["t3", NEW, "t2"])

    stranger, bob = view_of(desk, everything), view_of(desk, known)

    def order(view: QueryView) -> list[str]:
        return [view.track(place).track_id for place in range(len(view.rows))]

    assert order(stranger) == ["t1", "t2", "t0", "t3", "new"]
    assert order(bob) == ["t2", "new", "t3"]


def test_nobody_calls_a_track_popular_that_nobody_plays(desk: Desk) -> None:
    view = view_of(desk, RecommendRequest(candidates=["t1", "t3", NEW]))

    popular = {name: facts_of(view, name).is_popular for name in ("t1", "t3", "new")}

    assert popular == {"t1": True, "t3": False, "new": False}


def test_a_track_is_new_that_fewer_than_three_listeners_played(desk: Desk) -> None:
    nameless = NEW.model_copy(update={"track_id": "plain", "genres": []})
    view = view_of(desk, RecommendRequest(candidates=["t0", "t2", "t3", NEW, nameless]))

    facts = {name: facts_of(view, name) for name in ("t0", "t2", "t3", "new", "plain")}

    assert {name: one.is_new for name, one in facts.items()} == {
        "t0": True,  # one listener
        "t2": False,  # three
        "t3": True,
        "new": True,
        "plain": True,
    }
    assert facts["new"].has_genres
    assert not facts["plain"].has_genres
