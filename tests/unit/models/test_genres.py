"""New listeners and new tracks by their genres, in the collaborative source."""

from dataclasses import replace

import numpy as np
import pytest

from hybridrec.hybrid import HybridModel
from hybridrec.models.genres import GenreCentroids, is_new_listener
from hybridrec.models.nmf import NMFScorer
from hybridrec.schema.names import MAX_PREFERRED_GENRES
from hybridrec.schema.records import ItemFeatures, QueryBatch
from hybridrec.schema.scores import ScoreBatch
from hybridrec.testing import nameless, one_query, query_batch
from tests.unit.models.plays import affinities, factors_of, scorer_of

ROCK, JAZZ = 2, 3
GENRE_ROWS = np.array([[ROCK, 0], [ROCK, 0], [ROCK, JAZZ], [JAZZ, 0], [JAZZ, 0]], np.int32)
FACTORS = np.array([[1, 0], [0.5, 0], [0.5, 0.5], [0, 1], [0, 0.2]], np.float32)
LISTENERS = np.array([30, 10, 10, 10, 2], np.int32)
"""The last track has too few to speak for its genre."""
CENTROIDS = GenreCentroids.of(FACTORS, FACTORS, LISTENERS, GENRE_ROWS, n_genres=5)


@pytest.fixture
def scorer() -> NMFScorer:
    """Of those tracks, by factors alone; the raw confidence is that of the source."""
    return replace(
        scorer_of(factors_of(FACTORS, genres=CENTROIDS), interactions=LISTENERS, weight_gain=0.0),
        reference_users=np.eye(2, dtype=np.float32),
        reference_rows=np.array([8, 9], np.int32),
    )


def stranger(*genres: int, history: tuple[int, ...] = (), stated: bool = True) -> QueryBatch:
    rows = np.zeros((1, MAX_PREFERRED_GENRES), np.int32)
    rows[0, : len(genres)] = genres
    query = one_query(range(5), user_row=-1, history_rows=history)
    return replace(query, genre_rows=rows, genres_stated=np.array([stated]))


def new_tracks(*genres: int) -> ItemFeatures:
    """One track for each genre; 0 is none."""
    items = nameless(len(genres))
    rows = items.genre_rows.copy()
    rows[:, 0] = genres
    return replace(items, genre_rows=rows)


def test_a_stated_genre_stands_for_its_mean_play_and_a_track_for_its_mean_track() -> None:
    # rock: 30 plays of (1, 0), 10 of (.5, 0), 10 of (.5, .5)
    assert CENTROIDS.of_plays[ROCK] == pytest.approx([0.8, 0.1])
    assert CENTROIDS.of_tracks[ROCK] == pytest.approx([2 / 3, 1 / 6])
    # the jazz track of two listeners does not count
    assert CENTROIDS.of_tracks[JAZZ] == pytest.approx([0.25, 0.75])


def test_a_stated_genre_pulls_as_its_plays_do_and_not_as_its_tracks_are() -> None:
    pulls = GenreCentroids.of(FACTORS, 2 * FACTORS, LISTENERS, GENRE_ROWS, n_genres=5)

    assert pulls.of_plays == pytest.approx(2 * CENTROIDS.of_plays)
    assert pulls.of_tracks == pytest.approx(CENTROIDS.of_tracks)


def test_a_track_of_three_listeners_speaks_for_its_genre() -> None:
    listeners = np.array([30, 10, 10, 10, 3], np.int32)
    three = GenreCentroids.of(FACTORS, FACTORS, listeners, GENRE_ROWS, n_genres=5)

    # jazz: (.5, .5), (0, 1) and the last one's (0, .2)
    assert three.of_tracks[JAZZ] == pytest.approx([0.5 / 3, 1.7 / 3])
    assert three.of_plays[JAZZ] == pytest.approx([5 / 23, 15.6 / 23])  # 10, 10 and 3 plays


def test_padding_unknown_genres_and_genres_without_tracks_say_nothing() -> None:
    rows = np.array([[0, 0], [1, 0], [4, 0], [ROCK, 4]], np.int32)

    assert not CENTROIDS.of_plays[[0, 1, 4]].any()
    assert not CENTROIDS.tracks(rows)[:3].any()
    assert CENTROIDS.tracks(rows)[3] == pytest.approx(CENTROIDS.of_tracks[ROCK])
    assert CENTROIDS.plays(np.array([0, 1, 4], np.int32)).shape == (0, 2)


def test_a_track_of_several_genres_lies_between_them() -> None:
    (between,) = CENTROIDS.tracks(np.array([[ROCK, JAZZ]], np.int32))

    assert between == pytest.approx((CENTROIDS.of_tracks[ROCK] + CENTROIDS.of_tracks[JAZZ]) / 2)


def test_a_stranger_is_folded_in_by_a_stated_genre(scorer: NMFScorer) -> None:
    rock, jazz = (scorer.score(stranger(genre)) for genre in (ROCK, JAZZ))

    assert rock.scores[0] > rock.scores[3]
    assert jazz.scores[3] > jazz.scores[0]
    gram = FACTORS.T @ FACTORS + 0.5 * np.eye(2)
    assert rock.user_state[0] == pytest.approx(np.linalg.solve(gram, [0.8, 0.1]), abs=1e-6)


