from dataclasses import replace

import numpy as np
import pytest

from hybridrec.answers.desk import Desk
from hybridrec.answers.knowledge import Knowledge
from hybridrec.answers.present import numbers
from hybridrec.schema.answers import AudioSummary, RecommendResponse, ScoresResponse, StageReport
from hybridrec.schema.records import AudioFeatures
from hybridrec.schema.wire import Audio, InlineTrack, RecommendRequest, ScoresRequest
from tests.unit.answers.stages import Stages

BOTH = Stages(cf={0: 0.2, 2: 0.8}, content={0: 0.3, 2: 0.4, 3: 0.1, 4: 0.5})
NEW = InlineTrack(
    track_id="new", title="New", artist="Cy", genres=["jazz"], audio=Audio(energy=0.5, tempo=90)
)
EVERYTHING = ScoresRequest(user_id="bob", candidates=["t3", NEW, "t1", "t0", "gone", "t2"])


def log_odds(probability: float) -> float:
    return float(np.log(probability / (1 - probability)))


def test_scores_stand_in_the_order_of_the_request(desk: Desk) -> None:
    (answer,) = BOTH.score(desk, EVERYTHING)

    assert [item.track_id for item in answer.items] == ["t3", "new", "t1", "t0", "t2"]
    assert answer.unknown_track_ids == ["gone"]


def test_both_answers_name_the_preferences_that_the_bundle_does_not_know(desk: Desk) -> None:
    genres, moods = ["jazz", "polka"], ["solemn"]
    recommended = RecommendRequest(preferred_genres=genres, preferred_moods=moods)
    scored = ScoresRequest(preferred_genres=genres, preferred_moods=moods, candidates=["t0"])

    (recommendations,) = BOTH.recommend(desk, recommended)
    (scores,) = BOTH.score(desk, scored)

    assert recommendations.metadata.unknown_preferences == ["polka", "solemn"]
    assert scores.unknown_preferences == ["polka", "solemn"]


def test_an_item_says_which_sources_know_it(desk: Desk) -> None:
    (answer,) = BOTH.score(desk, EVERYTHING)

    # t1 was played by somebody, but neither source scores it
    assert [item.method for item in answer.items] == [
        "content",
        "content",
        "popularity",
        "hybrid",
        "hybrid",
    ]


def test_a_track_that_nobody_knows_or_plays_is_unknown(desk: Desk) -> None:
    (answer,) = Stages({}, {}).score(desk, ScoresRequest(candidates=["t3", NEW]))

    assert [item.method for item in answer.items] == ["unknown", "unknown"]
    assert [(item.score, item.confidence) for item in answer.items] == [(None, 0.0)] * 2


def test_weights_share_out_the_score_and_contributions_sum_to_its_logit(desk: Desk) -> None:
    (answer,) = BOTH.score(desk, ScoresRequest(user_id="bob", candidates=["t2"]))

    (item,) = answer.items
    cf, content = item.sources["cf"], item.sources["content"]
    assert cf.weight == content.weight == 0.5  # both are equally sure
    # float32 logits of scores that are float32 themselves
    assert cf.contribution == pytest.approx(0.5 * log_odds(0.8), rel=1e-5)
    assert content.contribution == pytest.approx(0.5 * log_odds(0.4), rel=1e-5)
    assert item.score is not None
    assert cf.contribution is not None
    assert content.contribution is not None
    total = cf.contribution + content.contribution
    assert log_odds(item.score) == pytest.approx(total, rel=1e-5)


def test_a_source_that_does_not_know_a_track_has_null_for_all_it_would_say(desk: Desk) -> None:
    (answer,) = BOTH.score(desk, ScoresRequest(user_id="bob", candidates=["t3"]))

    (item,) = answer.items
    cf, content = item.sources["cf"], item.sources["content"]
    assert (cf.score, cf.confidence, cf.weight, cf.contribution) == (None, 0.0, None, None)
    assert content.weight == 1.0
    assert content.score == pytest.approx(0.1)


def test_a_lost_source_is_not_spoken_of(desk: Desk) -> None:
    lossy = replace(BOTH, reports={"nmf_scorer": StageReport(status="failed")})

    (answer,) = lossy.score(desk, ScoresRequest(user_id="bob", candidates=["t2"]))

    assert set(answer.items[0].sources) == {"content"}
    assert answer.items[0].method == "content"


def test_unknown_titles_and_artists_are_null(desk: Desk) -> None:
    (answer,) = BOTH.score(desk, ScoresRequest(user_id="bob", candidates=["t2", "t3"]))

    assert [(item.title, item.artist) for item in answer.items] == [
        ("Été", "Bix"),
        ("Untitled", None),
    ]


def test_a_cold_item_is_told_as_the_request_told_it(desk: Desk) -> None:
    (answer,) = BOTH.score(desk, ScoresRequest(user_id="bob", candidates=[NEW]))

    (item,) = answer.items
    assert (item.title, item.artist, item.genres) == ("New", "Cy", ["jazz"])
    assert item.audio == AudioSummary(predicted=False, confidence=2 / 8)  # two of eight measured


@pytest.mark.parametrize(
    ("wanted", "summary"),
    [
        pytest.param(True, AudioSummary(predicted=True, confidence=0.5), id="with prediction"),
        pytest.param(False, AudioSummary(predicted=False, confidence=0.25), id="measured alone"),
    ],
)
def test_audio_of_the_bundle_is_summed_up_as_it_may_be_used(
    desk: Desk, knowledge: Knowledge, summary: AudioSummary, *, wanted: bool
) -> None:
    measured = AudioFeatures.measured(knowledge.items.audio)  # energy and tempo of t0
    filled = replace(
        measured,
        confidence=np.full((4, 8), 0.5, np.float32),
        predicted=np.array([True, True, True, False]),
    )
    desk = replace(desk, knowledge=replace(knowledge, audio=filled))
    request = ScoresRequest(user_id="bob", candidates=["t0"], use_audio_prediction=wanted)

    (answer,) = BOTH.score(desk, request)

    assert answer.items[0].audio == summary


def test_answers_survive_json(desk: Desk) -> None:
    (scores,) = BOTH.score(desk, EVERYTHING)
    recommended = BOTH.recommend(
        desk,
        RecommendRequest(),
        RecommendRequest(user_id="ann"),
        RecommendRequest(user_id="bob", candidates=[NEW, "t3"]),
    )

    # a NaN becomes null on the wire, and null is refused where a number is due
    assert ScoresResponse.model_validate_json(scores.model_dump_json()) == scores
    for answer in recommended:
        again = RecommendResponse.model_validate_json(answer.model_dump_json())
        assert again.model_dump() == answer.model_dump()


def test_unknown_numbers_become_null() -> None:
    assert numbers(np.array([0.5, np.nan, 0.0])) == [0.5, None, 0.0]
