"""The verdict on lists made by hand."""

from dataclasses import replace

import numpy as np
import pytest

from hybridrec.assessment.comparison import Rivals
from hybridrec.assessment.pairing import Pairing
from hybridrec.assessment.promotion import Bounds, Promotion, decide
from hybridrec.catalog import Catalog
from hybridrec.evaluation.judgement import Questions
from hybridrec.schema.names import Rows
from hybridrec.vocabulary import Vocabulary
from tests.unit.assessment.bundles import tracks_of

N_KNOWN, N_NEW = 80, 40
N_USERS = N_KNOWN + N_NEW
TRACKS = [f"t{row:02}" for row in range(40)]
PLAYED, WANTED = 0, 1
"""Rows of the track that each listener had played, and of the one that is to be found."""
KNOWN = Vocabulary(tuple(f"k{user:03}" for user in range(N_KNOWN)))
"""Listeners of the current bundle's training."""
DEFAULTS = Bounds()


def each(row: int) -> Rows:
    return np.full(N_USERS, row, np.int32)


@pytest.fixture
def pairing() -> Pairing:
    """Of 120 listeners each played one track, and went on to play the same other one."""
    offsets = np.arange(N_USERS + 1, dtype=np.int32)
    counts = np.full(len(TRACKS), 50, np.int32)
    asked = Questions(
        user_ids=(*KNOWN.ids, *(f"n{user:03}" for user in range(N_NEW))),
        history_rows=each(PLAYED),
        history_offsets=offsets,
        relevant_rows=each(WANTED),
        relevant_offsets=offsets,
        candidate_rows=np.arange(len(TRACKS), dtype=np.int32),
    )
    return Pairing(Catalog.of(tracks_of(TRACKS), counts), asked, {}, {}, N_USERS, 0, 0)


def lists(*ranks: int) -> Rows:
    """One list for each rank at which the wanted track stands, 0 if it does not."""
    others = np.arange(10, 20, dtype=np.int32)
    rows = np.tile(others, (len(ranks), 1))
    for place, rank in enumerate(ranks):
        if rank:
            rows[place, rank - 1] = WANTED
    return rows


def verdict(
    pairing: Pairing, current: Rows, candidate: Rows, bounds: Bounds = DEFAULTS
) -> Promotion:
    return decide(Rivals(pairing, (current, candidate), KNOWN), bounds, np.random.default_rng(0))


def where(found: Promotion) -> set[tuple[str, str]]:
    return {(one.where, one.rule) for one in found.refusals}


def test_the_same_lists_are_promoted(pairing: Pairing) -> None:
    same = lists(*[1, 2, 3, 0] * 30)

    found = verdict(pairing, same, same)

    assert found.is_promoted
    assert found.all.finding == "no_difference_shown"
    assert (found.all.difference.low, found.all.difference.high) == (0, 0)
    assert found.all.n_users == N_USERS


