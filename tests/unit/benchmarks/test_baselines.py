"""Public recommenders on a tiny world: each learns something, and what it says is what it is."""

from collections.abc import Mapping

import numpy as np
import polars as pl
import pytest
from scipy.sparse import csr_matrix

from benchmarks.baselines.contract import Baseline, Material, plays_of, weighted
from benchmarks.baselines.ease import EASE
from benchmarks.baselines.item_knn import ItemKNN
from benchmarks.baselines.shelf import BASELINES, N_TRIALS, shelf_of
from benchmarks.baselines.words import content_of
from benchmarks.quality.exam import Exam
from hybridrec.datasets.synthetic import WorldConfig, make_world
from hybridrec.errors import InvalidConfig
from hybridrec.evaluation.protocol import ProtocolConfig, SliceName, draw_protocol
from hybridrec.evaluation.ranking import evaluate_rankings
from hybridrec.schema.names import Rows
from hybridrec.vocabulary import Vocabulary
from tests.unit.evaluation.test_splits import generator, table

CONFIG = ProtocolConfig(n_new_tracks=40, max_new_share=0.2, n_new_users=60, n_warm_users=200)
SMALL: Mapping[str, Baseline] = {
    name: trials[0].model_copy(
        update={"n_factors": 16} if "n_factors" in trials[0].model_dump() else {}
    )
    for name, trials in BASELINES.items()
}
"""The first options of each, with factors of a size that fits the world."""
NAMES = sorted(BASELINES)


@pytest.fixture(scope="module")
def exam() -> Exam:
    world = make_world(WorldConfig(n_users=400, n_tracks=300), generator()).dataset
    return Exam.of(draw_protocol(world.tracks, world.interactions, CONFIG, generator()))


def ndcg(exam: Exam, name: SliceName, lists: Rows) -> float:
    asked = exam.asked[name]
    return evaluate_rankings(lists, asked.relevant_rows, asked.relevant_offsets).mean().ndcg_at_10


def by_chance(exam: Exam, name: SliceName) -> float:
    """The mean over random orders of the candidates."""
    rng, asked = generator(), exam.asked[name]
    lists = [[rng.permutation(asked.candidate_rows) for _ in asked.user_ids] for _ in range(5)]
    return float(np.mean([ndcg(exam, name, np.array(rows, np.int32)) for rows in lists]))


@pytest.mark.parametrize("name", NAMES)
def test_each_baseline_beats_chance_wherever_it_answers(exam: Exam, name: str) -> None:
    fitted = SMALL[name].fit(exam.material(1, 0))

    for of in exam.slices_of(SMALL[name]):
        assert ndcg(exam, of, exam.ranked(fitted, of)) > 1.5 * by_chance(exam, of)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_lists(exam: Exam, name: str) -> None:
    ones, others = (exam.ranked(SMALL[name].fit(exam.material(1, 3)), "new_user") for _ in range(2))

    assert (ones == others).mean() > 0.999  # sums of several threads may round otherwise


