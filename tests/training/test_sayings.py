"""What the last calibrators say of one half of the users, they were taught by the other."""

from dataclasses import replace

import numpy as np
import pytest

from hybridrec.fusion.ranked import Fused
from hybridrec.models.confidence import MIN_CONFIDENCE
from hybridrec.models.groups import LISTENERS, TRACKS
from hybridrec.schema.names import Floats
from hybridrec.schema.scores import Terms
from hybridrec.testing import FakeScorer, one_query, query_batch
from hybridrec.training.calibration import base_rate
from hybridrec.training.confidence import NO_CEILINGS
from hybridrec.training.examples import StackBatch
from hybridrec.training.sayings import MIN_TOLD, SureSayings
from hybridrec.training.score_sayings import N_SHOWN, Said, ScoreSayings, calibrations

EVEN, ODD = 6, 7
"""A user of each half."""
OF_EVEN = LISTENERS.index("trained_some") * len(TRACKS) + TRACKS.index("known")
OF_ODD = LISTENERS.index("trained_many") * len(TRACKS) + TRACKS.index("niche")
N_PLAYS = {EVEN: MIN_TOLD, ODD: MIN_TOLD + 10}


@pytest.fixture
def batch() -> StackBatch:
    """Each user's plays, all in one group of confidence, and a random track after them."""
    queries = query_batch([one_query(range(n + 1)) for n in N_PLAYS.values()])
    said = FakeScorer("cf", {}).score(queries)
    played = np.concatenate([np.arange(n + 1) < n for n in N_PLAYS.values()])
    n_candidates = [n + 1 for n in N_PLAYS.values()]
    return StackBatch(
        queries=queries,
        cf=said,
        content=said,
        played=played,
        random=~played,
        pooled=np.ones(len(played), bool),
        surplus=np.zeros(len(played), bool),
        groups=np.repeat([OF_EVEN, OF_ODD], n_candidates).astype(np.int32),
        users=np.array([EVEN, ODD], np.int32),
        is_new=np.zeros(2, bool),
        asks_again=np.zeros(2, bool),
        calibrates=np.ones(2, bool),
    )


def scores_of(batch: StackBatch) -> Floats:
    """The even user's plays tie with the random track, so half is won; the odd one's win all."""
    of_odd = batch.queries.query_of_candidate == 1
    return np.where(of_odd & batch.played, 0.75, 0.5).astype(np.float32)


def generator() -> np.random.Generator:
    return np.random.default_rng(1)


def half_sure(batch: StackBatch) -> Floats:
    return np.full(len(batch.played), 0.5, np.float32)


def fused_of(raw: Floats) -> Fused:
    """Fused scores of some raw logits."""
    nothing = np.zeros(len(raw), np.float32)
    terms = Terms(raw, nothing, nothing, nothing, nothing)
    return Fused(nothing, nothing, nothing, nothing, nothing, terms, np.zeros(2, np.int32))


def test_confidence_in_the_plays_of_one_half_is_what_those_of_the_other_won(
    batch: StackBatch,
) -> None:
    sayings = SureSayings()
    sayings.add(batch, scores_of(batch), half_sure(batch))

    even, odd = sayings.table("hybrid", NO_CEILINGS)

    assert [(one.listeners, one.tracks, one.n) for one in (even, odd)] == [
        ("trained_some", "known", N_PLAYS[EVEN]),
        ("trained_many", "niche", N_PLAYS[ODD]),
    ]
    assert (even.found, odd.found) == (0, 1)
    assert even.said == 1
    assert odd.said == pytest.approx(MIN_CONFIDENCE)


def test_groups_of_like_confidence_are_judged_by_the_other_half_too(batch: StackBatch) -> None:
    sayings = SureSayings()
    sayings.add(batch, scores_of(batch), half_sure(batch))

    (of_all,) = sayings.reliability()

    said_and_found = [(round(one.said, 2), one.found) for one in of_all.groups]
    assert said_and_found == [(0, 1), (1, 0)]  # the odd user's, then the even one's


def test_thin_askers_are_told_apart_from_those_with_a_history(batch: StackBatch) -> None:
    thin = np.array([True, False])
    sayings = SureSayings()
    sayings.add(replace(batch, is_new=thin, asks_again=thin), scores_of(batch), half_sure(batch))

    found = {one.listeners: sum(group.n for group in one.groups) for one in sayings.reliability()}

    assert found == {"all": N_PLAYS[ODD], "few_plays": N_PLAYS[EVEN]}


def test_what_trained_is_not_judged(batch: StackBatch) -> None:
    sayings = SureSayings()
    trains = replace(batch, calibrates=np.array([True, False]))
    sayings.add(trains, scores_of(batch), half_sure(batch))

    assert [one.listeners for one in sayings.table("hybrid", NO_CEILINGS)] == ["trained_some"]


def test_a_score_of_one_half_is_the_share_that_the_other_played(batch: StackBatch) -> None:
    of_even, of_odd = (batch.queries.query_of_candidate == query for query in (0, 1))
    # the even user played every other candidate, the odd one all but the last
    played = np.where(of_even, np.arange(len(of_even)) % 2 == 0, batch.played)
    sayings = ScoreSayings()
    sayings.add(replace(batch, played=played), fused_of(np.zeros(len(played), np.float32)))

    odd, even = sayings.groups()

    assert (odd.n, even.n) == (of_odd.sum(), of_even.sum())
    assert (odd.found, even.found) == (played[of_odd].mean(), played[of_even].mean())
    assert odd.said == pytest.approx(base_rate(played[of_even]))
    assert even.said == pytest.approx(base_rate(played[of_odd]))


