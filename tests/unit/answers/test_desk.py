from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from hybridrec.answers.knowledge import Known
from hybridrec.answers.plan import Scored
from hybridrec.fusion.confidence import ConfidenceWeighted
from hybridrec.hybrid import NO_DEADLINE, HybridModel
from hybridrec.schema.answers import RecommendResponse, ScoresResponse, StageReport
from hybridrec.schema.names import FUSIONS, MAX_HISTORY, FusionName
from hybridrec.schema.profile import Interaction, Profile
from hybridrec.schema.scores import ScoreBatch
from hybridrec.schema.wire import (
    Audio,
    Context,
    InlineTrack,
    Play,
    RecommendRequest,
    ScoresRequest,
    Session,
)
from hybridrec.testing import uncalibrated

UNMEASURED = InlineTrack(
    track_id="new/unmeasured", title="A New Song", artist="Somebody", genres=["rock"], year=2020
)
MEASURED = InlineTrack(
    track_id="new/measured",
    title="Another",
    artist="Somebody Else",
    audio=Audio(
        energy=0.5,
        valence=0.5,
        danceability=0.5,
        acousticness=0.5,
        instrumentalness=0.5,
        liveness=0.5,
        speechiness=0.5,
        tempo=120,
    ),
)


@pytest.fixture
def user(tiny_model: HybridModel) -> str:
    return tiny_model.knowledge.users.ids[3]


@pytest.fixture
def played(tiny_model: HybridModel) -> list[str]:
    """What that user played in training."""
    rows, _ = tiny_model.knowledge.histories.of(3)
    return names_of(tiny_model, rows.tolist())


@pytest.fixture
def fresh(tiny_model: HybridModel, played: list[str]) -> list[str]:
    """Tracks that somebody played, but not that user."""
    popular = names_of(tiny_model, tiny_model.knowledge.popular[:200].tolist())
    return [name for name in popular if name not in played]


def names_of(model: HybridModel, rows: Sequence[int]) -> list[str]:
    return [model.knowledge.catalog.tracks.ids[row] for row in rows]


def genre_of(model: HybridModel) -> str:
    return model.knowledge.encoder.genres.terms.ids[0]


def ids(answer: RecommendResponse | ScoresResponse) -> list[str]:
    return [item.track_id for item in answer.items]


def test_a_known_user_is_answered_by_both_sources(tiny_model: HybridModel, user: str) -> None:
    answer = tiny_model.get_recommendations(RecommendRequest(user_id=user, k=7))

    assert [item.rank for item in answer.items] == list(range(1, 8))
    assert {item.method for item in answer.items} == {"hybrid"}
    assert all(set(item.sources) == {"cf", "content"} for item in answer.items)
    assert answer.metadata.user_known
    assert answer.metadata.generation_method == "hybrid_meta_learning"
    assert answer.metadata.total_candidates_considered >= 200
    assert answer.bundle_version == tiny_model.knowledge.version
    assert answer.degraded == []
    assert answer.stages["audio_predictor"].status == "not_needed"


def test_a_score_lies_in_its_interval_and_its_parts_have_shares(
    tiny_model: HybridModel, user: str
) -> None:
    answer = tiny_model.get_recommendations(RecommendRequest(user_id=user, k=50))

    for item in answer.items:
        assert item.score is not None
        assert item.interval is not None
        assert 0 <= item.interval[0] <= item.score <= item.interval[1] <= 1
        assert 0 < item.confidence <= 1
        weights = [source.weight or 0.0 for source in item.sources.values()]
        assert sum(weights) == pytest.approx(1, abs=1e-6)  # float32


def test_a_stranger_with_a_history_gets_neither_it_nor_the_popular_list(
    tiny_model: HybridModel, played: list[str]
) -> None:
    request = RecommendRequest(history=[Play(track_id=name) for name in played[:5]])

    answer = tiny_model.get_recommendations(request)

    assert not answer.metadata.user_known
    assert set(ids(answer)).isdisjoint(played[:5])
    assert "hybrid" in {item.method for item in answer.items}
    assert all(item.score is not None for item in answer.items)


def test_a_stranger_with_moods_alone_is_answered_by_content(tiny_model: HybridModel) -> None:
    mood = next(moods[0] for moods in tiny_model.knowledge.catalog.moods if moods)

    answer = tiny_model.get_recommendations(RecommendRequest(preferred_moods=[mood]))

    assert {item.method for item in answer.items} == {"content"}
    for item in answer.items:
        assert item.score is not None
        assert item.sources["cf"].model_dump() == {
            "score": None,
            "confidence": 0,
            "weight": None,
            "contribution": None,
        }


