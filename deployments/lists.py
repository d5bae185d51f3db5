"""Lists for many users as one table, through ``HybridModel``."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

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

Plays = Mapping[str, tuple[Interaction, ...]]
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
    history: Plays,
    rows: Rows | None,
) -> pl.DataFrame:
    """Lists of all users as one table: user_id, rank (from 1), track_id, score, confidence.

    Args:
        model: ranks.
        user_ids: whom to ask for.
        k: length of each list.
        history: plays by user, besides those of the training.
        rows: the tracks to choose from; None for the whole catalogue.
    """
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


def read_history(path: Path | None, model: HybridModel) -> Plays:
    """Plays by user, oldest first where they are dated; none without a path.

    Raises:
        InvalidData: the table is refused.
    """
    if path is None:
        return {}
    table = read_interactions(path)
    check_times(table, source_of(path), datetime.now(UTC))
    _rows(table["track_id"].unique(maintain_order=True).to_list(), "played tracks", model)
    return plays_by_user(table)


def read_candidates(path: Path | None, model: HybridModel) -> Rows | None:
    """Rows of the candidates that the bundle holds; None, the whole catalogue, without a path.

    Raises:
        InvalidData: the table is refused, or none of its tracks is in the bundle.
    """
    if path is None:
        return None
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
