"""Opens networks in the ONNX format, and checks their signature."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from hybridrec.errors import ArtifactError
from hybridrec.schema.names import Floats

CPU = ("CPUExecutionProvider",)


@dataclass(frozen=True, slots=True, eq=False)
class OnnxNetwork:
    """A network that answers with arrays by name.

    It runs on one thread, so that a row's answer does not depend on the batch it came in.

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
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            session = ort.InferenceSession(
                self.model, options, providers=list(self.wanted_providers)
            )
        except (ort.capi.onnxruntime_pybind11_state.OnnxRuntimeException, RuntimeError) as error:
            raise ArtifactError(self.file, f"ONNX Runtime refuses it: {error}") from error
        _check("inputs", self.file, self.inputs, [node.name for node in session.get_inputs()])
        _check("outputs", self.file, self.outputs, [node.name for node in session.get_outputs()])
        object.__setattr__(self, "_session", session)

    @property
    def providers(self) -> list[str]:
        """Where it really runs."""
        return list(self._session.get_providers())

    def run(self, feed: Mapping[str, npt.NDArray[np.generic]]) -> list[Floats]:
        """The outputs for one batch, in the order of ``outputs``."""
        answers: list[Floats] = self._session.run(list(self.outputs), dict(feed))
        return answers


def _check(kind: str, file: str, wanted: Sequence[str], found: Sequence[str]) -> None:
    if sorted(wanted) != sorted(found):
        reason = f"its {kind} are {sorted(found)}, wanted are {sorted(wanted)}"
        raise ArtifactError(file, reason)
