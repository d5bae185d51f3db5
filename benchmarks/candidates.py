"""Scores 1,000 candidates of one user: in one batch, and the way a first sketch would.

The sketch goes candidate by candidate and calls both towers, the audio predictor and the fusion
once for each. Both ways run the same ONNX networks of the same bundle, on one thread each, and must
give the same scores. Whatever the sketch needs besides, inputs made of text, what the user's plays
say by co-listening and as factors, percentiles and confidences, it is given for nothing.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import numpy as np
import onnxruntime as ort
import typer
from threadpoolctl import threadpool_limits

from benchmarks.feeds import Feeds, plan_of
from benchmarks.measure import interleaved, report
from hybridrec.answers.plan import Plan
from hybridrec.hybrid import HybridModel
from hybridrec.models.calibration import sigmoid
from hybridrec.models.onnx import CPU, Feed, OnnxNetwork
from hybridrec.models.signals import compressed
from hybridrec.schema.names import Floats


def main(
    bundle: Annotated[Path, typer.Option()] = Path(".demo/bundle"),
    n_candidates: Annotated[int, typer.Option(min=1)] = 1_000,
    rounds: Annotated[int, typer.Option(min=1)] = 20,
    json: Annotated[Path | None, typer.Option()] = None,
) -> None:
    """Prints both ways' milliseconds and their ratio."""
    model = HybridModel.load(bundle)
    request, planned = plan_of(model, n_candidates)
    batched = model.score(planned).fused
    one_by_one = Sketch(model, planned)
    expected = batched.scores[np.argsort(batched.places)]
    # 1e-5: a single row takes another matrix routine, which rounds otherwise
    np.testing.assert_allclose(one_by_one.scores(), expected, atol=1e-5)
    work: dict[str, Callable[[], object]] = {
        "batched": lambda: model.score(planned),
        "batched_from_request_to_json": lambda: model.predict(request).model_dump_json(),
        "one_by_one": one_by_one.scores,
        "one_by_one_networks_alone": one_by_one.networks,
    }
    with threadpool_limits(1):
        timings = interleaved(work, rounds)
    batched_ms = timings["batched"].median_ms
    figures: dict[str, object] = {
        "candidates": len(batched.scores),
        **timings,
        "ratio": round(timings["one_by_one"].median_ms / batched_ms, 1),
        "ratio_networks_alone": round(
            timings["one_by_one_networks_alone"].median_ms / batched_ms, 1
        ),
    }
    report("candidates", figures, json)


class Sketch:
    """Scores one candidate after the other, with every network called once for each."""

    def __init__(self, model: HybridModel, planned: Plan) -> None:
        scored, content = model.score(planned), model.content
        feeds = Feeds.of(model, planned, scored)
        self._model = model
        self._rows = planned.queries.candidate_rows.tolist()
        self._listener = model.cf.listener(planned.queries, 0)
        self._user = feeds.user
        self._items, self._metadata, self._fusion = map(
            _by_row, (feeds.items, feeds.metadata, feeds.fusion)
        )
        self._user_tower = _one_row(content.user_tower)
        self._item_tower = _one_row(content.item_tower)
        self._audio = None if model.audio is None else _one_row(model.audio.network)
        self._meta_fusion = _one_row(model.fusions.meta_learning.merger.network)

    def scores(self) -> list[float]:
        """The fused score of each candidate."""
        cf, content, fusion = self._model.cf, self._model.content, self._model.fusions.meta_learning
        found, listener = [], self._listener
        for place, row in enumerate(self._rows):
            user, item = self._towers(place)
            by_factors = listener.folded.state @ cf.factors.items[row]
            whole = listener.co_listened[row] + cf.factor_share * by_factors
            affinity = compressed(listener.scale * whole)
            logits = [cf.calibrator.logits(affinity), content.calibrator.logits(user @ item)]
            known = self._fusion[place]["known"].astype(bool)
            feed = dict(self._fusion[place])
            feed["logits"] = np.where(known, [logits], 0).astype(np.float32)
            _, terms = self._meta_fusion.run(None, feed)
            found.append(float(sigmoid(fusion.calibrator.logits(terms[0].sum()))))
        return found

    def networks(self) -> None:
        """The networks of each candidate, and nothing else."""
        for place in range(len(self._rows)):
            self._towers(place)
            self._meta_fusion.run(None, self._fusion[place])

    def _towers(self, place: int) -> tuple[Floats, Floats]:
        if self._audio is not None:
            self._audio.run(None, self._metadata[place])
        (user,) = self._user_tower.run(None, self._user)
        (item,) = self._item_tower.run(None, self._items[place])
        return user[0], item[0]


def _one_row(network: OnnxNetwork) -> ort.InferenceSession:
    """The network with the settings of serving, but for rows that come alone."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return ort.InferenceSession(network.model, options, providers=list(CPU))


def _by_row(feed: Feed) -> list[Feed]:
    n_rows = len(next(iter(feed.values())))
    return [{name: array[row : row + 1] for name, array in feed.items()} for row in range(n_rows)]


if __name__ == "__main__":
    typer.run(main)
