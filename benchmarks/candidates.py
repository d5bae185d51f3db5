"""Scores 1,000 candidates of one user: in one batch, and the way a first sketch would.

The sketch calls both towers, the audio predictor and the fusion once per candidate. Both ways run
the same ONNX networks of the same bundle, on one thread each, and neither makes inputs from text.
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
from hybridrec.answers.knowledge import Known
from hybridrec.answers.plan import Plan
from hybridrec.features.item import tower_inputs
from hybridrec.features.leakage import intrinsic_inputs
from hybridrec.hybrid import NO_DEADLINE, HybridModel
from hybridrec.models.onnx import CPU, OnnxNetwork
from hybridrec.models.two_tower import tower_user_rows
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
    work: dict[str, Callable[[], object]] = {
        "batched": lambda: model.score(planned),
        "batched_from_request_to_json": lambda: model.predict(request).model_dump_json(),
        "one_by_one": sketch(model, planned),
    }
    with threadpool_limits(1):
        timings = interleaved(work, rounds)
    ratio = timings["one_by_one"].median_ms / timings["batched"].median_ms
    figures: dict[str, object] = {"candidates": len(ids), **timings, "ratio": round(ratio, 1)}
    report("candidates", figures, json)


def _plan(model: HybridModel, request: ScoresRequest) -> Plan:
    desk = Desk(model.knowledge, model.ranking)
    return desk.plan_asks([scores_ask(request, Known.nothing(), model.knowledge)], NO_DEADLINE)


def sketch(model: HybridModel, planned: Plan) -> Callable[[], list[float]]:
    """Calls every network once per candidate, with sessions and inputs that are made already."""
    queries, knowledge = planned.queries, model.knowledge
    scored = model.score(planned)
    fusion = model.fusion.features.inputs(queries, scored.cf, scored.content, scored.cold_audio)
    session, session_known = model.content.sessions.transform(queries.session)
    user = {
        "user_rows": tower_user_rows(queries.user_rows),
        "history_pool": np.zeros((1, model.content.items.embeddings.shape[1]), np.float32),
        "genre_rows": queries.genre_rows,
        "mood_rows": queries.mood_rows,
        "session": session,
        "session_known": session_known,
    }
    rows = queries.candidate_rows.tolist()
    n = len(rows)
    feeds: list[tuple[ort.InferenceSession, list[Feed]]] = [
        (_one_row(model.content.user_tower), [user] * n),
        (
            _one_row(model.content.item_tower),
            _by_row(tower_inputs(knowledge.items, knowledge.audio), rows),
        ),
        (_one_row(model.fusion.network), _by_row(fusion.feed(), list(range(n)))),
    ]
    if model.audio is not None:
        feeds.append(
            (_one_row(model.audio.network), _by_row(intrinsic_inputs(knowledge.items), rows))
        )

    def run() -> list[float]:
        scores = []
        for place in range(n):
            answers = [network.run(None, of[place])[0] for network, of in feeds]
            scores.append(float(answers[0][0] @ answers[1][0]))
        return scores

    return run


def _one_row(network: OnnxNetwork) -> ort.InferenceSession:
    """The network with the settings of serving, but for rows that come alone."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return ort.InferenceSession(network.model, options, providers=list(CPU))


def _by_row(feed: Feed, rows: list[int]) -> list[Feed]:
    return [{name: array[row : row + 1] for name, array in feed.items()} for row in rows]


if __name__ == "__main__":
    typer.run(main)