@pytest.mark.parametrize("k", [1, 10, 120], ids=["one", "ten", "more-than-any-pool"])
def test_a_total_stranger_gets_the_popular_list_and_no_claim(
    tiny_model: HybridModel, k: int
) -> None:
    answer = tiny_model.get_recommendations(RecommendRequest(k=k))

    assert ids(answer) == names_of(tiny_model, tiny_model.knowledge.popular[:k].tolist())
    assert answer.metadata.generation_method == "popularity"
    for item in answer.items:
        assert (item.score, item.confidence, item.interval) == (None, 0, None)
        assert item.method == "popularity"
        assert [reason.kind for reason in item.reasons] == ["popular"]
        assert item.explanation == "You might like this because many listeners play this track."


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(RecommendRequest(preferred_genres=["no such genre"]), id="genre"),
        pytest.param(RecommendRequest(preferred_moods=["no such mood"]), id="mood"),
        pytest.param(RecommendRequest(history=[Play(track_id="no such track")]), id="track"),
        pytest.param(RecommendRequest(user_id="nobody"), id="user"),
        pytest.param(RecommendRequest(session=Session(skip_rate=0.5)), id="session"),
    ],
)
def test_who_says_only_what_the_bundle_does_not_know_is_a_stranger(
    tiny_model: HybridModel, request_: RecommendRequest
) -> None:
    answer = tiny_model.get_recommendations(request_)

    assert {item.method for item in answer.items} == {"popularity"}
    assert {item.score for item in answer.items} == {None}


def test_a_track_that_nobody_played_is_no_popular_one(tiny_model: HybridModel) -> None:
    unplayed = int(np.flatnonzero(tiny_model.knowledge.catalog.interactions == 0)[0])
    asked = names_of(tiny_model, [unplayed, int(tiny_model.knowledge.popular[0])])

    answer = tiny_model.get_recommendations(RecommendRequest(candidates=list(asked)))

    assert [item.method for item in answer.items] == ["popularity", "unknown"]


def test_plays_in_the_store_count_and_are_left_out(
    tiny_model: HybridModel, user: str, played: list[str]
) -> None:
    request = RecommendRequest(user_id=user, k=20)
    before = tiny_model.get_recommendations(request)
    heard = ids(before)[0]

    after = tiny_model.get_recommendations(
        request, Known(interactions=(Interaction(user, heard, 30),))
    )

    assert heard not in ids(after)
    scores = {item.track_id: item.score for item in before.items}
    assert any(item.score != scores.get(item.track_id) for item in after.items)
    assert set(ids(after)).isdisjoint(played)


def test_a_profile_in_the_store_speaks_for_a_stranger(tiny_model: HybridModel) -> None:
    known = Known(profile=Profile("guest", (genre_of(tiny_model),)))

    answer = tiny_model.get_recommendations(RecommendRequest(user_id="guest"), known)

    stated = RecommendRequest(user_id="guest", preferred_genres=[genre_of(tiny_model)])
    assert {item.method for item in answer.items} == {"hybrid"}
    assert answer.items == tiny_model.get_recommendations(stated).items


def test_an_erased_user_is_a_stranger(tiny_model: HybridModel, user: str) -> None:
    erased = tiny_model.get_recommendations(RecommendRequest(user_id=user), Known(is_erased=True))
    stranger = tiny_model.get_recommendations(RecommendRequest(user_id="nobody"))

    assert not erased.metadata.user_known
    assert erased.items == stranger.items


def test_unknown_candidates_are_named_and_the_others_scored(
    tiny_model: HybridModel, user: str, fresh: list[str]
) -> None:
    request = RecommendRequest(user_id=user, candidates=[fresh[0], "gone", fresh[1]])

    answer = tiny_model.get_recommendations(request)

    assert answer.metadata.unknown_track_ids == ["gone"]
    assert sorted(ids(answer)) == sorted(fresh[:2])
    assert answer.metadata.total_candidates_considered == 2


