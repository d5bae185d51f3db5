"""Networks of a model and inputs for them, as many rows as tests of row invariance need."""

import numpy as np
import numpy.typing as npt

from hybridrec.features.item import tower_inputs
from hybridrec.features.leakage import intrinsic_inputs
from hybridrec.fusion.meta import FusionInputs
from hybridrec.fusion.plays_context import PLAYS_CONTEXT
from hybridrec.hybrid import HybridModel
from hybridrec.models.onnx import ROWS_TOGETHER, OnnxNetwork
from hybridrec.schema.names import SOURCE_FEATURES

Feed = dict[str, npt.NDArray[np.generic]]
N_ROWS = 3 * ROWS_TOGETHER + 1
NETWORKS = (
    "user_tower",
    "item_tower",
    "audio_predictor",
    "meta_fusion",
    "learned_weights",
    "adaptive",
)


def network_and_feed(
    model: HybridModel, name: str, rng: np.random.Generator
) -> tuple[OnnxNetwork, Feed]:
    """A network of the model and inputs of N_ROWS rows."""
    items = model.knowledge.items.take(np.arange(N_ROWS, dtype=np.int32))
    audio = model.knowledge.audio.take(np.arange(N_ROWS, dtype=np.int32))
    if name == "item_tower":
        return model.content.item_tower, dict(tower_inputs(items, audio))
    if name == "audio_predictor":
        assert model.audio is not None
        return model.audio.network, dict(intrinsic_inputs(items))
    if name == "meta_fusion":
        widths = (2, 2, len(SOURCE_FEATURES), 18, 18, 10, len(PLAYS_CONTEXT))
        arrays = (rng.random((N_ROWS, width), np.float32) for width in widths)
        return model.fusions.meta_learning.merger.network, dict(FusionInputs(*arrays).feed())
    if name in {"learned_weights", "adaptive"}:
        network = getattr(model.fusions, name).merger.network
        sizes = {"user": model.content.items.embeddings.shape[1], "logits": 2, "known": 2}
        return network, {
            one: rng.random((N_ROWS, sizes.get(one, 1)), np.float32) for one in network.inputs
        }
    feed: Feed = {
        "user_rows": np.arange(2, N_ROWS + 2, dtype=np.int32),
        "history_pool": model.content.items.embeddings[:N_ROWS],
        "genre_rows": rng.integers(0, 4, (N_ROWS, 5), np.int32),
        "mood_rows": rng.integers(0, 4, (N_ROWS, 3), np.int32),
        "session": rng.random((N_ROWS, 18), np.float32),
        "session_known": np.ones((N_ROWS, 18), np.float32),
    }
    return model.content.user_tower, feed


def assert_row_invariant(network: OnnxNetwork, feed: Feed, n_rows: int) -> None:
    """Compares all the rows at once with as few as ``n_rows`` of them, bit for bit."""
    whole = network.run(feed)
    for start in range(N_ROWS - n_rows + 1):
        part = slice(start, start + n_rows)
        answers = network.run({one: array[part] for one, array in feed.items()})
        for answer, of_whole in zip(answers, whole, strict=True):
            np.testing.assert_array_equal(answer, of_whole[part])
