"""Networks from torch to ONNX, and the proof that both agree."""

import logging
import warnings
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import onnx
import torch
from torch import nn

from hybridrec.models.onnx import OnnxNetwork

TOLERANCE = 1e-4
"""Largest difference between torch and ONNX Runtime that passes."""

Feed = Mapping[str, npt.NDArray[np.generic]]


def export(network: nn.Module, file: str, example: Feed, outputs: Sequence[str]) -> OnnxNetwork:
    """The network as ONNX, for batches of any size.

    Args:
        network: takes the example's arrays by name.
        file: name of its file in the bundle.
        example: inputs of at least two rows; the answers to them are compared.
        outputs: names of what it returns.

    Raises:
        RuntimeError: the network fixes the size of a batch.
        AssertionError: torch and ONNX Runtime differ by more than ``TOLERANCE``.
    """
    network = network.eval()
    inputs = {name: torch.from_numpy(np.ascontiguousarray(a)) for name, a in example.items()}
    rows = {name: {0: torch.export.Dim.DYNAMIC} for name in inputs}
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecations inside the exporter itself
        # captured here, since the exporter would try slower ways where this one fails
        captured = torch.export.export(
            network, (), kwargs=inputs, dynamic_shapes=rows, strict=False
        )
        program = torch.onnx.export(
            captured,
            input_names=list(inputs),
            output_names=list(outputs),
            dynamo=True,
            verbose=False,
        )
    if program is None:
        raise AssertionError(f"torch exported nothing for {file}")
    model = _bare(program.model_proto).SerializeToString(deterministic=True)
    exported = OnnxNetwork(file, model, tuple(inputs), tuple(outputs))
    difference = disagreement(network, exported, example)
    if difference > TOLERANCE:
        raise AssertionError(f"{file} differs from torch by {difference}")
    return exported


def _bare(model: onnx.ModelProto) -> onnx.ModelProto:
    """The network without what the exporter notes of its code, such as paths of this machine."""
    graph = model.graph
    values = (*graph.input, *graph.output, *graph.value_info, *graph.initializer)
    for noted in (model, graph, *graph.node, *values):
        noted.ClearField("metadata_props")
        noted.ClearField("doc_string")
    return model


def disagreement(network: nn.Module, exported: OnnxNetwork, feed: Feed) -> float:
    """Largest absolute difference between torch's answers and ONNX Runtime's."""
    with torch.no_grad():
        said = network(
            **{name: torch.from_numpy(np.ascontiguousarray(a)) for name, a in feed.items()}
        )
    expected = said if isinstance(said, tuple) else (said,)
    pairs = zip(expected, exported.run(feed), strict=True)
    return max(float(np.abs(a.numpy() - b).max()) for a, b in pairs)