def test_nothing_but_unknown_candidates_is_an_empty_answer(
    tiny_model: HybridModel, user: str
) -> None:
    recommended = tiny_model.get_recommendations(RecommendRequest(user_id=user, candidates=["x"]))
    scored = tiny_model.predict(ScoresRequest(user_id=user, candidates=["x"]))

    assert (recommended.items, scored.items) == ([], [])
    assert recommended.metadata.unknown_track_ids == scored.unknown_track_ids == ["x"]


def test_fewer_candidates_than_k_are_all_there(
    tiny_model: HybridModel, user: str, fresh: list[str]
) -> None:
    answer = tiny_model.get_recommendations(
        RecommendRequest(user_id=user, candidates=list(fresh[:4]), k=200)
    )

    assert sorted(ids(answer)) == sorted(fresh[:4])


def test_played_candidates_are_left_out_counted_and_come_back_when_wanted(
    tiny_model: HybridModel, user: str, played: list[str], fresh: list[str]
) -> None:
    asked = [*played[:2], *fresh[:2]]

    without = tiny_model.get_recommendations(RecommendRequest(user_id=user, candidates=list(asked)))
    with_ = tiny_model.get_recommendations(
        RecommendRequest(user_id=user, candidates=list(asked), include_played=True)
    )

    assert sorted(ids(without)) == sorted(fresh[:2])
    assert without.metadata.dropped["already_played"] == 2
    assert sorted(ids(with_)) == sorted(asked)
    assert with_.metadata.dropped["already_played"] == 0


def test_new_tracks_are_scored_by_what_is_known_of_them_and_explained(
    tiny_model: HybridModel, user: str
) -> None:
    request = RecommendRequest(user_id=user, candidates=[UNMEASURED, MEASURED])

    answer = tiny_model.get_recommendations(request)

    item = {item.track_id: item for item in answer.items}
    assert set(item) == {"new/unmeasured", "new/measured"}
    assert all(one.score is not None for one in item.values())
    assert item["new/unmeasured"].method == "hybrid"  # by the factors of its genre
    assert 0 < item["new/unmeasured"].sources["cf"].confidence <= np.float32(0.2)
    assert item["new/measured"].method == "content"  # it has no genre
    assert all(one.explanation for one in item.values())
    assert item["new/unmeasured"].title == "A New Song"
    assert item["new/unmeasured"].audio.predicted
    assert 0 <= item["new/unmeasured"].audio.confidence < 1
    assert item["new/measured"].audio.model_dump() == {"predicted": False, "confidence": 1}
    assert answer.stages["audio_predictor"].status == "ok"
    assert answer.metadata.unknown_track_ids == []


def test_predicted_audio_is_left_out_where_it_is_unwanted(
    tiny_model: HybridModel, user: str
) -> None:
    gap = int(np.flatnonzero(np.isnan(tiny_model.knowledge.items.audio).all(axis=1))[0])
    asked: list[str | InlineTrack] = [UNMEASURED, *names_of(tiny_model, [gap])]

    answers = [
        tiny_model.predict(
            ScoresRequest(user_id=user, candidates=list(asked), use_audio_prediction=wanted)
        )
        for wanted in (True, False)
    ]

    assert [[item.audio.predicted for item in answer.items] for answer in answers] == [
        [True, True],
        [False, False],
    ]
    assert [item.audio.confidence for item in answers[1].items] == [0, 0]
    assert answers[1].stages["audio_predictor"].status == "not_needed"
    for with_, without in zip(answers[0].items, answers[1].items, strict=True):
        assert with_.score != without.score


def test_scores_come_in_the_order_of_the_request_each_once(
    tiny_model: HybridModel, user: str, played: list[str], fresh: list[str]
) -> None:
    asked: list[str | InlineTrack] = [
        fresh[5],
        UNMEASURED,
        played[0],
        "gone",
        fresh[5],
        MEASURED,
        fresh[1],
        UNMEASURED.track_id,
    ]

    answer = tiny_model.predict(ScoresRequest(user_id=user, candidates=asked))

    assert ids(answer) == [
        fresh[5],
        "new/unmeasured",
        played[0],
        "new/measured",
        fresh[1],
    ]
    assert answer.unknown_track_ids == ["gone"]


def test_an_inline_track_of_the_bundle_scores_as_the_bundle_knows_it(
    tiny_model: HybridModel, user: str, fresh: list[str]
) -> None:
    inline = MEASURED.model_copy(update={"track_id": fresh[0]})

    by_name, described = (
        tiny_model.predict(ScoresRequest(user_id=user, candidates=[one])).items
        for one in (fresh[0], inline)
    )

    assert described == by_name