@pytest.mark.parametrize("name", NAMES)
def test_answers_do_not_depend_on_who_else_asks(exam: Exam, name: str) -> None:
    fitted = SMALL[name].fit(exam.material(1, 0))
    histories = exam.histories["warm"][:5]

    together = fitted.scores(histories)
    apart = np.concatenate([fitted.scores(histories[user]) for user in range(5)])

    np.testing.assert_allclose(apart, together, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_lists_hold_each_candidate_once_and_nothing_played(exam: Exam, name: str) -> None:
    lists = exam.ranked(SMALL[name].fit(exam.material(1, 0)), "warm")

    played = exam.histories["warm"]
    for user, shown in enumerate(lists.tolist()):
        rows = [row for row in shown if row >= 0]
        assert len(set(rows)) == len(rows)
        assert not set(rows) & set(played[user].indices.tolist())


def test_what_cannot_be_told_apart_is_not_asked_for(exam: Exam) -> None:
    asked = {name: exam.slices_of(baseline) for name, baseline in SMALL.items()}

    assert {name for name, slices in asked.items() if "new_track" in slices} == {
        "tf_idf",
        "cmfrec_hybrid",
    }


def test_every_baseline_tries_as_many_options_as_any_other() -> None:
    counts = {
        name: len({trial.model_dump_json() for trial in trials})
        for name, trials in BASELINES.items()
    }

    assert counts.pop("popularity") == 2
    assert set(counts.values()) == {N_TRIALS}


def test_ease_is_the_closed_form(exam: Exam) -> None:
    plays = exam.plays.toarray() > 0

    weights = EASE(regularization=30).fit(exam.material(1, 0)).weights

    gram = plays.T.astype(float) @ plays + 30 * np.eye(plays.shape[1])
    inverse = np.linalg.inv(gram)
    expected = -inverse / np.diag(inverse)
    np.fill_diagonal(expected, 0)
    np.testing.assert_allclose(weights, expected, atol=1e-6)


def test_item_knn_is_the_shrunk_cosine_of_the_nearest() -> None:
    plays = csr_matrix(np.array([[1, 1, 0], [1, 1, 1], [2, 0, 0]], np.float32))
    tracks = pl.DataFrame({"track_id": ["a", "b", "c"]})

    nearest = ItemKNN(n_neighbours=1, shrinkage=1).fit(Material(plays, tracks, 1, 0)).weights
    logged = ItemKNN(shrinkage=0, log_plays=True).fit(Material(plays, tracks, 1, 0)).weights

    # together 2, 1, 1; lengths sqrt 3, sqrt 2, 1
    first, last = 2 / (np.sqrt(6) + 1), 1 / (np.sqrt(2) + 1)
    np.testing.assert_allclose(nearest, [[0, first, 0], [first, 0, last], [0, 0, 0]], atol=1e-6)
    # a third listener of track 0 weighs 1 + log 2
    length = np.sqrt(2 + (1 + np.log(2)) ** 2)
    assert logged[0, 2] == pytest.approx(1 / length, abs=1e-6)


def test_plays_become_a_table_that_adds_up_what_stands_twice() -> None:
    rows = table(
        [("ann", "t0", None, None), ("ann", "t0", None, None), ("bob", "gone", None, None)]
    )

    plays = plays_of(rows, Vocabulary(("ann", "bob")), Vocabulary(("t0", "t1")))

    assert plays.toarray().tolist() == [[2, 0], [0, 0]]
    assert weighted(plays, log_plays=False).toarray().tolist() == [[1, 0], [0, 0]]
    assert weighted(plays, log_plays=True)[0, 0] == pytest.approx(1 + np.log(2))
    assert plays[0, 0] == 2  # what it was made of is left as it was


def test_content_is_of_unit_length_and_knows_the_artist(exam: Exam) -> None:
    tracks = exam.protocol.tracks

    content = content_of(tracks, artist_weight=1.0, title_weight=0.5)
    bare = content_of(tracks, artist_weight=0.0, title_weight=0.0)

    lengths = np.sqrt(np.asarray(content.multiply(content).sum(axis=1))).ravel()
    np.testing.assert_allclose(lengths, 1, atol=1e-5)
    same = (tracks["artist"] == tracks["artist"][0]).to_numpy()
    similar = (content @ content[0].T).toarray().ravel()
    without_artist = (bare @ bare[0].T).toarray().ravel()
    assert similar[same].min() > 0
    assert (similar[same] - without_artist[same]).mean() > (similar - without_artist)[~same].mean()


def test_some_baselines_are_asked_for_by_name_and_an_unknown_one_is_named() -> None:
    assert list(shelf_of("ease,popularity")) == ["ease", "popularity"]
    assert shelf_of("ease")["ease"] == BASELINES["ease"]

    with pytest.raises(InvalidConfig, match=r"nothing of eese; choose among popularity, .*ease"):
        shelf_of("popularity,eese")
