"""Lists for many users as one table, through ``HybridModel``."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
from rich.console import Console
from rich.progress import Progress

from deployments.asides import tell
from hybridrec.answers.batch import batch_asks, plays_by_user
from hybridrec.datasets.ids import read_ids
from hybridrec.datasets.table import check_times, read_interactions, source_of
from hybridrec.errors import InvalidData
from hybridrec.hybrid import HybridModel
from hybridrec.schema.names import Rows
from hybridrec.schema.profile import Interaction

RANKED = pl.Schema(
    {
        "user_id": pl.String(),
        "rank": pl.Int32(),
        "track_id": pl.String(),
        "score": pl.Float32(),
        "confidence": pl.Float32(),
    }
)


def rank(
    model: HybridModel,
    user_ids: tuple[str, ...],
    k: int,
    history_path: Path | None,
    candidates_path: Path | None,
) -> pl.DataFrame:
    """Lists of all users as one table: user_id, rank (from 1), track_id, score, confidence.

    Raises:
        InvalidData: a table is refused, or none of the candidates is in the bundle.
    """
    history = {} if history_path is None else _history(history_path, model)
    rows = None if candidates_path is None else _candidates(candidates_path, model)
    asks = batch_asks(user_ids, history, rows, k, model.knowledge, model.fusion)
    parts = []
    with Progress(console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("recommending", total=len(user_ids))
        for answer in model.generate_batch_recommendations(asks):
            parts.append(
                pl.DataFrame(
                    {
                        "user_id": [answer.user_id] * len(answer.track_ids),
                        "rank": range(1, len(answer.track_ids) + 1),
                        "track_id": answer.track_ids,
                        "score": answer.scores,
                        "confidence": answer.confidence,
                    },
                    schema=RANKED,
                    nan_to_null=True,
                )
            )
            bars.advance(task)
    return pl.concat(parts) if parts else pl.DataFrame(schema=RANKED)


def tell_misses(held_out: pl.DataFrame, model: HybridModel) -> None:
    """Says how many pairs no list can hold: of tracks played before, or not in the bundle."""
    knowledge = model.knowledge
    pairs = held_out.select("user_id", "track_id").unique()
    n_replays = n_unknown = 0
    for (user_id,), of_user in pairs.group_by("user_id"):
        rows = knowledge.catalog.tracks.rows(of_user["track_id"].to_list())
        played, _ = knowledge.histories.of(knowledge.users.row(str(user_id)))
        n_unknown += int((rows < 0).sum())
        n_replays += int(np.isin(rows[rows >= 0], played).sum())
    if n_replays or n_unknown:
        tell(
            f"{n_replays + n_unknown} of {len(pairs)} pairs of user and track count as misses:"
            f" {n_replays} replay what the bundle knows to be played, {n_unknown} are of tracks"
            " that it does not hold"
        )


def _history(path: Path, model: HybridModel) -> dict[str, tuple[Interaction, ...]]:
    """Plays by user, oldest first where they are dated."""
    table = read_interactions(path)
    check_times(table, source_of(path), datetime.now(UTC))
    _rows(table["track_id"].unique(maintain_order=True).to_list(), "played tracks", model)
    return plays_by_user(table)


def _candidates(path: Path, model: HybridModel) -> Rows:
    """Rows of the candidates that the bundle holds."""
    rows = _rows(read_ids(path, "track_id"), "candidates", model)
    if not len(rows):
        raise InvalidData(f"{path}: column track_id: none of its tracks is in the bundle")
    return rows


def _rows(ids: Sequence[str], what: str, model: HybridModel) -> Rows:
    """Rows of the tracks that the bundle holds; says so if there are others."""
    rows = model.knowledge.catalog.tracks.rows(ids)
    unknown = [name for name, row in zip(ids, rows, strict=True) if row < 0]
    if unknown:
        more = " …" if len(unknown) > 1 else ""
        tell(f"{len(unknown)} of {len(ids)} {what} are not in the bundle: {unknown[0]}{more}")
    return rows[rows >= 0]
