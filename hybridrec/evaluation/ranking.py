"""How well ranked lists find what users went on to play.

Every list stands for the full ranking: what it does not show is a miss, and nothing is sampled.
"""

from dataclasses import asdict, dataclass

import numpy as np
import polars as pl

from hybridrec.errors import InvalidData
from hybridrec.evaluation.hits import PerUser, find_hits, hit_rate, ndcg, recall, reciprocal_rank
from hybridrec.schema.names import Rows


@dataclass(frozen=True, slots=True)
class RankingMetrics:
    """Means over users, each in [0, 1]; NaN if there is no user.

    Attributes:
        n_users: users that the means are over.
        n_left_out: users with no relevant item, about whom nothing can be said.
    """

    ndcg_at_10: float
    recall_at_20: float
    mrr: float
    hit_rate_at_10: float
    n_users: int
    n_left_out: int

    def as_dict(self) -> dict[str, float]:
        return asdict(self)


@dataclass(frozen=True, slots=True, eq=False)
class PerUserMetrics:
    """One value a user, for the mean and for paired comparisons of two models.

    Attributes:
        ndcg_at_10: shape (B,), in [0, 1], as are all; NaN for a user with no relevant item.
        recall_at_20: shape (B,).
        reciprocal_rank: shape (B,).
        hit_at_10: shape (B,).
    """

    ndcg_at_10: PerUser
    recall_at_20: PerUser
    reciprocal_rank: PerUser
    hit_at_10: PerUser

    def __len__(self) -> int:
        return len(self.ndcg_at_10)

    def mean(self) -> RankingMetrics:
        counted = ~np.isnan(self.ndcg_at_10)
        n_users = int(counted.sum())

        def mean_of(values: PerUser) -> float:
            return float(values[counted].mean()) if n_users else float("nan")

        return RankingMetrics(
            ndcg_at_10=mean_of(self.ndcg_at_10),
            recall_at_20=mean_of(self.recall_at_20),
            mrr=mean_of(self.reciprocal_rank),
            hit_rate_at_10=mean_of(self.hit_at_10),
            n_users=n_users,
            n_left_out=len(self) - n_users,
        )


def evaluate_rankings(
    ranked_rows: Rows, relevant_rows: Rows, relevant_offsets: Rows
) -> PerUserMetrics:
    """Compares B ranked lists with what is relevant to each user.

    Args:
        ranked_rows: shape (B, K), best first, -1 where nothing is shown: a miss at that place.
        relevant_rows: shape (R,), -1 for a relevant item that has no row: one that cannot be hit.
        relevant_offsets: shape (B + 1,), cuts the relevant rows by user.

    Raises:
        ValueError: a list, or the relevant rows of a user, hold a row twice.
    """
    hits = find_hits(ranked_rows, relevant_rows, relevant_offsets)
    n_relevant = np.diff(relevant_offsets)
    return PerUserMetrics(
        ndcg_at_10=ndcg(hits, n_relevant, 10),
        recall_at_20=recall(hits, n_relevant, 20),
        reciprocal_rank=reciprocal_rank(hits, n_relevant),
        hit_at_10=hit_rate(hits, n_relevant, 10),
    )


def evaluate_table(recommendations: pl.DataFrame, test: pl.DataFrame) -> PerUserMetrics:
    """Compares a table of recommendations with the tracks that were held out.

    A user of the test without recommendations scores 0, and a recommendation to a user who is not
    in the test is not looked at: so two tables compared with one test give paired values.

    Args:
        recommendations: columns ``user_id``, ``rank`` (from 1) and ``track_id``.
        test: columns ``user_id`` and ``track_id``; a pair may stand there several times.

    Returns:
        One value for each user of the test, in the order of ``user_id``.

    Raises:
        InvalidData: a rank is below 1, or a user has a rank or a track twice.
    """
    _refuse_ambiguous(recommendations)
    relevant = test.select("user_id", "track_id").unique().sort("user_id", "track_id")
    users = relevant.select("user_id").unique().sort("user_id").with_row_index("user_row")
    tracks = relevant.select("track_id").unique().sort("track_id").with_row_index("track_row")

    shown = recommendations.join(users, on="user_id").join(tracks, on="track_id")  # others miss
    ranks = shown["rank"].to_numpy().astype(np.int64)
    ranked_rows = np.full((len(users), ranks.max(initial=0)), -1, np.int32)  # (B, K)
    ranked_rows[shown["user_row"].to_numpy(), ranks - 1] = shown["track_row"].to_numpy()

    counts = relevant.group_by("user_id").len().sort("user_id")["len"].to_numpy()
    offsets = np.concatenate([[0], counts.cumsum()]).astype(np.int32)
    relevant_rows = relevant.join(tracks, on="track_id", maintain_order="left")["track_row"]
    return evaluate_rankings(ranked_rows, relevant_rows.to_numpy().astype(np.int32), offsets)


def _refuse_ambiguous(recommendations: pl.DataFrame) -> None:
    n_below = int((recommendations["rank"].fill_null(0) < 1).sum())
    if n_below:
        raise InvalidData("recommendations", "rank", f"{n_below} are below 1; ranks start at 1")
    for column in ("rank", "track_id"):
        n_twice = int(recommendations.select("user_id", column).is_duplicated().sum())
        if n_twice:
            raise InvalidData("recommendations", column, f"{n_twice} stand twice for one user")