def test_a_score_is_the_same_in_both_answers(tiny_model: HybridModel, user: str) -> None:
    recommended = tiny_model.get_recommendations(RecommendRequest(user_id=user, k=5))

    scored = tiny_model.predict(ScoresRequest(user_id=user, candidates=list(ids(recommended))))

    assert [item.score for item in scored.items] == [item.score for item in recommended.items]
    assert [item.sources for item in scored.items] == [item.sources for item in recommended.items]


def test_requests_of_one_batch_are_answered_as_each_alone(
    tiny_model: HybridModel, user: str, fresh: list[str]
) -> None:
    requests = [
        RecommendRequest(user_id=user, k=3),
        RecommendRequest(
            candidates=[fresh[3], UNMEASURED], preferred_genres=[genre_of(tiny_model)]
        ),
        RecommendRequest(),
        RecommendRequest(user_id=user, candidates=[MEASURED, UNMEASURED, fresh[0]]),
    ]
    desk, nothing = tiny_model._desk(), [Known.nothing()] * len(requests)

    planned = tiny_model.candidates(desk.plan(requests, nothing, NO_DEADLINE))
    together = desk.recommendations(planned, tiny_model.score(planned), [""] * len(requests))

    alone = [tiny_model.get_recommendations(request) for request in requests]
    assert [answer.items for answer in together] == [answer.items for answer in alone]
    assert [answer.metadata for answer in together] == [answer.metadata for answer in alone]


@pytest.mark.parametrize("who", ["known", "stranger", "cold"])
def test_an_answer_is_valid_json_of_its_own_model(
    tiny_model: HybridModel, user: str, fresh: list[str], who: str
) -> None:
    cold: list[str | InlineTrack] = [UNMEASURED, MEASURED, fresh[0]]
    request = RecommendRequest(
        user_id=None if who == "stranger" else user, candidates=cold if who == "cold" else None
    )
    asked = ScoresRequest(user_id=request.user_id, candidates=[fresh[0], UNMEASURED])

    answer = tiny_model.get_recommendations(request)
    scores = tiny_model.predict(asked)

    for text in (answer.model_dump_json(), scores.model_dump_json()):
        assert "NaN" not in text
        assert "Infinity" not in text
    assert RecommendResponse.model_validate_json(answer.model_dump_json()) == answer
    assert ScoresResponse.model_validate_json(scores.model_dump_json()) == scores


def test_without_explanations_there_are_no_reasons(tiny_model: HybridModel, user: str) -> None:
    answer = tiny_model.get_recommendations(RecommendRequest(user_id=user, explain=False))

    assert {item.explanation for item in answer.items} == {None}
    assert all(item.reasons == [] for item in answer.items)


def test_the_session_that_counted_is_said(tiny_model: HybridModel, user: str) -> None:
    request = RecommendRequest(user_id=user, session=Session(skip_rate=0.25, user_type="explorer"))

    answer = tiny_model.get_recommendations(request)

    said = answer.metadata.session_features
    assert (said["skip_rate"], said["is_explorer"], said["is_loyalist"]) == (0.25, 1, 0)
    assert said["total_sessions"] is None


@pytest.mark.parametrize("context", [Context(hour=0), Context(hour=23), Context(), None])
def test_the_moment_that_was_asked_about_is_said(
    tiny_model: HybridModel, user: str, context: Context | None
) -> None:
    answer = tiny_model.get_recommendations(RecommendRequest(user_id=user, context=context))

    assert answer.metadata.context == (context or Context(hour=None))


