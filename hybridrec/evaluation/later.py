"""A split at one moment: models see what was before it, and are asked what came after."""

import polars as pl

from hybridrec.errors import InvalidData
from hybridrec.evaluation.splits import Split, liked_pairs

_PAIR = ["user_id", "track_id"]


def hold_out_later(interactions: pl.DataFrame, share: float) -> Split:
    """Holds out the liked pairs of known users that have no row before the moment.

    Args:
        interactions: the canonical table; undated rows, whose place is unknown, stand in no part.
        share: of the dated rows that are at or after the moment, at most but for ties; in (0, 1).

    Raises:
        InvalidData: no row is dated, or all have the same time.
    """
    if not 0 < share < 1:
        raise ValueError(f"share {share} is not in (0, 1)")
    dated = interactions.filter(pl.col("timestamp").is_not_null())
    moment = dated["timestamp"].quantile(1 - share, "higher") if len(dated) else None
    train = dated.filter(pl.col("timestamp") < moment) if moment is not None else dated.clear()
    if train.is_empty():
        reason = "no moment parts earlier rows from later; bring times of plays"
        raise InvalidData("interactions", "timestamp", reason)
    later = dated.filter(pl.col("timestamp") >= moment)
    return Split(
        train=train,
        history=interactions.clear(),
        test=later.join(liked_pairs(later), on=_PAIR, how="semi", maintain_order="left")
        .join(train, on=_PAIR, how="anti", maintain_order="left")
        .join(train, on="user_id", how="semi", maintain_order="left"),
    )
