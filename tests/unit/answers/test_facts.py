from dataclasses import replace

import numpy as np
import pytest

from hybridrec.answers.desk import Desk
from hybridrec.answers.facts import facts_for
from hybridrec.answers.knowledge import Known
from hybridrec.answers.plan import Scored
from hybridrec.answers.present import QueryView, views
from hybridrec.explanations.reasons import Facts
from hybridrec.fusion.confidence import ConfidenceWeighted
from hybridrec.schema.answers import StageReport
from hybridrec.schema.records import AudioFeatures
from hybridrec.schema.scores import Evidence
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
    audio = AudioFeatures.measured(queries.cold_items.audio)
    fused = uncalibrated(ConfidenceWeighted(prior=0.5)).fuse(queries, cf, content, audio)
    stages = dict.fromkeys(("nmf_scorer", "two_tower_scorer"), StageReport(status="ok"))
    (view,) = views(planned, Scored(cf, content, audio, fused, stages), desk.knowledge)
    return view


def facts_of(view: QueryView, track_id: str) -> Facts:
    places = range(len(view.rows))
    return facts_for(view, next(one for one in places if view.track(one).track_id == track_id))


def test_a_new_track_by_an_artist_of_the_history_is_told_by_what_it_shares(desk: Desk) -> None:
    facts = facts_of(view_of(desk, RecommendRequest(user_id="ann", candidates=[NEW])), "new")

    assert facts.artist == "Ada"
    assert facts.artist_plays == (1, 0)  # newest first
    assert facts.genre_shares == (("rock", 1.0),)  # polka is no genre of the bundle
    four_plays, one_play = 1 + np.log(4), 1.0
    # t0 alone is calm, of two tracks that weigh by the logarithm of their plays; float32
    ((mood, share),) = facts.mood_shares
    assert mood == "calm"
    assert share == pytest.approx(four_plays / (four_plays + one_play), rel=1e-6)
    assert not facts.is_popular


def test_each_source_has_its_term_of_the_score(desk: Desk) -> None:
    facts = facts_of(view_of(desk, RecommendRequest(user_id="ann", candidates=[NEW])), "new")

    # two equal sources share the logit of what both say; float32
    assert facts.cf == pytest.approx(np.log(0.6 / 0.4) / 2, rel=1e-5)
    assert facts.content == pytest.approx(facts.cf, rel=1e-6)


def test_a_stated_preference_counts_whole_without_a_history(desk: Desk) -> None:
    request = RecommendRequest(candidates=["t0"], preferred_genres=["rock"])

    facts = facts_of(view_of(desk, request), "t0")

    assert facts.genre_shares == (("rock", 1.0),)
    assert facts.mood_shares == ()
    assert facts.artist_plays == ()


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

    popular = {view.track(place).track_id: facts_for(view, place).is_popular for place in range(3)}

    assert popular == {"t1": True, "t3": False, "new": False}
