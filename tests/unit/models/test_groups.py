from dataclasses import replace

import numpy as np
import pytest

from hybridrec.models.groups import (
    LISTENERS,
    N_GROUPS,
    TRACKS,
    cf_ceilings,
    confidence_groups,
)
from hybridrec.testing import nameless, one_query, query_batch

COUNTS = np.array([0, 2, 3, 9, 10, 99, 100, 999, 1000], np.int32)


@pytest.mark.parametrize(
    ("n_plays", "stated", "listener"),
    [
        (0, 1, "genres_alone"),
        (0, 0, "no_plays"),
        (1, 1, "few_plays_and_genres"),
        (4, 1, "few_plays_and_genres"),
        (4, 0, "few_plays"),
        (5, 1, "some_plays"),
        (9, 0, "some_plays"),
        (10, 1, "many_plays"),
        (200, 0, "many_plays"),
    ],
)
def test_listeners_are_told_apart_by_plays_and_stated_genres(
    n_plays: int, stated: int, listener: str
) -> None:
    query = replace(
        one_query([0], user_row=-1, history_rows=[0] * n_plays),
        genres_stated=np.array([stated > 0]),
    )

    (group,) = confidence_groups(query, COUNTS).tolist()

    assert LISTENERS[group // len(TRACKS)] == listener


@pytest.mark.parametrize(
    ("n_plays", "stated", "listener"),
    [
        (0, 1, "genres_alone"),
        (4, 1, "few_plays_and_genres"),
        (4, 0, "trained_some"),
        (9, 1, "trained_some"),
        (10, 0, "trained_many"),
    ],
)
def test_users_of_the_training_are_no_strangers_unless_genres_speak_for_them(
    n_plays: int, stated: int, listener: str
) -> None:
    query = one_query([0], user_row=3, history_rows=[0] * n_plays)

    (group,) = confidence_groups(
        replace(query, genres_stated=np.array([stated > 0])), COUNTS
    ).tolist()

    assert LISTENERS[group // len(TRACKS)] == listener


def test_tracks_are_told_apart_by_their_listeners_in_training() -> None:
    query = one_query([*range(9), 9], cold_items=nameless(1))

    groups = confidence_groups(query, COUNTS) % len(TRACKS)

    assert [TRACKS[group] for group in groups] == [
        *("new", "new", "niche", "niche", "known", "known", "popular", "popular", "mainstream"),
        "new",
    ]


def test_each_candidate_has_the_group_of_its_own_listener() -> None:
    queries = [one_query([8, 0], history_rows=[0] * n) for n in (0, 12)]

    groups = confidence_groups(query_batch(queries), COUNTS)

    assert groups.tolist() == [9, 5, N_GROUPS - 1, N_GROUPS - 5]


def test_ceilings_hold_for_listeners_known_by_genres_and_for_new_tracks() -> None:
    ceilings = cf_ceilings().reshape(len(LISTENERS), len(TRACKS))

    assert ceilings[:, 0] == pytest.approx([0.2] * len(LISTENERS))
    assert ceilings[:3, 1:] == pytest.approx(np.full((3, 4), 0.3))
    assert (ceilings[3:, 1:] == 1).all()
    # as the numbers of an answer: the float32 next to 0.3 and to 0.2 are above them
    assert float(ceilings[:, 0].max()) <= 0.2
    assert float(ceilings[:3].max()) <= 0.3
    assert ceilings.dtype == np.float32
