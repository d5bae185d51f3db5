"""Networks from their files, tried out once before anybody relies on them."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from hybridrec.errors import ArtifactError
from hybridrec.models.onnx import REFUSALS, ROWS_TOGETHER, OnnxNetwork
from hybridrec.persistence.bundle import Bundle
from hybridrec.persistence.expected import Expected, Sizes, check_arrays
from hybridrec.persistence.layout import NETWORKS

_N_TRIED = (2, ROWS_TOGETHER + 1)
"""Rows that a network is tried with: no fixed number of rows takes both."""


def read_network(
    bundle: Bundle, file: str, sizes: Mapping[str, int], providers: Sequence[str]
) -> OnnxNetwork:
    """A network that takes what it will be fed, up to the last row of each table.

    Args:
        bundle: where its file is.
        file: its name.
        sizes: of the tables that it looks rows up in, and of what the arrays around it hold.
        providers: ONNX Runtime's names, best first.

    Raises:
        ArtifactError: the file is missing or damaged, or does not fit.
    """
    signature = NETWORKS[file]
    network = OnnxNetwork(
        file, bundle.read(file), tuple(signature.inputs), tuple(signature.outputs), providers
    )
    for n_rows in _N_TRIED:
        known = dict(sizes) | {"n_rows": n_rows}
        feed = {name: _extremes(one, known) for name, one in signature.inputs.items()}
        try:
            answers = network.run(feed)
        except REFUSALS as error:
            reason = " ".join(str(error).split())
            raise ArtifactError(file, f"does not take what it will be fed: {reason}") from error
        named = dict(zip(signature.outputs, answers, strict=True))
        check_arrays(file, named, signature.outputs, known)
    return network


def _extremes(one: Expected, sizes: Sizes) -> npt.NDArray[np.generic]:
    """The first row of a table and its last; of numbers, 0 and 1."""
    shape = tuple(sizes[size] if isinstance(size, str) else size for size in one.shape)
    array = np.zeros(shape, one.dtype)
    limit = sizes[one.below] if isinstance(one.below, str) else one.below
    array[-1] = 1 if limit is None else limit - 1
    return array
