"""A row's answer is the same bits, whatever batch it came in."""

import numpy as np
import pytest

from hybridrec.hybrid import HybridModel
from hybridrec.models.onnx import ROWS_TOGETHER
from tests.unit.models.network_feeds import NETWORKS, assert_row_invariant, network_and_feed


@pytest.mark.parametrize("n_rows", [1, 3, ROWS_TOGETHER, ROWS_TOGETHER + 1])
@pytest.mark.parametrize("name", NETWORKS)
def test_a_row_of_any_network_gets_the_same_bits_in_batches_of_any_size(
    tiny_model: HybridModel, rng: np.random.Generator, name: str, n_rows: int
) -> None:
    assert_row_invariant(*network_and_feed(tiny_model, name, rng), n_rows)


def test_no_rows_give_no_answers(tiny_model: HybridModel, rng: np.random.Generator) -> None:
    network, feed = network_and_feed(tiny_model, "user_tower", rng)

    (users,) = network.run({name: array[:0] for name, array in feed.items()})

    assert users.shape == (0, tiny_model.content.items.embeddings.shape[1])