@pytest.mark.parametrize(
    "query",
    [
        pytest.param(stranger(), id="no genre"),
        pytest.param(stranger(ROCK, stated=False), id="derived, not stated"),
        pytest.param(stranger(1), id="an unknown genre"),
    ],
)
def test_nothing_is_known_of_a_stranger_who_states_nothing(
    scorer: NMFScorer, query: QueryBatch
) -> None:
    assert scorer.score(query).is_absent


def test_from_the_fifth_play_on_stated_genres_count_no_more(scorer: NMFScorer) -> None:
    four, five = stranger(JAZZ, history=(0,) * 4), stranger(JAZZ, history=(0,) * 5)

    silent = [replace(query, genres_stated=np.array([False])) for query in (four, five)]

    assert is_new_listener(query_batch([four, five, *silent])).tolist() == [1, 0, 0, 0]
    assert scorer.score(four).scores[3] > scorer.score(silent[0]).scores[3]
    assert scorer.score(five).scores.tolist() == scorer.score(silent[1]).scores.tolist()


def test_a_track_that_only_the_request_knows_is_scored_by_its_genres(scorer: NMFScorer) -> None:
    query = replace(one_query([5, 6, 7], history_rows=[0]), cold_items=new_tracks(ROCK, JAZZ, 0))

    said = scorer.score(query)

    assert said.scores[0] > said.scores[1]
    assert np.isnan(said.scores[2])
    assert said.confidence[2] == 0
    (user,) = said.user_state
    expected = CENTROIDS.of_tracks[[ROCK, JAZZ]] @ user
    assert affinities(said.scores[:2]) == pytest.approx(expected, rel=1e-5)  # float32 scores


def test_a_new_track_of_the_catalogue_scores_as_one_of_the_request(scorer: NMFScorer) -> None:
    factors, by_genre = FACTORS.copy(), np.arange(5) == 4
    factors[4] = CENTROIDS.of_tracks[JAZZ]
    filled = replace(scorer, factors=replace(scorer.factors, items=factors, by_genre=by_genre))
    query = replace(one_query([4, 5], history_rows=[0, 3]), cold_items=new_tracks(JAZZ))

    said = filled.score(query)

    assert said.scores[0] == said.scores[1]
    # what genres say of a track is not evidence of what tracks are like
    fold_in = scorer.score(one_query([0], history_rows=[0])).user_state
    learnt = replace(scorer.factors, items=FACTORS * (~by_genre)[:, None])
    without = replace(scorer, factors=learnt)
    assert filled.score(one_query([0], history_rows=[0])).user_state == pytest.approx(
        without.score(one_query([0], history_rows=[0])).user_state
    )
    assert fold_in.shape == (1, 2)


def test_new_tracks_with_genres_are_retrieved(scorer: NMFScorer) -> None:
    unplayed = replace(scorer, interactions=np.array([30, 10, 10, 10, 0], np.int32))
    query = one_query(history_rows=[3])

    assert 4 not in unplayed.retrieve(query).of(0)
    by_genre = replace(unplayed.factors, by_genre=np.arange(5) == 4)
    assert 4 in replace(unplayed, factors=by_genre).retrieve(query).of(0)


def test_evidence_tells_apart_what_plays_and_what_stated_genres_explain(
    scorer: NMFScorer,
) -> None:
    wanted = np.array([True])

    genres = scorer.score(replace(stranger(JAZZ), want_evidence=wanted))
    both = scorer.score(replace(stranger(JAZZ, history=(0,)), want_evidence=wanted))

    assert genres.evidence is not None
    assert both.evidence is not None
    assert genres.evidence.by_genres == pytest.approx(np.ones(5))
    assert (genres.evidence.rows == -1).all()
    total = both.evidence.by_genres + both.evidence.shares.sum(axis=1)
    assert total == pytest.approx(np.ones(5))
    assert both.evidence.by_genres[3] > 0.5 > both.evidence.by_genres[0]


def said_of(model: HybridModel, query: QueryBatch) -> ScoreBatch:
    return model.cf.score(replace(query, cold_items=model.knowledge.no_items))


def test_a_trained_model_keeps_the_ceilings(tiny_model: HybridModel) -> None:
    genre = int(tiny_model.knowledge.items.genre_rows[0, 0])
    rows = range(len(tiny_model.knowledge.catalog))
    by_genres = replace(
        stranger(genre),
        candidate_rows=np.array(rows, np.int32),
        offsets=np.array([0, len(rows)], np.int32),
    )
    items = tiny_model.knowledge.items.take(np.arange(20, dtype=np.int32))
    new = replace(
        one_query(range(len(rows), len(rows) + 20), history_rows=list(range(30))), cold_items=items
    )

    strangers, tracks = said_of(tiny_model, by_genres), tiny_model.cf.score(new)

    known = ~np.isnan(strangers.scores)
    assert known.any()
    # as answers write them: the float32 next to 0.3 is above it
    assert 0 < float(strangers.confidence[known].max()) <= 0.3
    assert 0 < float(tracks.confidence.max()) <= 0.2
