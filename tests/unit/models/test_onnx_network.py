from dataclasses import replace

import pytest

from hybridrec.errors import ArtifactError
from hybridrec.hybrid import HybridModel


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
