"""Scores 1,000 candidates of one user: in one batch, and the way a first sketch would.

The sketch calls both towers, the audio predictor and the fusion once per candidate. Both ways run
the same ONNX networks of the same bundle, on one thread each, and neither makes inputs from text.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import numpy as np
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
from hybridrec.models.two_tower import tower_user_rows
from hybridrec.schema.wire import InlineTrack, ScoresRequest


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
        "one_by_one": lambda: one_by_one(model, planned),
    }
    with threadpool_limits(1):
        timings = interleaved(work, rounds)
    ratio = timings["one_by_one"].median_ms / timings["batched"].median_ms
    figures: dict[str, object] = {"candidates": len(ids), **timings, "ratio": round(ratio, 1)}
    report("candidates", figures, json)


def _plan(model: HybridModel, request: ScoresRequest) -> Plan:
    desk = Desk(model.knowledge, model.ranking)
    return desk.plan_asks([scores_ask(request, Known.nothing(), model.knowledge)], NO_DEADLINE)


def one_by_one(model: HybridModel, planned: Plan) -> list[float]:
    """Calls every network once per candidate, with inputs that are made already."""
    queries, knowledge = planned.queries, model.knowledge
    cf, content = model.cf.score(queries), model.score(planned).content
    inputs = model.fusion.features.inputs(queries, cf, content, model.score(planned).cold_audio)
    towers = tower_inputs(knowledge.items, knowledge.audio)
    audio = intrinsic_inputs(knowledge.items)
    session, session_known = model.content.sessions.transform(queries.session)
    user = {
        "user_rows": tower_user_rows(queries.user_rows),
        "history_pool": np.zeros((1, model.content.items.embeddings.shape[1]), np.float32),
        "genre_rows": queries.genre_rows,
        "mood_rows": queries.mood_rows,
        "session": session,
        "session_known": session_known,
    }
    scores = []
    for place, row in enumerate(queries.candidate_rows.tolist()):
        (user_embedding,) = model.content.user_tower.run(user)
        if model.audio is not None:
            model.audio.network.run({name: array[row : row + 1] for name, array in audio.items()})
        (item,) = model.content.item_tower.run(
            {name: array[row : row + 1] for name, array in towers.items()}
        )
        one = {name: array[place : place + 1] for name, array in inputs.feed().items()}
        _, terms = model.fusion.network.run(one)
        scores.append(float(terms.sum() + user_embedding[0] @ item[0]))
    return scores


if __name__ == "__main__":
    typer.run(main)
