"""A model asked a protocol's questions: whole, by its parts, and with parts of it lost."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from hybridrec.answers.batch import batch_asks, plays_by_user
from hybridrec.answers.plan import plan
from hybridrec.assessment.lists import asks_of, described_tracks, ranked_rows
from hybridrec.assessment.ways import (
    DESCRIBED,
    HYBRID,
    WAYS,
    WITHOUT_SESSION,
    Alone,
    AsServed,
    Way,
    without,
)
from hybridrec.evaluation.protocol import Slice
from hybridrec.hybrid import HybridModel
from hybridrec.schema.names import (
    AUDIO_PREDICTOR,
    CONFIDENCE_WEIGHTED,
    NMF_SCORER,
    TWO_TOWER_SCORER,
)
from hybridrec.schema.tables import INTERACTIONS
from hybridrec.schema.wire import ScoresRequest

K = 12
BY_NAME = {way.name: way for way in WAYS}
OF_CATALOGUE = [way for way in WAYS if not way.is_described]


def ids_of(ways: list[Way]) -> list[str]:
    return [way.name for way in ways]


@pytest.fixture
def known(tiny_model: HybridModel) -> Slice:
    """Users of the training, asked for anything."""
    users = tuple(sorted(tiny_model.knowledge.users.ids[:9]))
    return Slice("warm", users, pl.DataFrame(schema=INTERACTIONS), None, pl.DataFrame())


@pytest.fixture
def chosen(known: Slice, tiny_model: HybridModel) -> Slice:
    """The same users, asked for some tracks."""
    ids = tiny_model.knowledge.catalog.tracks.ids
    return replace(known, name="new_track", candidates=(*ids[5:35], "of no bundle"))


def played(model: HybridModel, user_id: str) -> set[int]:
    return set(model.knowledge.histories.of(model.knowledge.users.row(user_id))[0].tolist())


@pytest.mark.parametrize("way", OF_CATALOGUE, ids=ids_of(OF_CATALOGUE))
def test_lists_hold_each_new_track_once(tiny_model: HybridModel, known: Slice, way: Way) -> None:
    rows = ranked_rows(tiny_model, known, way, K)

    assert rows.shape == (9, K)
    assert (rows >= 0).all()
    for user_id, shown in zip(known.user_ids, rows.tolist(), strict=True):
        assert len(set(shown)) == K
        assert not set(shown) & played(tiny_model, user_id)


@pytest.mark.parametrize("way", OF_CATALOGUE, ids=ids_of(OF_CATALOGUE))
def test_what_a_slice_excludes_is_not_shown(
    tiny_model: HybridModel, known: Slice, way: Way
) -> None:
    whole = ranked_rows(tiny_model, known, way, K)
    ids = tiny_model.knowledge.catalog.tracks.ids
    hidden = np.unique(whole[:, 0])

    excluded = (*(ids[row] for row in hidden), "of no bundle")
    rows = ranked_rows(tiny_model, replace(known, excluded=excluded), way, K)

    assert (rows >= 0).all()
    assert not np.isin(rows, hidden).any()


def test_without_sessions_everyone_is_asked_as_if_nothing_were_known_of_theirs(
    tiny_model: HybridModel, known: Slice
) -> None:
    silent = replace(
        tiny_model,
        knowledge=replace(
            tiny_model.knowledge, sessions=np.full_like(tiny_model.knowledge.sessions, np.nan)
        ),
    )

    rows = ranked_rows(tiny_model, known, BY_NAME[WITHOUT_SESSION], K)

    assert rows.tolist() == ranked_rows(silent, known, BY_NAME[HYBRID], K).tolist()
    assert rows.tolist() != ranked_rows(tiny_model, known, BY_NAME[HYBRID], K).tolist()


@pytest.mark.parametrize("way", WAYS, ids=ids_of(list(WAYS)))
def test_only_candidates_are_ranked(tiny_model: HybridModel, chosen: Slice, way: Way) -> None:
    rows = ranked_rows(tiny_model, chosen, way, 40)

    assert set(rows.ravel().tolist()) <= {-1, *range(5, 35)}
    assert (rows[:, 0] >= 0).all()


def test_the_hybrid_is_asked_as_a_batch_job_asks_it(tiny_model: HybridModel, known: Slice) -> None:
    rows = ranked_rows(tiny_model, known, BY_NAME[HYBRID], K)

    asks = batch_asks(known.user_ids, {}, None, K, tiny_model.knowledge)
    answers = tiny_model.generate_batch_recommendations(asks)
    tracks = tiny_model.knowledge.catalog.tracks
    assert rows.tolist() == [tracks.rows(answer.track_ids).tolist() for answer in answers]


@pytest.mark.parametrize(
    "way", [Alone("cf", "cf"), Alone("content", "content")], ids=["cf", "content"]
)
def test_a_source_alone_orders_the_whole_catalogue_by_its_own_scores(
    tiny_model: HybridModel, known: Slice, way: Alone
) -> None:
    rows = ranked_rows(tiny_model, known, way, 200)

    user_id, ids = known.user_ids[0], tiny_model.knowledge.catalog.tracks.ids
    shown = [ids[row] for row in rows[0].tolist()]
    left_out = [
        name
        for row, name in enumerate(ids)
        if name not in shown and row not in played(tiny_model, user_id)
    ]
    answer = tiny_model.predict(ScoresRequest(user_id=user_id, candidates=[*shown, *left_out]))
    scores = [item.sources[way.source].score for item in answer.items]
    known_scores = [score for score in scores[: len(shown)] if score is not None]
    assert len(known_scores) == len(shown)
    assert known_scores == sorted(known_scores, reverse=True)
    assert all(score is None or score <= known_scores[-1] for score in scores[len(shown) :])


@pytest.mark.parametrize("name", ["co_listening", "factors"])
def test_a_part_of_a_source_alone_orders_by_its_own_signal(
    tiny_model: HybridModel, known: Slice, name: str
) -> None:
    rows = ranked_rows(tiny_model, known, BY_NAME[name], 200)

    (ask,) = batch_asks(known.user_ids[:1], {}, rows[0][rows[0] >= 0], K, tiny_model.knowledge)
    queries = plan([ask], tiny_model.knowledge, np.inf).queries
    signal = tiny_model.cf.score(queries).signal(name)
    by_row = dict(zip(queries.candidate_rows.tolist(), signal.tolist(), strict=True))
    ranked = [by_row[row] for row in rows[0].tolist() if row >= 0]
    assert ranked == sorted(ranked, reverse=True)
    assert ranked[0] > ranked[-1]
    assert rows.tolist() != ranked_rows(tiny_model, known, BY_NAME["cf"], 200).tolist()


def test_a_history_is_what_a_new_user_is_known_by(tiny_model: HybridModel, known: Slice) -> None:
    ids = tiny_model.knowledge.catalog.tracks.ids
    nothing = [None] * 6
    told = ["eve"] * 6, ids[:6], [2.0] * 6, nothing, nothing, nothing
    history = pl.DataFrame(dict(zip(INTERACTIONS, told, strict=True)), INTERACTIONS)
    new = replace(known, name="new_user", user_ids=("eve",), history=history)

    rows = ranked_rows(tiny_model, new, BY_NAME[HYBRID], K)

    assert not set(rows[0].tolist()) & set(range(6))
    (ask,) = asks_of(tiny_model, new, BY_NAME[HYBRID], K)
    assert ask.asker.user_row == -1
    assert sorted(ask.asker.history.tolist()) == list(range(6))


def test_plays_of_a_log_come_oldest_first_with_their_events() -> None:
    log = pl.DataFrame(
        {
            "user_id": ["ann", "ann", "bob"],
            "track_id": ["late", "early", "other"],
            "plays": [1.0, 0.0, 3.0],
            "timestamp": [2, 1, None],
            "event": [None, "skip", None],
        }
    ).with_columns(pl.col("timestamp").cast(pl.Datetime("ms", "UTC")))

    plays = plays_by_user(log)

    assert [(one.track_id, one.plays, one.event) for one in plays["ann"]] == [
        ("early", 0.0, "skip"),
        ("late", 1.0, None),
    ]
    assert [one.track_id for one in plays["bob"]] == ["other"]


@pytest.mark.parametrize(
    ("stage", "source"),
    [(NMF_SCORER, Alone("cf", "cf")), (TWO_TOWER_SCORER, Alone("content", "content"))],
    ids=["cf", "content"],
)
def test_a_lost_scorer_says_nothing_and_the_other_answers(
    tiny_model: HybridModel, known: Slice, stage: str, source: Alone
) -> None:
    lossy = without(tiny_model, frozenset({stage}))

    ids = tiny_model.knowledge.catalog.tracks.ids[:5]
    answer = lossy.predict(ScoresRequest(user_id=known.user_ids[0], candidates=[*ids]))

    for item in answer.items:
        assert item.sources[source.source].score is None
        assert item.score is not None


def test_a_model_that_lost_nothing_is_whole(tiny_model: HybridModel) -> None:
    whole = without(tiny_model, frozenset())

    assert (whole.cf, whole.content) == (tiny_model.cf, tiny_model.content)
    assert whole.audio is tiny_model.audio
    assert without(tiny_model, frozenset({AUDIO_PREDICTOR})).audio is None


def test_each_fusion_is_asked_by_its_name(tiny_model: HybridModel, known: Slice) -> None:
    rows = ranked_rows(tiny_model, known, BY_NAME[CONFIDENCE_WEIGHTED], K)

    by_default = replace(tiny_model, fusion=CONFIDENCE_WEIGHTED)
    asks = batch_asks(known.user_ids, {}, None, K, by_default.knowledge, fusion=CONFIDENCE_WEIGHTED)
    tracks = tiny_model.knowledge.catalog.tracks
    answers = by_default.generate_batch_recommendations(asks)
    assert rows.tolist() == [tracks.rows(answer.track_ids).tolist() for answer in answers]


def test_described_tracks_are_told_as_the_catalogue_knows_them(tiny_model: HybridModel) -> None:
    catalog = tiny_model.knowledge.catalog

    (track,) = described_tracks(catalog, np.array([7], np.int32))

    assert track.track_id == catalog.tracks.ids[7]
    assert (track.title, track.artist) == (catalog.titles[7], catalog.artists[7])
    assert tuple(track.genres) == catalog.genres[7]
    assert track.audio.energy == catalog.table["energy"][7]


def test_tracks_are_described_only_where_there_are_candidates(
    tiny_model: HybridModel, known: Slice
) -> None:
    with pytest.raises(ValueError, match="no candidates to describe"):
        ranked_rows(tiny_model, known, BY_NAME[DESCRIBED], K)


def test_each_way_has_a_name_of_its_own() -> None:
    assert len(BY_NAME) == len(WAYS)
    assert BY_NAME[HYBRID] == AsServed(HYBRID)
