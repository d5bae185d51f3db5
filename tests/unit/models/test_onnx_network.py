from dataclasses import replace

import numpy as np
import pytest

from hybridrec.errors import ArtifactError
from hybridrec.hybrid import HybridModel
from hybridrec.models.onnx import in_runs, whole


def test_a_network_with_other_inputs_is_refused_by_its_file(tiny_model: HybridModel) -> None:
    with pytest.raises(ArtifactError, match=r"user_tower\.onnx.*inputs"):
        replace(tiny_model.content.user_tower, inputs=("tokens",))


def test_a_network_with_other_outputs_is_refused(tiny_model: HybridModel) -> None:
    with pytest.raises(ArtifactError, match="outputs"):
        replace(tiny_model.content.item_tower, outputs=("scores",))


def test_bytes_that_are_no_network_are_refused(tiny_model: HybridModel) -> None:
    with pytest.raises(ArtifactError, match=r"user_tower\.onnx"):
        replace(tiny_model.content.user_tower, model=b"not a network")


def test_it_says_where_it_runs(tiny_model: HybridModel) -> None:
    assert tiny_model.content.providers == ["CPUExecutionProvider"]


@pytest.mark.parametrize(("n_rows", "n_full"), [(0, 0), (1, 4), (3, 4), (4, 4), (5, 8), (8, 8)])
def test_a_batch_is_filled_up_with_its_last_row(n_rows: int, n_full: int) -> None:
    rows = np.arange(n_rows, dtype=np.float32)

    (full,) = whole({"x": rows, "y": np.stack([rows, -rows], axis=1)}, 4)

    assert full["x"].tolist() == [*rows, *[n_rows - 1] * (n_full - n_rows)]
    assert full["y"].shape == (n_full, 2)


@pytest.mark.parametrize(("n_rows", "n_runs"), [(1, 1), (3, 1), (4, 1), (5, 2), (8, 2), (9, 3)])
def test_every_run_has_the_same_number_of_rows(n_rows: int, n_runs: int) -> None:
    rows = np.arange(n_rows, dtype=np.float32)

    runs = [run["x"] for run in in_runs({"x": rows}, 4)]

    assert [len(run) for run in runs] == [4] * n_runs
    assert np.concatenate(runs)[:n_rows].tolist() == rows.tolist()


def test_no_rows_make_one_run_of_none() -> None:
    (run,) = in_runs({"x": np.zeros((0, 3), np.float32)}, 4)

    assert run["x"].shape == (0, 3)
