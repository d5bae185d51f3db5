import numpy as np
import polars as pl
import pytest

from hybridrec.errors import InvalidData
from hybridrec.evaluation.ranking import evaluate_rankings, evaluate_table


def recommendations(rows: list[tuple[str, int, str]]) -> pl.DataFrame:
    schema = {"user_id": pl.String, "rank": pl.UInt32, "track_id": pl.String}
    return pl.DataFrame(rows, schema, orient="row")


def held_out(pairs: list[tuple[str, str]]) -> pl.DataFrame:
    return pl.DataFrame(pairs, {"user_id": pl.String, "track_id": pl.String}, orient="row")


def test_tables_are_matched_by_id_and_ordered_by_user() -> None:
    shown = recommendations([("bob", 2, "y"), ("bob", 1, "x"), ("ann", 1, "z"), ("ann", 3, "x")])

    found = evaluate_table(shown, held_out([("bob", "y"), ("ann", "x"), ("bob", "y")]))

    assert found.reciprocal_rank.tolist() == [1 / 3, 1 / 2]  # ann, bob
    assert found.recall_at_20.tolist() == [1.0, 1.0]


def test_a_user_of_the_test_without_recommendations_counts_as_a_miss() -> None:
    found = evaluate_table(
        recommendations([("ann", 1, "x")]), held_out([("ann", "x"), ("bob", "x")])
    )

    assert found.mean().n_users == 2
    assert found.mean().mrr == 0.5


def test_no_recommendations_at_all_are_all_misses() -> None:
    mean = evaluate_table(recommendations([]), held_out([("ann", "x")])).mean()

    assert (mean.ndcg_at_10, mean.mrr, mean.n_users) == (0, 0, 1)


def test_a_user_outside_the_test_is_not_looked_at() -> None:
    shown = recommendations([("ann", 1, "x"), ("carl", 1, "x")])

    assert len(evaluate_table(shown, held_out([("ann", "x")]))) == 1
    assert len(evaluate_table(shown, held_out([]))) == 0


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        pytest.param([("ann", 0, "x")], "below 1", id="a rank of 0"),
        pytest.param([("ann", 1, "x"), ("ann", 1, "y")], "rank.*twice", id="a rank twice"),
        pytest.param([("ann", 1, "x"), ("ann", 2, "x")], "track_id.*twice", id="a track twice"),
    ],
)
def test_ambiguous_tables_are_refused(rows: list[tuple[str, int, str]], message: str) -> None:
    with pytest.raises(InvalidData, match=message):
        evaluate_table(recommendations(rows), held_out([("ann", "x")]))


def test_tables_and_rows_agree() -> None:
    rng = np.random.default_rng(3)
    ranked = rng.permuted(np.tile(np.arange(40, dtype=np.int32), (9, 1)), axis=1)[:, :25]
    relevant = rng.permuted(np.tile(np.arange(40, dtype=np.int32), (9, 1)), axis=1)[:, :7]
    shown = [(str(user), place + 1, str(row)) for (user, place), row in np.ndenumerate(ranked)]
    pairs = [(str(user), str(row)) for (user, _), row in np.ndenumerate(relevant)]

    by_table = evaluate_table(recommendations(shown[::-1]), held_out(pairs))
    by_rows = evaluate_rankings(ranked, relevant.ravel(), np.arange(0, 70, 7, dtype=np.int32))

    np.testing.assert_array_equal(by_table.ndcg_at_10, by_rows.ndcg_at_10)
    np.testing.assert_array_equal(by_table.recall_at_20, by_rows.recall_at_20)
    np.testing.assert_array_equal(by_table.reciprocal_rank, by_rows.reciprocal_rank)
