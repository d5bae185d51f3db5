"""All measures of the lists of one slice, in one catalogue's rows."""

import numpy as np
import polars as pl
import pytest
from ranx import Qrels, Run, evaluate

from hybridrec.catalog import Catalog
from hybridrec.evaluation.figures import difference_figure, mean_figure
from hybridrec.evaluation.judgement import Judge, Questions
from hybridrec.evaluation.protocol import Slice
from hybridrec.evaluation.ranking import evaluate_rankings
from hybridrec.schema.tables import TRACKS
from tests.unit.evaluation.test_splits import generator, table

TABLE = pl.DataFrame(
    [
        {"track_id": f"t{n}", "artist": f"a{n % 2}", "genres": ["rock"], "moods": [], "tags": []}
        for n in range(4)
    ],
    TRACKS,
)
CATALOG = Catalog.of(TABLE, np.array([3, 2, 1, 0], np.int32))
TRAIN = table([("ann", "t0", None, None), ("ann", "t0", None, None), ("bob", "t1", None, None)])


def slice_of(candidates: tuple[str, ...] | None) -> Slice:
    test = pl.DataFrame({"user_id": ["ann", "eve", "eve"], "track_id": ["t2", "gone", "t1"]})
    history = table([("eve", "t3", None, None)])
    return Slice("warm", ("ann", "eve"), history, candidates, test)


def test_a_slice_becomes_rows_of_the_catalogue() -> None:
    asked = Questions.of(slice_of(None), TRAIN, CATALOG)

    assert asked.history_rows.tolist() == [0, 3]
    assert asked.history_offsets.tolist() == [0, 1, 2]
    assert asked.relevant_rows.tolist() == [2, -1, 1]
    assert asked.relevant_offsets.tolist() == [0, 1, 3]
    assert asked.candidate_rows.tolist() == [0, 1, 2, 3]


def test_candidates_are_those_of_the_slice() -> None:
    asked = Questions.of(slice_of(("t3", "t2")), TRAIN, CATALOG)

    assert asked.candidate_rows.tolist() == [2, 3]


def test_every_measure_has_one_value_a_user() -> None:
    asked = Questions.of(slice_of(None), TRAIN, CATALOG)

    found = Judge.of(CATALOG, 3).judge(np.array([[2, 1], [1, -1]], np.int32), asked)

    assert {name: values.shape for name, values in found.per_user.items()} == dict.fromkeys(
        found.per_user, (2,)
    )
    assert found.per_user["ndcg_at_10"][0] == 1.0
    assert found.per_user["recall_at_20"].tolist() == [1.0, 0.5]
    assert found.per_user["mrr"].tolist() == [1.0, 1.0]
    assert found.per_user["long_tail_share_at_10"].tolist() == [0.5, 0.0]
    assert np.isnan(found.per_user["diversity_at_10"]).tolist() == [False, True]
    assert found.coverage_at_10 == 0.5
    assert found.artist_gini_at_10 == pytest.approx(1 / 6)


def test_of_new_tracks_alone_popularity_says_nothing() -> None:
    asked = Questions.of(slice_of(("t3",)), TRAIN, CATALOG)

    found = Judge.of(CATALOG, 3).judge(np.array([[3], [-1]], np.int32), asked).per_user

    for name in ("novelty_at_10", "long_tail_share_at_10", "popularity_lift_at_10"):
        assert np.isnan(found[name]).all()
    assert not np.isnan(found["ndcg_at_10"]).any()


def test_a_figure_leaves_out_whom_nothing_can_be_said_of() -> None:
    values, others = np.array([1.0, np.nan, 0.0]), np.array([0.5, 0.5, np.nan])

    whole, apart = mean_figure(values, generator()), difference_figure(values, others, generator())

    assert whole is not None
    assert (whole.mean, whole.low, whole.high) == (0.5, 0.0, 1.0)
    assert apart is not None
    assert (apart.mean, apart.low, apart.high) == (0.5, 0.5, 0.5)
    assert mean_figure(np.full(3, np.nan), generator()) is None


@pytest.mark.slow  # ranx compiles its measures
@pytest.mark.filterwarnings("ignore:.*unsafe cast from uint64")  # ranx's own, at times in bold
def test_agrees_with_ranx_on_random_rankings() -> None:
    rng, n_users, n_items = generator(5), 200, 150
    ranked = np.stack([rng.permutation(n_items)[:60] for _ in range(n_users)]).astype(np.int32)
    relevant = [rng.permutation(n_items)[: rng.integers(1, 40)] for _ in range(n_users)]
    offsets = np.cumsum([0, *map(len, relevant)]).astype(np.int32)

    found = evaluate_rankings(ranked, np.concatenate(relevant).astype(np.int32), offsets)

    names = [f"{user:03}" for user in range(n_users)]  # in the order that ranx sorts them in
    wanted = [{str(row): 1 for row in rows} for rows in relevant]
    shown = [{str(row): -float(place) for place, row in enumerate(rows)} for rows in ranked]
    qrels, run = (
        Qrels(dict(zip(names, wanted, strict=True))),
        Run(dict(zip(names, shown, strict=True))),
    )
    measures = ["ndcg@10", "recall@20", "mrr"]
    theirs = evaluate(qrels, run, measures, return_mean=False)
    ours = (found.ndcg_at_10, found.recall_at_20, found.reciprocal_rank)
    for name, values in zip(measures, ours, strict=True):
        np.testing.assert_allclose(values, theirs[name], rtol=0, atol=1e-9)
