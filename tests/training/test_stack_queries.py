"""Which candidates the stack's questions have, and what is known of them."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from hybridrec.datasets.table import Dataset
from hybridrec.hybrid import HybridModel
from hybridrec.models.genres import NEW_LISTENER_PLAYS
from hybridrec.models.groups import MANY_PLAYS
from hybridrec.schema.names import AUDIO_FEATURES, SOURCES
from hybridrec.schema.tables import TRACKS
from hybridrec.training.config import StackConfig, TrainConfig
from hybridrec.training.data import training_data
from hybridrec.training.examples import StackBatch, calibrated_sources
from hybridrec.training.fusion_fit import kept_sources
from hybridrec.training.ground import COUNTS, lay_ground
from hybridrec.training.queries import ONE_SILENT_OF, QUERIES_PER_BATCH, Stack, stack_of
from hybridrec.training.stack import StackSplit, split_for_stacking
from hybridrec.training.strangers import STRANGERS, Stated, Stranger, as_stranger

MEASURED = (*AUDIO_FEATURES, "loudness")
CONFIG = StackConfig(n_random=20)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def asked(
    tiny_model: HybridModel, tiny_data: Path
) -> tuple[Stack, StackSplit, tuple[StackBatch, ...]]:
    rng = np.random.default_rng(3)
    dataset = Dataset.load(tiny_data)
    plays = training_data(dataset.tracks, dataset.interactions).interactions
    split = split_for_stacking(plays, CONFIG, rng)
    stack = Stack(plays, split, tiny_model.knowledge, tiny_model.knowledge.sessions)
    return stack, split, tuple(stack.batches(tiny_model.cf, tiny_model.content, CONFIG, rng))


def test_every_label_is_judged_also_where_retrieval_missed_it(
    asked: tuple[Stack, StackSplit, tuple[StackBatch, ...]], tiny_data: Path
) -> None:
    stack, split, batches = asked
    dataset = Dataset.load(tiny_data)
    plays = training_data(dataset.tracks, dataset.interactions).interactions
    surplus = plays.where(split.surplus).histories()

    for batch in batches:
        rows, offsets = batch.queries.candidate_rows, batch.queries.offsets
        for user, (start, stop) in zip(batch.users, pairwise(offsets.tolist()), strict=True):
            found = rows[start:stop][batch.played[start:stop]]
            assert sorted(found) == sorted(stack.labels(int(user)))
            beside = surplus.of(int(user))[0]
            assert set(rows[start:stop][batch.surplus[start:stop]]) <= set(beside)
            for others in (batch.pooled, batch.random):
                assert not set(rows[start:stop][others[start:stop]]) & set(beside)
    missed = np.concatenate([~batch.pooled & ~batch.surplus for batch in batches])
    played = np.concatenate([batch.played for batch in batches])
    assert any(batch.surplus.any() for batch in batches)
    assert missed.any()
    assert played[missed].all()


def test_every_user_asks_a_new_one_as_each_stranger_too_and_some_with_less_of_the_session(
    asked: tuple[Stack, StackSplit, tuple[StackBatch, ...]],
) -> None:
    _, split, batches = asked

    users = np.concatenate([batch.users for batch in batches])
    again = np.concatenate([batch.asks_again for batch in batches])
    new = np.concatenate([batch.is_new for batch in batches])
    calibrates = np.concatenate([batch.calibrates for batch in batches])
    assert users[~again].tolist() == split.users.tolist()
    silent = split.users[::ONE_SILENT_OF].tolist()
    assert users[again].tolist() == len(STRANGERS) * split.users[split.is_new].tolist() + silent
    of_silent = split.is_new[::ONE_SILENT_OF].tolist()
    assert new[again].tolist() == len(STRANGERS) * split.is_new.sum() * [True] + of_silent
    of_strangers = np.tile(split.calibrates[split.is_new], len(STRANGERS))
    expected = [*of_strangers, *split.calibrates[::ONE_SILENT_OF]]
    assert calibrates[again].tolist() == expected


def test_who_asks_again_with_less_of_the_session_is_otherwise_the_same(
    asked: tuple[Stack, StackSplit, tuple[StackBatch, ...]],
) -> None:
    _, split, batches = asked
    n_silent = len(split.users[::ONE_SILENT_OF])
    sessions = np.concatenate([batch.queries.session for batch in batches])
    histories = [
        batch.queries.history(query)[0].tolist()
        for batch in batches
        for query in range(len(batch.queries))
    ]

    whole, told = sessions[: len(split.users)][::ONE_SILENT_OF], sessions[-n_silent:]
    assert histories[-n_silent:] == histories[: len(split.users)][::ONE_SILENT_OF]
    kept = ~np.isnan(told)
    assert (told[kept] == whole[kept]).all()
    of_each = kept.sum(axis=1) / np.maximum((~np.isnan(whole)).sum(axis=1), 1)
    # nothing in half of the cases, and half of the features in the others
    assert 0.25 < (of_each == 0).mean() < 0.75
    assert of_each.max() < 1
    assert 0.35 < of_each[of_each > 0].mean() < 0.65


def test_of_a_stranger_some_plays_or_some_preferences_are_known_and_never_a_session(
    asked: tuple[Stack, StackSplit, tuple[StackBatch, ...]],
) -> None:
    stack, split, batches = asked
    n_plays, states, without_a_play = [], [], Counter[tuple[bool, bool]]()
    first = len(split.users)
    strangers = range(first, first + len(STRANGERS) * int(split.is_new.sum()))

    for number, batch in enumerate(batches):
        queries, start = batch.queries, number * QUERIES_PER_BATCH
        for query in (one for one in range(len(queries)) if start + one in strangers):
            history, _ = queries.history(query)
            known, _ = stack._histories.of(int(batch.users[query]))
            likes = queries.genre_rows[query].any() or queries.mood_rows[query].any()
            assert set(history) <= set(known)
            assert len(history) or likes
            assert np.isnan(queries.session[query]).all()
            assert queries.user_rows[query] == -1
            # what was played is no candidate, known to the asker's answerer or not
            assert not set(queries.candidate_rows[queries.query_of_candidate == query]) & set(known)
            assert batch.is_thin[query] == (len(history) < NEW_LISTENER_PLAYS)
            n_plays.append(len(history))
            states.append(bool(queries.genres_stated[query]))
            if not len(history):
                states_moods = bool(queries.mood_rows[query].any())
                without_a_play[bool(queries.genres_stated[query]), states_moods] += 1
    assert set(n_plays) >= set(range(MANY_PLAYS))
    assert max(n_plays) >= MANY_PLAYS
    # with some plays half of them state something, and two thirds of those state genres
    with_plays = np.array(states)[np.array(n_plays) > 0]
    assert 0.2 < with_plays.mean() < 0.5
    # without a play, genres, moods or both are stated, as often
    n_new = int(split.is_new.sum())
    assert without_a_play == {(True, False): n_new, (False, True): n_new, (True, True): n_new}


def test_a_stranger_of_whom_nothing_can_be_stated_is_known_by_a_play(
    asked: tuple[Stack, StackSplit, tuple[StackBatch, ...]], rng: np.random.Generator
) -> None:
    asker = asked[0]._ask(0, rng).asker
    nothing = np.zeros_like
    tasteless = replace(asker, genres=nothing(asker.genres), moods=nothing(asker.moods))

    without = as_stranger(tasteless, Stranger(0, 0, Stated.BOTH), asked[0]._taste, rng)

    assert len(without.history) == 1


def test_what_retrieval_missed_counts_for_confidence_and_not_for_scores(
    asked: tuple[Stack, StackSplit, tuple[StackBatch, ...]],
) -> None:
    _, _, batches = asked
    forgotten = [without_missed(batch) for batch in batches]

    groups = np.concatenate([batch.groups for batch in batches])
    for source, (score, confidence), (score_of_pool, confidence_of_pool) in zip(
        SOURCES, calibrated_sources(batches), calibrated_sources(forgotten), strict=True
    ):
        assert score.to_logit.x.tolist() == score_of_pool.to_logit.x.tolist()
        assert score.to_logit.y.tolist() == score_of_pool.to_logit.y.tolist()
        said = [getattr(batch, source) for batch in batches]
        raw = np.concatenate([one.confidence for one in said])
        known = ~np.isnan(np.concatenate([one.scores for one in said]))
        # plays that no scorer found are ordered worse: with them one is less sure of the same
        surer = confidence_of_pool.known(raw, groups, known)
        assert confidence.known(raw, groups, known).mean() < surer.mean()


def test_sources_are_lost_as_often_as_asked_and_never_both(rng: np.random.Generator) -> None:
    kept = kept_sources(20_000, 0.2, rng)

    # 0.02: seven standard errors of a share of 20,000
    assert kept.mean(axis=0) == pytest.approx([0.8, 0.8], abs=0.02)
    assert kept.max(axis=1).min() == 1


def without_missed(batch: StackBatch) -> StackBatch:
    """The same batch as if nobody had played what retrieval missed."""
    return replace(batch, played=batch.played & batch.pooled)


def test_listeners_are_not_counted_of_tracks_that_base_models_saw_no_play_of(
    tiny_data: Path,
) -> None:
    dataset = Dataset.load(tiny_data)
    counted = dataset.tracks.with_columns(pl.lit(50.0, TRACKS["popularity"]).alias("popularity"))
    unmeasured = counted.with_columns(pl.lit(None, pl.Float32()).alias(name) for name in MEASURED)
    ground = lay_ground(
        Dataset(unmeasured, dataset.interactions),
        TrainConfig(),
        np.random.default_rng(1),
        lambda _stage, _done: None,
    )
    plays = ground.data.interactions
    base = plays.where(split_for_stacking(plays, CONFIG, np.random.default_rng(2)).base)

    seen, before = ground.as_of(base).tracks.items, ground.tracks.items

    is_unseen = base.counts() == 0
    others = np.delete(np.arange(before.ratings.shape[1]), COUNTS)
    assert (base.counts() > 0).any()
    assert (is_unseen & (plays.counts() > 0)).any()
    assert not np.isnan(before.ratings[:, COUNTS[0]]).any()
    assert np.isnan(seen.ratings[is_unseen][:, COUNTS]).all()
    np.testing.assert_array_equal(seen.ratings[~is_unseen], before.ratings[~is_unseen])
    np.testing.assert_array_equal(seen.ratings[:, others], before.ratings[:, others])


def test_nothing_later_than_a_users_first_label_is_in_the_session_of_the_question(
    tiny_data: Path,
) -> None:
    dataset = Dataset.load(tiny_data)
    few = Dataset(
        dataset.tracks.with_columns(pl.lit(None, pl.Float32()).alias(name) for name in MEASURED),
        dataset.interactions,
    )
    ground = lay_ground(few, TrainConfig(), np.random.default_rng(1), lambda _stage, _done: None)
    data = ground.data
    split = split_for_stacking(data.interactions, CONFIG, np.random.default_rng(2))
    items = data.interactions.items.copy()
    items[split.labels] = 0  # so that popularity would be another, too
    until = zip(data.listening, split.label_times, strict=True)
    another_future = replace(
        ground,
        data=replace(
            data,
            interactions=replace(data.interactions, items=items),
            listening=tuple(events.before(time) for events, time in until),
        ),
    )

    told, told_otherwise = stack_of(ground, split), stack_of(another_future, split)

    asks = split.users
    assert (~np.isnan(told._sessions[asks])).any(axis=0).sum() > 10
    np.testing.assert_array_equal(told._sessions[asks], told_otherwise._sessions[asks])
    idle, idle_otherwise = (one.knowledge.idle_days[asks] for one in (told, told_otherwise))
    assert (idle > 0).all()
    np.testing.assert_array_equal(idle, idle_otherwise)
