"""Figures by kind of listener and of track, of lists made by hand."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from hybridrec.assessment.assessment import assess, played_rows, questions_of
from hybridrec.assessment.kinds import LISTENERS, TRACKS
from hybridrec.evaluation.judgement import Questions
from hybridrec.hybrid import HybridModel
from hybridrec.schema.names import Mask
from hybridrec.schema.profile import Interaction


@pytest.fixture
def asked(tiny_model: HybridModel) -> Questions:
    """Of a user of the training, of one with a history, and of one of whom nothing is known."""
    users, ids = tiny_model.knowledge.users.ids, tiny_model.knowledge.catalog.tracks.ids
    told = {"eve": tuple(Interaction("eve", name, 1.0) for name in ids[:2])}
    test = pl.DataFrame(
        {"user_id": [users[0], "eve", "eve", "zed"], "track_id": [ids[5], ids[6], "gone", ids[7]]}
    )
    return questions_of(tiny_model.knowledge, told, test, None)


def test_questions_tell_what_is_known_of_everyone(
    tiny_model: HybridModel, asked: Questions
) -> None:
    known = tiny_model.knowledge

    assert asked.user_ids == tuple(sorted([known.users.ids[0], "eve", "zed"]))
    eve = asked.of_users(np.array([name == "eve" for name in asked.user_ids]))
    assert eve.user_ids == ("eve",)
    assert eve.history_rows.tolist() == [0, 1]
    assert sorted(eve.relevant_rows.tolist()) == [-1, 6]
    trained = asked.of_users(np.array([name == known.users.ids[0] for name in asked.user_ids]))
    assert trained.history_rows.tolist() == sorted(known.histories.of(0)[0].tolist())


def test_a_skip_and_a_track_of_no_bundle_are_nothing_that_was_played(
    tiny_model: HybridModel,
) -> None:
    ids = tiny_model.knowledge.catalog.tracks.ids
    told = {
        "eve": (
            Interaction("eve", ids[3], 0.0, "skip"),
            Interaction("eve", "gone", 1.0),
            Interaction("eve", ids[1], 2.0),
        )
    }

    assert played_rows(tiny_model.knowledge, told, "eve").tolist() == [1]
    assert played_rows(tiny_model.knowledge, told, "nobody").tolist() == []


def test_each_listener_is_of_one_kind_by_who_knows_them_and_of_one_by_what_is_known(
    tiny_model: HybridModel, asked: Questions
) -> None:
    lists = np.tile(np.arange(5, 15, dtype=np.int32), (3, 1))

    found = assess(lists, asked, tiny_model.knowledge, np.random.default_rng(0))

    assert found.all.n_users == 3
    assert set(found.listeners) <= set(LISTENERS)
    for kind in ("known", "new", "unknown"):
        assert found.listeners[kind].n_users == 1
    assert found.listeners["plays_0"].n_users == 1
    assert found.listeners["plays_1"].n_users == 1
    for kind, expected in (("known", 1), ("new", 1 / 2), ("unknown", 1 / 3)):
        figure = found.listeners[kind].measures["mrr"]
        assert figure is not None
        assert figure.mean == pytest.approx(expected)


def test_a_kind_of_track_is_judged_as_if_nothing_else_were_to_be_found(
    tiny_model: HybridModel, asked: Questions
) -> None:
    counts = np.full(len(tiny_model.knowledge.catalog), 50, np.int32)
    counts[[5, 7]] = [0, 2]
    catalog = replace(tiny_model.knowledge.catalog, interactions=counts)
    knowledge = replace(tiny_model.knowledge, catalog=catalog)
    lists = np.array([[6, 5, 7]] * 3, np.int32)

    found = assess(lists, asked, knowledge, np.random.default_rng(0)).tracks

    assert {kind: part.n_pairs for kind, part in found.items()} == {"cold": 1, "new": 2, "known": 1}
    assert set(found) <= set(TRACKS)
    cold, known = found["cold"].measures["mrr"], found["known"].measures["ndcg_at_10"]
    assert cold is not None
    assert known is not None
    assert (cold.mean, known.mean) == (0.5, 1.0)


def test_questions_about_no_track_ask_for_nothing(asked: Questions) -> None:
    nothing: Mask = np.zeros(300, bool)

    assert asked.about(nothing).relevant_rows.tolist() == []
    assert asked.about(nothing).relevant_offsets.tolist() == [0, 0, 0, 0]
    assert asked.about(~nothing).relevant_rows.tolist() == [
        row for row in asked.relevant_rows.tolist() if row >= 0
    ]
