"""All measures of the lists that one model gave for the questions of one slice."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import polars as pl

from hybridrec.catalog import Catalog
from hybridrec.evaluation.exposure import artist_gini, coverage
from hybridrec.evaluation.hits import PerUser
from hybridrec.evaluation.likeness import TrackTerms
from hybridrec.evaluation.popularity_bias import long_tail_share, novelty, popularity_lift
from hybridrec.evaluation.protocol import Slice
from hybridrec.evaluation.ranking import evaluate_rankings
from hybridrec.schema.names import Mask, Rows
from hybridrec.schema.ragged import places_of

Measure = Literal[
    "ndcg_at_10",
    "recall_at_20",
    "mrr",
    "hit_rate_at_10",
    "novelty_at_10",
    "diversity_at_10",
    "long_tail_share_at_10",
    "popularity_lift_at_10",
]
"""Means over users; which of them are better when higher is a question of taste after ``mrr``."""
HITS: tuple[Measure, ...] = ("ndcg_at_10", "recall_at_20", "mrr", "hit_rate_at_10")
"""Those that say whether what is to be found was found."""
K = 10


@dataclass(frozen=True, slots=True, eq=False)
class Questions:
    """A slice in rows of a catalogue.

    Attributes:
        user_ids: who asks.
        history_rows: shape (H,), what is known that each asker played, each track once.
        history_offsets: shape (B + 1,).
        relevant_rows: shape (R,), what is to be found; -1 for a track that the catalogue lacks.
        relevant_offsets: shape (B + 1,).
        candidate_rows: shape (C,), rising: what is ranked.
    """

    user_ids: tuple[str, ...]
    history_rows: Rows
    history_offsets: Rows
    relevant_rows: Rows
    relevant_offsets: Rows
    candidate_rows: Rows

    @classmethod
    def of(cls, one: Slice, train: pl.DataFrame, catalog: Catalog) -> "Questions":
        """The questions of a slice.

        Args:
            one: who asks, and what is to be found.
            train: what training knows of the askers.
            catalog: whose rows are meant.
        """
        known = pl.concat([train, one.history]).filter(pl.col("plays") > 0)
        history_rows, history_offsets = _rows_of(known, one.user_ids, catalog)
        relevant_rows, relevant_offsets = _rows_of(one.test, one.user_ids, catalog)
        everything, excluded = np.arange(len(catalog)), catalog.tracks.rows(one.excluded)
        return cls(
            user_ids=one.user_ids,
            history_rows=history_rows,
            history_offsets=history_offsets,
            relevant_rows=relevant_rows,
            relevant_offsets=relevant_offsets,
            candidate_rows=np.setdiff1d(everything, excluded).astype(np.int32)
            if one.candidates is None
            else np.sort(catalog.tracks.rows(one.candidates)),
        )

    def of_users(self, chosen: Mask) -> "Questions":
        """The questions of some users.

        Args:
            chosen: shape (B,).
        """
        users = np.flatnonzero(chosen).astype(np.int32)

        def taken(rows: Rows, offsets: Rows) -> tuple[Rows, Rows]:
            sizes = np.diff(offsets)[users]
            return rows[places_of(offsets, users)], np.append(0, sizes.cumsum()).astype(np.int32)

        history = taken(self.history_rows, self.history_offsets)
        relevant = taken(self.relevant_rows, self.relevant_offsets)
        user_ids = tuple(self.user_ids[user] for user in users.tolist())
        return Questions(user_ids, *history, *relevant, self.candidate_rows)

    def about(self, chosen: Mask) -> "Questions":
        """The same questions, as if only some tracks were to be found.

        Args:
            chosen: shape (n_items,).
        """
        kept = (self.relevant_rows >= 0) & chosen[self.relevant_rows]
        before = np.append(0, kept.cumsum()).astype(np.int32)
        return replace(
            self,
            relevant_rows=self.relevant_rows[kept],
            relevant_offsets=before[self.relevant_offsets],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """What is found of the lists of one model.

    Attributes:
        per_user: by measure, shape (B,); NaN where nothing can be said of a user.
        coverage_at_10: share of the candidates that any list shows.
        artist_gini_at_10: how unevenly artists are shown.
    """

    per_user: Mapping[Measure, PerUser]
    coverage_at_10: float
    artist_gini_at_10: float


@dataclass(frozen=True, slots=True, eq=False)
class Judge:
    """Knows of the tracks what measures beyond accuracy need.

    Attributes:
        catalog: the tracks, with the training's counts of users.
        n_users: users of the training.
        terms: what is known of the tracks' content.
    """

    catalog: Catalog
    n_users: int
    terms: TrackTerms

    @classmethod
    def of(cls, catalog: Catalog, n_users: int) -> "Judge":
        return cls(catalog, n_users, TrackTerms.of(catalog.table))

    def judge(self, ranked_rows: Rows, asked: Questions) -> Judgement:
        """All measures of one list per question.

        Args:
            ranked_rows: shape (B, K), best first, -1 where nothing is shown: a miss at that place.
            asked: the questions, in the same order.
        """
        hits = evaluate_rankings(ranked_rows, asked.relevant_rows, asked.relevant_offsets)
        popularity = self.catalog.interactions
        # where nothing to choose from was ever played, its popularity says nothing of any list
        judged = ranked_rows if popularity[asked.candidate_rows].any() else ranked_rows[:, :0]
        history = asked.history_rows, asked.history_offsets
        return Judgement(
            per_user={
                "ndcg_at_10": hits.ndcg_at_10,
                "recall_at_20": hits.recall_at_20,
                "mrr": hits.reciprocal_rank,
                "hit_rate_at_10": hits.hit_at_10,
                "novelty_at_10": novelty(judged, popularity, self.n_users, K),
                "diversity_at_10": self.terms.diversity(ranked_rows, K),
                "long_tail_share_at_10": long_tail_share(judged, popularity, K),
                "popularity_lift_at_10": popularity_lift(judged, popularity, *history, K),
            },
            coverage_at_10=coverage(ranked_rows, asked.candidate_rows, K),
            artist_gini_at_10=artist_gini(
                ranked_rows, asked.candidate_rows, self.catalog.artist_rows, K
            ),
        )


def _rows_of(table: pl.DataFrame, user_ids: tuple[str, ...], catalog: Catalog) -> tuple[Rows, Rows]:
    """The distinct tracks of each user, user by user, and the offsets that cut them."""
    users = pl.DataFrame({"user_id": user_ids}, {"user_id": pl.String}).with_row_index("place")
    pairs = table.select("user_id", "track_id").unique().join(users, on="user_id")
    pairs = pairs.sort("place", "track_id")
    offsets = np.searchsorted(pairs["place"].to_numpy(), np.arange(len(user_ids) + 1))
    return catalog.tracks.rows(pairs["track_id"].to_list()), offsets.astype(np.int32)