def test_a_worse_slice_refuses_what_is_better_overall(pairing: Pairing) -> None:
    current = lists(*[5] * N_KNOWN, *[2] * N_NEW)
    candidate = lists(*[1] * N_KNOWN, *[0, 3] * (N_NEW // 2))

    found = verdict(pairing, current, candidate)

    assert found.all.finding == "better"
    assert found.listeners["known"].finding == "better"
    assert where(found) == {("listeners.new", "margin")}
    new = found.listeners["new"]
    assert new.n_users == N_NEW
    assert new.current == pytest.approx(1 / np.log2(3))
    assert new.candidate == pytest.approx(0.25)
    assert new.difference.mean == pytest.approx(new.candidate - new.current)
    assert new.difference.low <= new.difference.mean <= new.difference.high < 0


def test_what_is_worse_everywhere_is_named_overall_and_by_track(pairing: Pairing) -> None:
    found = verdict(pairing, lists(*[1] * N_USERS), lists(*[0, 3] * (N_USERS // 2)))

    assert {"all", "listeners.known", "listeners.new", "tracks.known"} <= {
        one.where for one in found.refusals
    }


def test_a_slice_of_few_listeners_is_told_and_refuses_nobody(pairing: Pairing) -> None:
    current = lists(*[2] * N_USERS)
    candidate = lists(*[1] * N_KNOWN, *[0] * N_NEW)

    found = verdict(pairing, current, candidate, Bounds(min_users=N_NEW + 1))

    assert found.is_promoted
    assert found.listeners["new"].finding == "too_few_users"
    assert found.listeners["new"].difference.high < 0
    assert not verdict(pairing, current, candidate, Bounds(min_users=N_NEW)).is_promoted


def test_tracks_are_of_a_kind_by_the_listeners_of_the_current_bundle(pairing: Pairing) -> None:
    counts = np.full(len(TRACKS), 50, np.int32)
    counts[WANTED] = 0
    cold = replace(pairing, catalog=Catalog.of(tracks_of(TRACKS), counts))
    same = lists(*[1] * N_USERS)

    assert set(verdict(cold, same, same).tracks) == {"cold", "new"}
    assert set(verdict(pairing, same, same).tracks) == {"known"}


def test_a_loss_within_the_margin_is_put_up_with(pairing: Pairing) -> None:
    current, candidate = lists(*[3] * N_USERS), lists(*[4] * N_USERS)
    loss = 1 / np.log2(4) - 1 / np.log2(5)

    assert not verdict(pairing, current, candidate).is_promoted
    assert not verdict(pairing, current, candidate, Bounds(margin=loss - 0.01)).is_promoted
    assert verdict(pairing, current, candidate, Bounds(margin=loss + 0.01)).is_promoted


def test_what_is_not_shown_to_be_good_enough_is_refused_where_that_is_asked(
    pairing: Pairing,
) -> None:
    current = lists(*[1, 0] * (N_USERS // 2))
    candidate = lists(*[1] * 59, 0, *[0] * 60)

    unsure = verdict(pairing, current, candidate)

    assert unsure.all.difference.low < 0 < unsure.all.difference.high
    assert ("all", "must_prove") not in where(unsure)
    assert ("all", "must_prove") in where(
        verdict(pairing, current, candidate, Bounds(must_prove=True))
    )
    assert ("all", "must_prove") not in where(
        verdict(pairing, current, candidate, Bounds(must_prove=True, margin=0.9))
    )


def test_lists_that_become_more_popular_than_allowed_are_refused(pairing: Pairing) -> None:
    counts = np.full(len(TRACKS), 10, np.int32)
    counts[20:30] = 15
    skewed = replace(pairing, catalog=Catalog.of(tracks_of(TRACKS), counts))
    current = lists(*[1] * N_USERS)
    popular = current + np.where(current == WANTED, 0, 10).astype(np.int32)

    found = verdict(skewed, current, popular, Bounds(max_lift_rise=0.4))

    lift = found.beside["popularity_lift_at_10"]
    assert lift is not None
    assert lift.difference.mean == pytest.approx(0.45)  # nine of ten by half of what was played
    assert where(found) == {("popularity_lift_at_10", "max_lift_rise")}
    assert verdict(skewed, current, popular, Bounds(max_lift_rise=0.5)).is_promoted


def test_lists_of_fewer_artists_than_allowed_are_refused(pairing: Pairing) -> None:
    rng = np.random.default_rng(1)
    alike = lists(*[1] * N_USERS)
    varied = np.stack([rng.permutation(np.arange(10, 40, dtype=np.int32))[:10] for _ in alike])
    varied[:, 0] = WANTED

    found = verdict(pairing, varied, alike)

    gini = found.artist_gini_at_10
    assert gini is not None
    assert where(found) == {("artist_gini_at_10", "max_gini_rise")}
    assert verdict(pairing, varied, alike, Bounds(max_gini_rise=gini.difference)).is_promoted
    assert verdict(pairing, alike, varied).is_promoted


def test_where_nobody_has_anything_to_be_found_there_is_no_verdict(pairing: Pairing) -> None:
    nothing = pairing.asked.about(np.zeros(len(TRACKS), bool))

    with pytest.raises(ValueError, match="nobody has anything"):
        verdict(replace(pairing, asked=nothing), lists(*[1] * N_USERS), lists(*[1] * N_USERS))
