"""Opens networks in the ONNX format, and checks their signature."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import numpy.typing as npt
import onnxruntime as ort
from onnxruntime.capi import onnxruntime_pybind11_state as state

from hybridrec.errors import ArtifactError
from hybridrec.models.external_data import has_external_data
from hybridrec.schema.names import Floats

Feed = Mapping[str, npt.NDArray[np.generic]]
"""Inputs of a network by name, as many rows each."""

CPU = ("CPUExecutionProvider",)
CUDA = "CUDAExecutionProvider"
ROWS_TOGETHER = 16
"""Rows come to a network in multiples of this, the widest vector of a CPU in float32.

A single row would take another matrix routine, and rows left over at the end another ``exp``: both
round otherwise.
"""
ROWS_AT_ONCE = 512
"""Rows come to a network that is not on the CPU in runs of exactly this many.

There the number of rows chooses the matrix routine, and each routine rounds otherwise.
"""
_OPTIONS = {CUDA: {"use_tf32": "0"}}
"""TensorFloat-32 keeps 10 bits of each factor: other answers than those of a CPU."""
REFUSALS = (
    state.EPFail,
    state.Fail,
    state.InvalidArgument,
    state.InvalidGraph,
    state.InvalidProtobuf,
    state.NotImplemented,
    state.RuntimeException,
    UnicodeDecodeError,
)
"""How ONNX Runtime says that it cannot load a network, or what it says of it is no text."""


@dataclass(frozen=True, slots=True, eq=False)
class OnnxNetwork:
    """A network that answers with arrays by name.

    It runs on one thread and in full vectors, or on a GPU in runs of one size, so that a row's
    answer does not depend on the batch it came in.

    Attributes:
        file: name of its file in the bundle, for errors.
        model: the bytes of the file.
        inputs: names of the inputs that the caller will feed.
        outputs: names of the outputs that the caller will read.
        wanted_providers: where it should run, best first.
    """

    file: str
    model: bytes = field(repr=False)
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    wanted_providers: Sequence[str] = CPU
    _session: ort.InferenceSession = field(init=False, repr=False)

    def __post_init__(self) -> None:
        _check_external_data(self.file, self.model)
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        if CUDA in self.wanted_providers:
            _find_cuda()
        providers = [(name, _OPTIONS.get(name, {})) for name in self.wanted_providers]
        try:
            session = ort.InferenceSession(
                self.model, options, providers=providers, enable_fallback=0
            )
        except REFUSALS as error:
            raise ArtifactError(self.file, f"ONNX Runtime refuses it: {error}") from error
        _check("inputs", self.file, self.inputs, [node.name for node in session.get_inputs()])
        _check("outputs", self.file, self.outputs, [node.name for node in session.get_outputs()])
        object.__setattr__(self, "_session", session)

    @property
    def providers(self) -> list[str]:
        """Where it really runs."""
        return list(self._session.get_providers())

    def run(self, feed: Feed) -> list[Floats]:
        """The outputs for one batch, in the order of ``outputs``."""
        n_rows = len(next(iter(feed.values())))
        is_on_cpu = self.providers[0] in CPU
        parts = whole(feed, ROWS_TOGETHER) if is_on_cpu else in_runs(feed, ROWS_AT_ONCE)
        runs: list[list[Floats]] = [self._session.run(list(self.outputs), part) for part in parts]
        return [np.concatenate(answers)[:n_rows] for answers in zip(*runs, strict=True)]


def whole(feed: Feed, multiple: int) -> list[Feed]:
    """A batch in one run, of a multiple of so many rows: the last one is repeated."""
    n_more = -len(next(iter(feed.values()))) % multiple
    return [
        {
            name: np.concatenate([array, array[-1:].repeat(n_more, axis=0)])
            for name, array in feed.items()
        }
    ]


def in_runs(feed: Feed, n_rows: int) -> list[Feed]:
    """A batch in runs of exactly so many rows each; one run of none if it has none."""
    (full,) = whole(feed, n_rows)
    starts = range(0, max(len(next(iter(full.values()))), 1), n_rows)
    return [
        {name: array[start : start + n_rows] for name, array in full.items()} for start in starts
    ]


@cache
def _find_cuda() -> None:
    """Loads CUDA's libraries from where pip puts them, if they are there."""
    ort.preload_dlls()


def _check_external_data(file: str, model: bytes) -> None:
    """Refuses a network before ONNX Runtime could follow it to another file."""
    try:
        if has_external_data(model):
            raise ArtifactError(file, "keeps weights outside its file, where no seal holds them")
    except ValueError as error:
        raise ArtifactError(file, f"is no ONNX network: it {error}") from error


def _check(kind: str, file: str, wanted: Sequence[str], found: Sequence[str]) -> None:
    if sorted(wanted) != sorted(found):
        reason = f"its {kind} are {sorted(found)}, wanted are {sorted(wanted)}"
        raise ArtifactError(file, reason)
