import math

import numpy as np
import pytest
import pytrec_eval
from hypothesis import given, settings
from hypothesis import strategies as st

from hybridrec.evaluation.ranking import PerUserMetrics, evaluate_rankings
from hybridrec.schema.names import Rows

N_ITEMS = 40

Lists = list[tuple[list[int], set[int]]]

# for each user the list and what is relevant, either of which may be empty
lists = st.lists(
    st.tuples(
        st.lists(st.integers(0, N_ITEMS - 1), unique=True, max_size=N_ITEMS),
        st.sets(st.integers(0, N_ITEMS - 1)),
    ),
    max_size=6,
)


def padded(ranked: list[list[int]]) -> Rows:
    rows = np.full((len(ranked), max(map(len, ranked), default=0)), -1, np.int32)
    for user, shown in enumerate(ranked):
        rows[user, : len(shown)] = shown
    return rows


def evaluate(users: Lists) -> PerUserMetrics:
    relevant = [sorted(wanted) for _, wanted in users]
    flat = np.array([row for rows in relevant for row in rows], np.int32)
    offsets = np.cumsum([0, *map(len, relevant)], dtype=np.int32)
    return evaluate_rankings(padded([ranked for ranked, _ in users]), flat, offsets)


def test_hand_computed_values() -> None:
    # hits at ranks 2 and 4; three are relevant
    found = evaluate([([9, 1, 8, 2], {1, 2, 3})])

    gain = 1 / math.log2(3) + 1 / math.log2(5)
    ideal = 1 + 1 / math.log2(3) + 1 / math.log2(4)
    assert found.ndcg_at_10[0] == pytest.approx(gain / ideal, abs=1e-15)
    assert found.recall_at_20[0] == pytest.approx(2 / 3, abs=1e-15)
    assert found.reciprocal_rank[0] == 0.5
    assert found.hit_at_10[0] == 1.0


def test_each_cut_off_counts_only_its_own_places() -> None:
    at_11 = [*range(100, 110), 1]
    at_21 = [*range(100, 120), 1]

    found = evaluate([(at_11, {1}), (at_21, {1})])

    assert found.ndcg_at_10.tolist() == [0, 0]
    assert found.hit_at_10.tolist() == [0, 0]
    assert found.recall_at_20.tolist() == [1, 0]
    assert found.reciprocal_rank.tolist() == [1 / 11, 1 / 21]


def test_the_ideal_list_is_no_longer_than_k() -> None:
    found = evaluate([(list(range(10)), set(range(30)))])

    assert found.ndcg_at_10[0] == 1.0
    assert found.recall_at_20[0] == pytest.approx(1 / 3, abs=1e-15)


def test_a_user_with_nothing_relevant_is_left_out_and_counted() -> None:
    found = evaluate([([1, 2], {1}), ([1, 2], set()), ([], {1})])

    assert np.isnan(found.ndcg_at_10).tolist() == [False, True, False]
    mean = found.mean()
    assert (mean.n_users, mean.n_left_out) == (2, 1)
    assert mean.as_dict() == {
        "ndcg_at_10": 0.5,
        "recall_at_20": 0.5,
        "mrr": 0.5,
        "hit_rate_at_10": 0.5,
        "n_users": 2,
        "n_left_out": 1,
    }


def test_no_user_gives_nan_and_no_warning() -> None:
    mean = evaluate([]).mean()

    assert math.isnan(mean.ndcg_at_10)
    assert math.isnan(mean.mrr)
    assert (mean.n_users, mean.n_left_out) == (0, 0)


def test_a_relevant_item_without_a_row_cannot_be_hit_but_counts() -> None:
    found = evaluate_rankings(
        np.array([[5, -1]], np.int32), np.array([-1, 5, -1], np.int32), np.array([0, 3], np.int32)
    )

    assert found.recall_at_20[0] == pytest.approx(1 / 3, abs=1e-15)


def test_a_hit_of_one_user_is_none_of_another() -> None:
    found = evaluate([([0, N_ITEMS - 1], {1}), ([1, 0], {N_ITEMS - 1})])

    assert found.reciprocal_rank.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("ranked", "relevant"),
    [
        pytest.param([[3, 3]], [1, 2], id="in a list"),
        pytest.param([[3, 4]], [1, 1], id="in the relevant rows"),
    ],
)
def test_a_row_that_stands_twice_is_refused(ranked: list[list[int]], relevant: list[int]) -> None:
    with pytest.raises(ValueError, match="twice"):
        evaluate_rankings(
            np.array(ranked, np.int32), np.array(relevant, np.int32), np.array([0, 2], np.int32)
        )


@settings(deadline=None)
@given(lists)
def test_all_values_are_between_0_and_1_or_nan_without_a_relevant_item(users: Lists) -> None:
    found = evaluate(users)

    is_relevant = [bool(relevant) for _, relevant in users]
    for values in (
        found.ndcg_at_10,
        found.recall_at_20,
        found.reciprocal_rank,
        found.hit_at_10,
    ):
        assert values.shape == (len(users),)
        assert (~np.isnan(values)).tolist() == is_relevant
        assert ((values[is_relevant] >= 0) & (values[is_relevant] <= 1)).all()


@settings(deadline=None)
@given(st.permutations(range(N_ITEMS)), st.integers(1, N_ITEMS))
def test_a_perfect_ranking_is_1(ranked: list[int], n_relevant: int) -> None:
    relevant = set(ranked[:n_relevant])

    found = evaluate([(ranked, relevant)])

    assert found.ndcg_at_10[0] == 1.0
    assert found.reciprocal_rank[0] == 1.0
    assert found.hit_at_10[0] == 1.0
    assert found.recall_at_20[0] == min(len(relevant), 20) / len(relevant)


@settings(deadline=None)
@given(st.permutations(range(N_ITEMS)), st.sets(st.integers(0, N_ITEMS - 1), min_size=1), st.data())
def test_no_value_falls_when_a_hit_moves_up(
    ranked: list[int], relevant: set[int], data: st.DataObject
) -> None:
    place = data.draw(st.sampled_from([ranked.index(row) for row in sorted(relevant)]))
    target = data.draw(st.integers(0, place))
    moved = [*ranked[:place], *ranked[place + 1 :]]
    moved.insert(target, ranked[place])

    found = evaluate([(ranked, relevant), (moved, relevant)])

    for values in (found.ndcg_at_10, found.recall_at_20, found.reciprocal_rank, found.hit_at_10):
        assert values[1] >= values[0]


def test_agrees_with_trec_eval_on_random_rankings() -> None:
    rng = np.random.default_rng(11)
    users: Lists = []
    for _ in range(300):
        shown = rng.permutation(200)[: rng.integers(1, 60)].tolist()
        relevant = rng.permutation(200)[: rng.integers(1, 45)].tolist()
        users.append((shown, set(relevant)))

    found = evaluate(users)

    evaluator = pytrec_eval.RelevanceEvaluator(
        {str(user): {str(row): 1 for row in rows} for user, (_, rows) in enumerate(users)},
        {"ndcg_cut.10", "recall.20", "recip_rank"},
    )
    theirs = evaluator.evaluate(
        {
            str(user): {str(row): float(-place) for place, row in enumerate(shown)}
            for user, (shown, _) in enumerate(users)
        }
    )
    for ours, name in (
        (found.ndcg_at_10, "ndcg_cut_10"),
        (found.recall_at_20, "recall_20"),
        (found.reciprocal_rank, "recip_rank"),
    ):
        expected = [theirs[str(user)][name] for user in range(len(users))]
        np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-9)