def test_what_is_shown_is_the_best_of_each_question(batch: StackBatch) -> None:
    best_last = np.arange(len(batch.played), dtype=np.float32)
    sayings = ScoreSayings()
    sayings.add(batch, fused_of(best_last))

    shown = sayings.groups(of_shown=True)

    assert sum(one.n for one in shown) == 2 * N_SHOWN
    # of each question the last track alone was not played
    assert sum(one.n * one.found for one in shown) == pytest.approx(2 * (N_SHOWN - 1))


def test_new_tracks_are_judged_by_themselves_and_so_are_the_best_of_them(
    batch: StackBatch,
) -> None:
    best_last = np.arange(len(batch.played), dtype=np.float32)
    n_new = N_SHOWN + 3
    place = np.arange(len(batch.played)) - batch.queries.offsets[batch.queries.query_of_candidate]
    of_new = LISTENERS.index("trained_some") * len(TRACKS) + TRACKS.index("new")
    sayings = ScoreSayings()
    sayings.add(
        replace(batch, groups=np.where(place < n_new, of_new, batch.groups).astype(np.int32)),
        fused_of(best_last),
    )

    everything, shown = (one for one in sayings.calibration(generator()) if one.of_new_tracks)

    assert (everything.listeners, everything.of_shown, everything.n) == ("all", False, 2 * n_new)
    assert (shown.listeners, shown.of_shown, shown.n) == ("all", True, 2 * N_SHOWN)
    best = sayings.said.is_best_new
    np.testing.assert_array_equal(best, (place >= n_new - N_SHOWN) & (place < n_new))


def test_scores_of_candidates_that_serving_would_not_have_are_left_out(batch: StackBatch) -> None:
    sayings = ScoreSayings()
    sayings.add(replace(batch, pooled=batch.played), fused_of(np.zeros(len(batch.played), "f4")))

    assert sum(one.n for one in sayings.groups()) == batch.played.sum()


def test_what_scores_are_worth_is_told_by_kind_of_listener() -> None:
    n, nobody = 400, np.zeros(400, bool)
    played, queries = np.arange(n) % 4 == 0, np.repeat(np.arange(8), 50).astype(np.int32)
    scores = np.where(played, 0.9, 0.1).astype(np.float32)
    new_tracks = queries < 3
    said = Said(
        scores, played, played, queries, queries % 2 == 0, nobody, nobody, new_tracks, nobody
    )

    *found, of_new = calibrations(said, generator())

    told = {(one.listeners, one.of_shown): one for one in found}
    assert not any(one.of_new_tracks for one in found)
    assert (of_new.of_new_tracks, of_new.listeners, of_new.of_shown) == (True, "all", False)
    assert of_new.n == new_tracks.sum()
    assert set(told) == {(kind, of) for kind in ("all", "known", "new") for of in (False, True)}
    every = told["all", False]
    assert every.n == told["known", False].n + told["new", False].n == n
    assert every.error == pytest.approx(0.1)
    # each error is .1; of the base rate, a quarter: 3/16
    assert every.brier_skill is not None
    assert every.brier_skill.mean == pytest.approx(1 - 0.01 / (3 / 16))
    assert every.brier_skill.low < every.brier_skill.mean < every.brier_skill.high
    # all that is shown was played: there is no base rate to be better than
    assert told["known", True].error == pytest.approx(0.1)
    assert told["known", True].brier_skill is None


def test_who_asks_again_counts_as_a_stranger_of_few_plays_or_not_at_all(batch: StackBatch) -> None:
    sayings, again = ScoreSayings(), np.array([True, False])
    sayings.add(replace(batch, is_new=again, asks_again=again), fused_of(scores_of(batch)))

    told = sayings.calibration(generator())
    kinds = {one.listeners: one.n for one in told if not one.of_shown}

    of_even, of_odd = N_PLAYS[EVEN] + 1, N_PLAYS[ODD] + 1
    assert kinds == {"all": of_odd, "known": of_odd, "few_plays": of_even}


def test_scores_of_each_kind_of_listener_are_those_that_the_other_half_of_it_tells(
    batch: StackBatch, rng: np.random.Generator
) -> None:
    n_users, n_each = 80, 50
    queries = query_batch([one_query(range(n_each)) for _ in range(n_users)])
    plays_much = np.repeat(np.arange(n_users) % 4 < 2, n_each)
    played = rng.random(n_users * n_each) < np.where(plays_much, 0.4, 0.1)
    many = replace(
        batch,
        queries=queries,
        played=played,
        pooled=np.ones(len(played), bool),
        groups=np.where(plays_much, OF_EVEN, OF_ODD).astype(np.int32),
        users=np.arange(n_users, dtype=np.int32),
        is_new=np.zeros(n_users, bool),
        asks_again=np.zeros(n_users, bool),
        calibrates=np.ones(n_users, bool),
    )
    sayings = ScoreSayings()

    sayings.add(many, fused_of(np.zeros(len(played), np.float32)))

    # a quarter is played: what each kind plays is between that and all of its own, and near it
    assert sayings.said.scores[plays_much].mean() == pytest.approx(0.4, abs=0.06)
    assert sayings.said.scores[~plays_much].mean() == pytest.approx(0.1, abs=0.06)
