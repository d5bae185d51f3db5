from dataclasses import fields

import numpy as np
import pytest

from hybridrec.answers.desk import Desk
from hybridrec.answers.knowledge import Knowledge, Known
from hybridrec.schema.records import QueryBatch
from hybridrec.schema.scores import Retrieved
from hybridrec.schema.wire import Audio, InlineTrack, Play, RecommendRequest, ScoresRequest
from hybridrec.testing import query_batch

NOW = 1_700_000_000.0
NEW = InlineTrack(
    track_id="new",
    title="Slow Rain",
    artist="Ada",
    year=1990,
    genres=["jazz", "polka"],
    audio=Audio(energy=0.25, tempo=100),
)
BARE = InlineTrack(track_id="bare", title="Bare", artist="Nobody")
FULL = InlineTrack(
    track_id="full",
    title="Full",
    artist="Bix",
    audio=Audio(
        energy=0.1,
        valence=0.2,
        danceability=0.3,
        acousticness=0.4,
        instrumentalness=0.5,
        liveness=0.6,
        speechiness=0.7,
        tempo=120,
    ),
)
REQUESTS: list[RecommendRequest | ScoresRequest] = [
    RecommendRequest(user_id="ann", k=2),
    ScoresRequest(user_id="bob", candidates=["t3", NEW, "t0", BARE]),
    RecommendRequest(
        history=[Play(track_id="t2")], candidates=["t1", FULL], use_audio_prediction=False
    ),
    RecommendRequest(preferred_genres=["jazz"], explain=False, k=100),
]


def queries_of(desk: Desk, *requests: RecommendRequest | ScoresRequest) -> QueryBatch:
    return desk.plan(requests, [Known.nothing()] * len(requests), NOW).queries


def assert_same(left: object, right: object) -> None:
    for field in fields(left):  # type: ignore[arg-type]  # both are records
        ours, theirs = getattr(left, field.name), getattr(right, field.name)
        if field.name == "cold_items":
            assert_same(ours, theirs)
        else:
            np.testing.assert_array_equal(ours, theirs, err_msg=field.name)
            assert getattr(ours, "dtype", None) == getattr(theirs, "dtype", None), field.name


def test_a_plan_of_several_requests_is_each_alone(desk: Desk, knowledge: Knowledge) -> None:
    alone = [queries_of(desk, request) for request in REQUESTS]

    together = queries_of(desk, *REQUESTS)

    assert_same(together, query_batch(alone, n_items=len(knowledge.catalog)))


def test_the_most_played_come_first_and_cold_rows_go_on_behind_the_catalogue(desk: Desk) -> None:
    planned = desk.plan(REQUESTS, [Known.nothing()] * 4, NOW)

    queries = planned.queries
    assert queries.candidate_rows.tolist() == [0, 3, 4, 5, 1, 6]
    assert queries.offsets.tolist() == [0, 0, 4, 6, 6]
    assert [track.track_id for track in planned.cold_tracks] == ["new", "bare", "full"]
    assert len(queries.cold_items) == 3


def test_an_inline_track_is_encoded_as_the_catalogues_tracks_are(
    desk: Desk, knowledge: Knowledge
) -> None:
    planned = desk.plan([ScoresRequest(candidates=[NEW])], [Known.nothing()], NOW)

    (genres,), (audio,) = planned.queries.cold_items.genre_rows, planned.queries.cold_items.audio
    assert genres[:3].tolist() == [knowledge.encoder.genres.row("jazz"), 1, 0]
    assert (audio[0], audio[-1]) == (0.25, 100)
    assert np.isnan(audio[1:-1]).all()
    assert planned.queries.cold_items.artist_rows.tolist() == [knowledge.encoder.artists.row("Ada")]
    assert planned.queries.cold_items.year.tolist() == [1990]
    # year and genres of six optional fields, title and artist besides
    assert planned.queries.cold_items.completeness.tolist() == [0.5]


def test_each_query_carries_its_own_options(desk: Desk) -> None:
    queries = queries_of(desk, *REQUESTS)

    assert queries.bundle_version == "v1"
    assert queries.user_rows.tolist() == [0, 1, -1, -1]
    assert queries.n_retrieve.tolist() == [200, 200, 200, 300]
    assert queries.n_keep.tolist() == [200, 4, 200, 1000]
    assert queries.use_audio_prediction.tolist() == [True, True, False, True]
    assert queries.want_evidence.tolist() == [True, False, True, False]
    assert queries.deadline.tolist() == [NOW] * 4
    assert queries.excluded(0).tolist() == [0, 1]
    assert queries.excluded(2).tolist() == [2]


@pytest.mark.parametrize(
    ("track", "wanted", "needed"),
    [
        pytest.param(NEW, True, True, id="a gap to fill"),
        pytest.param(NEW, False, False, id="a gap that must stay"),
        pytest.param(FULL, True, False, id="no gap"),
        pytest.param("t3", True, False, id="a track of the bundle"),
    ],
)
def test_audio_is_predicted_only_where_a_cold_track_lacks_it(
    desk: Desk, track: InlineTrack | str, *, wanted: bool, needed: bool
) -> None:
    request = ScoresRequest(candidates=[track], use_audio_prediction=wanted)

    planned = desk.plan([request], [Known.nothing()], NOW)

    assert planned.needs_audio is needed


def test_whether_gaps_may_be_filled_is_said_of_each_cold_track(desk: Desk) -> None:
    planned = desk.plan(REQUESTS, [Known.nothing()] * 4, NOW)

    assert planned.predicts_audio.tolist() == [True, True, False]
    assert planned.needs_audio


def test_only_queries_without_candidates_get_a_pool(desk: Desk) -> None:
    planned = desk.plan(REQUESTS, [Known.nothing()] * 4, NOW)
    found = Retrieved(np.array([3, 2], np.int32), np.array([0, 1, 1, 1, 2], np.int32))

    filled = desk.fill(planned, found, Retrieved.nothing(4)).queries

    parts = [
        filled.candidate_rows[filled.offsets[query] : filled.offsets[query + 1]].tolist()
        for query in range(4)
    ]
    assert planned.needs_retrieval
    assert parts == [[2, 3], [0, 3, 4, 5], [1, 6], [1, 2, 0, 3]]


def test_a_plan_with_candidates_everywhere_needs_no_retrieval(desk: Desk) -> None:
    planned = desk.plan(REQUESTS[1:3], [Known.nothing()] * 2, NOW)

    assert not planned.needs_retrieval
