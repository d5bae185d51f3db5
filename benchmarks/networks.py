"""Times the networks of a bundle on the CPU and on a GPU, and says how far their answers differ."""

from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import onnxruntime as ort
import typer

from benchmarks.feeds import Feeds, plan_of
from benchmarks.measure import interleaved, report
from hybridrec.errors import InvalidConfig
from hybridrec.hybrid import HybridModel
from hybridrec.models.onnx import CPU, CUDA, Feed, OnnxNetwork

N_ROWS = (1, 16, 1_000)


def main(
    bundle: Annotated[Path, typer.Option()] = Path(".demo/bundle"),
    rounds: Annotated[int, typer.Option(min=1)] = 50,
    json: Annotated[Path | None, typer.Option()] = None,
) -> None:
    """Prints milliseconds by network, number of rows and device."""
    on_cpu, on_gpu = HybridModel.load(bundle), HybridModel.load(bundle, (CUDA, *CPU))
    if on_gpu.content.providers[0] != CUDA:
        raise InvalidConfig(CUDA, "ONNX Runtime finds no GPU; run this where one is")
    if len(on_cpu.knowledge.catalog) < max(N_ROWS):
        raise InvalidConfig("--bundle", f"has fewer than {max(N_ROWS)} tracks; name a larger one")
    figures: dict[str, object] = {}
    _, planned = plan_of(on_cpu, max(N_ROWS))
    feeds = Feeds.of(on_cpu, planned, on_cpu.score(planned))
    for cpu, gpu, feed in zip(_networks(on_cpu), _networks(on_gpu), _rows(feeds), strict=True):
        parts = {n: {name: array[:n] for name, array in feed.items()} for n in N_ROWS}
        work = {
            f"{cpu.file} {n} {device}": partial(network.run, part)
            for n, part in parts.items()
            for device, network in (("cpu", cpu), ("gpu", gpu))
        }
        answers = zip(cpu.run(feed), gpu.run(feed), strict=True)
        apart = max(float(np.abs(one - other).max()) for one, other in answers)
        figures |= interleaved(work, rounds) | {f"{cpu.file} apart": apart}
    report("networks", figures | {"onnxruntime": ort.__version__}, json)


def _networks(model: HybridModel) -> tuple[OnnxNetwork, ...]:
    """Those that one user's candidates pass through."""
    if model.audio is None:
        raise InvalidConfig("--bundle", "has no audio predictor; name one that has")
    content, fusion = model.content, model.fusions.meta_learning.merger
    return content.user_tower, content.item_tower, model.audio.network, fusion.network


def _rows(feeds: Feeds) -> tuple[Feed, ...]:
    """Their feeds, of as many rows each; of the user, as many times the same."""
    users = {name: array.repeat(max(N_ROWS), axis=0) for name, array in feeds.user.items()}
    return users, feeds.items, feeds.metadata, feeds.fusion


if __name__ == "__main__":
    typer.run(main)
