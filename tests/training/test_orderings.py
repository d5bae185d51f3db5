"""What plays are set beside when confidence is learned."""

import numpy as np

from hybridrec.training.confidence import Judged, orderings


def test_a_play_is_set_beside_random_unplayed_tracks_and_no_others() -> None:
    # a play, a random track, one that was retrieved, and a random one that was played as well
    scores = np.array([0.5, 0.2, 0.9, 0.8], np.float32)
    judged = Judged(
        played=np.array([True, False, False, True]),
        random=np.array([False, True, False, True]),
        queries=np.zeros(4, np.int32),
        groups=np.array([3, 0, 0, 4], np.int32),
    )

    found = orderings(np.full(4, 0.5, np.float32), scores, judged)

    assert found.won.tolist() == [1, 1]
    assert found.groups.tolist() == [3, 4]


def test_a_question_without_a_random_unplayed_track_tells_nothing() -> None:
    judged = Judged(
        played=np.array([True, False, True, False]),
        random=np.array([True, False, False, True]),
        queries=np.array([0, 0, 1, 1], np.int32),
        groups=np.zeros(4, np.int32),
    )

    found = orderings(np.full(4, 0.5, np.float32), np.ones(4, np.float32), judged)

    assert found.queries.tolist() == [1]
    assert found.won.tolist() == [0.5]
