import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hybridrec.models.retrieval import best_rows


@given(
    affinity=st.lists(st.sampled_from([0.0, 1.0, 2.0, 3.0, float("nan")]), max_size=30),
    n=st.integers(1, 40),
    excluded=st.sets(st.integers(0, 29)),
)
def test_it_is_the_head_of_the_whole_order(
    affinity: list[float], n: int, excluded: set[int]
) -> None:
    inside = np.array([row for row in excluded if row < len(affinity)], np.int32)

    rows = best_rows(np.array(affinity, np.float32), n, inside)

    allowed = [
        row
        for row, value in enumerate(affinity)
        if value == value and row not in excluded  # noqa: PLR0124
    ]
    assert rows.tolist() == sorted(allowed, key=lambda row: (-affinity[row], row))[:n]
