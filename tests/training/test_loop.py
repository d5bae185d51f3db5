import numpy as np
import pytest

from hybridrec.training.loop import shuffled


@pytest.mark.parametrize(
    ("max_steps", "steps"),
    [
        pytest.param(None, [3, 3, 3, 3], id="no limit"),
        pytest.param(12, [3, 3, 3, 3], id="room for all"),
        pytest.param(8, [3, 3], id="whole epochs alone"),
        pytest.param(2, [2], id="a part of the only epoch"),
    ],
)
def test_a_limit_of_steps_leaves_out_epochs(
    rng: np.random.Generator, max_steps: int | None, steps: list[int]
) -> None:
    epochs, n_steps = shuffled(10, 4, 4, rng, max_steps)

    assert [len(batches) for batches in epochs] == steps
    assert n_steps == sum(steps)


def test_batches_of_an_epoch_are_of_about_one_size(rng: np.random.Generator) -> None:
    (batches,), _ = shuffled(33, 16, 1, rng)

    assert [len(batch) for batch in batches] == [11, 11, 11]


def test_each_epoch_shuffles_all_samples_anew(rng: np.random.Generator) -> None:
    epochs, _ = shuffled(50, 8, 2, rng)

    first, second = (np.concatenate(batches).tolist() for batches in epochs)

    assert sorted(first) == sorted(second) == list(range(50))
    assert first != second
