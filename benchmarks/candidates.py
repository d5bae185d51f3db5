"""Scores 1,000 candidates of one user: in one batch, and the way a first sketch would.

The sketch goes candidate by candidate and calls both towers, the audio predictor and the fusion
once for each. Both ways run the same ONNX networks of the same bundle, on one thread each, and must
give the same scores. Whatever the sketch needs besides, inputs made of text, the user's folded-in
factors, percentiles and confidences, it is given for nothing.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import onnxruntime as ort
import typer
from threadpoolctl import threadpool_limits

from benchmarks.measure import interleaved, report
from hybridrec.answers.ask import scores_ask
from hybridrec.answers.desk import Desk
from hybridrec.answers.explainer import Explainer
from hybridrec.answers.knowledge import Known
from hybridrec.answers.plan import Plan
from hybridrec.features.item import tower_inputs
from hybridrec.features.leakage import intrinsic_inputs
from hybridrec.features.user import history_pool
from hybridrec.hybrid import NO_DEADLINE, HybridModel
from hybridrec.models.calibration import sigmoid
from hybridrec.models.onnx import CPU, OnnxNetwork
from hybridrec.models.two_tower import tower_user_rows
from hybridrec.models.uncertainty import widest_interval
from hybridrec.schema.names import META_LEARNING, Floats
from hybridrec.schema.wire import InlineTrack, ScoresRequest

Feed = Mapping[str, npt.NDArray[np.generic]]


def main(
    bundle: Annotated[Path, typer.Option()] = Path(".demo/bundle"),
    n_candidates: Annotated[int, typer.Option(min=1)] = 1_000,
    rounds: Annotated[int, typer.Option(min=1)] = 20,
    json: Annotated[Path | None, typer.Option()] = None,
) -> None:
    """Prints both ways' milliseconds and their ratio."""
    model = HybridModel.load(bundle)
    catalog = model.knowledge.catalog
    ids: list[str | InlineTrack] = list(catalog.tracks.ids[:n_candidates])
    request = ScoresRequest(user_id=model.knowledge.users.ids[0], candidates=ids)

    planned = _plan(model, request)
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
        "candidates": len(ids),
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
        queries, knowledge, content = planned.queries, model.knowledge, model.content
        scored = model.score(planned)
        inputs = model.fusions.meta_learning.merger.features.inputs(
            queries, scored.cf, scored.content, scored.cold_audio
        )
        session, session_known = content.sessions.transform(queries.session)
        self._model = model
        self._rows = queries.candidate_rows.tolist()
        self._factors = scored.cf.user_state[0]
        self._user: Feed = {
            "user_rows": tower_user_rows(queries.user_rows),
            "history_pool": history_pool(content.items.embeddings, *queries.history(0))[None],
            "genre_rows": queries.genre_rows,
            "mood_rows": queries.mood_rows,
            "session": session,
            "session_known": session_known,
        }
        self._items = _by_row(tower_inputs(knowledge.items, knowledge.audio), self._rows)
        self._metadata = _by_row(intrinsic_inputs(knowledge.items), self._rows)
        self._fusion = _by_row(inputs.feed(), list(range(len(self._rows))))
        self._user_tower = _one_row(content.user_tower)
        self._item_tower = _one_row(content.item_tower)
        self._audio = None if model.audio is None else _one_row(model.audio.network)
        self._meta_fusion = _one_row(model.fusions.meta_learning.merger.network)

    def scores(self) -> list[float]:
        """The fused score of each candidate."""
        cf, content, fusion = self._model.cf, self._model.content, self._model.fusions.meta_learning
        found = []
        for place, row in enumerate(self._rows):
            user, item = self._towers(place)
            affinity = (self._factors @ cf.item_factors[row]) * cf.item_scale[row]
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


def _plan(model: HybridModel, request: ScoresRequest) -> Plan:
    explainer = Explainer(model.explanations, widest_interval(model.fusions.meta_learning.interval))
    desk = Desk(model.knowledge, model.ranking, explainer)
    return desk.plan_asks(
        [scores_ask(request, Known.nothing(), model.knowledge, META_LEARNING)], NO_DEADLINE
    )


def _one_row(network: OnnxNetwork) -> ort.InferenceSession:
    """The network with the settings of serving, but for rows that come alone."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return ort.InferenceSession(network.model, options, providers=list(CPU))


def _by_row(feed: Feed, rows: list[int]) -> list[Feed]:
    return [{name: array[row : row + 1] for name, array in feed.items()} for row in rows]


if __name__ == "__main__":
    typer.run(main)