@pytest.mark.parametrize(
    ("lost", "method"),
    [
        pytest.param(["nmf_scorer"], "content", id="cf"),
        pytest.param(["two_tower_scorer"], "collaborative", id="content"),
        pytest.param(["nmf_scorer", "two_tower_scorer"], "popularity", id="both"),
    ],
)
def test_a_lost_scorer_is_named_and_the_rest_answers(
    tiny_model: HybridModel, user: str, lost: list[str], method: str
) -> None:
    desk = tiny_model._desk()
    request = RecommendRequest(user_id=user, k=5)
    planned = tiny_model.candidates(desk.plan([request], [Known.nothing()], NO_DEADLINE))
    whole = tiny_model.score(planned)
    cf, content = (
        ScoreBatch.absent(said.scorer, planned.queries) if stage in lost else said
        for stage, said in (("nmf_scorer", whole.cf), ("two_tower_scorer", whole.content))
    )
    fused = uncalibrated(ConfidenceWeighted(prior=0.5)).fuse(
        planned.queries, cf, content, whole.cold_audio
    )
    late = {stage: StageReport(status="late") for stage in lost}
    scored = Scored(cf, content, whole.cold_audio, fused, whole.stages | late)

    (answer,) = desk.recommendations(planned, scored, ["r1"])

    assert answer.request_id == "r1"
    assert answer.degraded == lost
    assert {item.method for item in answer.items} == {method}
    assert len(answer.items) == 5
    sources = {"cf", "content"}
    sources -= {{"nmf_scorer": "cf", "two_tower_scorer": "content"}[stage] for stage in lost}
    assert all(set(item.sources) == sources for item in answer.items)
    assert RecommendResponse.model_validate_json(answer.model_dump_json()) == answer


def test_without_the_meta_learner_recommendations_are_explained_all_the_same(
    tiny_model: HybridModel, user: str
) -> None:
    desk = tiny_model._desk()
    request = RecommendRequest(user_id=user, k=5)
    planned = tiny_model.candidates(desk.plan([request], [Known.nothing()], NO_DEADLINE))
    whole = tiny_model.score(planned)
    fallback = tiny_model.fusions.confidence_weighted
    fused = fallback.fuse(planned.queries, whole.cf, whole.content, whole.cold_audio)
    lost = {"meta_fusion": StageReport(status="failed")}

    scored = replace(whole, fused=fused, stages=whole.stages | lost)
    (answer,) = desk.recommendations(planned, scored, ["r1"])

    assert answer.degraded == ["meta_fusion"]
    assert all(item.reasons and item.explanation for item in answer.items)
    contributions = [said.contribution for item in answer.items for said in item.sources.values()]
    assert any(part is not None and part > 0 for part in contributions)


def test_only_the_newest_history_is_scored_but_all_of_it_is_left_out(
    tiny_model: HybridModel,
) -> None:
    heard = list(tiny_model.knowledge.catalog.tracks.ids[: MAX_HISTORY + 40])
    request = RecommendRequest(history=[Play(track_id=name) for name in heard], k=100)

    (ask,) = tiny_model._desk().plan([request], [Known.nothing()], NO_DEADLINE).asks
    answer = tiny_model.get_recommendations(request)

    assert names_of(tiny_model, ask.asker.history.tolist()) == heard[-MAX_HISTORY:]
    assert len(answer.items) == 60
    assert set(ids(answer)).isdisjoint(heard)


@pytest.mark.parametrize("fusion", FUSIONS)
def test_a_request_chooses_how_both_sources_are_merged(
    tiny_model: HybridModel, fusion: FusionName
) -> None:
    user = tiny_model.knowledge.users.ids[0]

    answer = tiny_model.get_recommendations(RecommendRequest(user_id=user, fusion=fusion))

    assert answer.metadata.generation_method == f"hybrid_{fusion}"


def test_the_desk_chooses_where_the_request_does_not(tiny_model: HybridModel) -> None:
    model = replace(tiny_model, fusion="adaptive")
    user = model.knowledge.users.ids[0]

    requests = [
        RecommendRequest(user_id=user),
        RecommendRequest(user_id=user, fusion="weighted_sum"),
    ]

    methods = [model.get_recommendations(one).metadata.generation_method for one in requests]
    assert methods == ["hybrid_adaptive", "hybrid_weighted_sum"]


def test_requests_of_one_batch_may_choose_differently(tiny_model: HybridModel) -> None:
    user, tracks = tiny_model.knowledge.users.ids[0], tiny_model.knowledge.catalog.tracks.ids[:30]
    requests = [
        ScoresRequest(user_id=user, candidates=list(tracks), fusion=fusion) for fusion in FUSIONS
    ]
    desk = tiny_model._desk()
    planned = desk.plan(requests, [Known.nothing()] * len(requests), NO_DEADLINE)

    together = desk.scores(planned, tiny_model.score(planned), ["id"] * len(requests))

    assert [answer.items for answer in together] == [
        tiny_model.predict(request).items for request in requests
    ]
    assert len({answer.items[0].score for answer in together}) > 1
