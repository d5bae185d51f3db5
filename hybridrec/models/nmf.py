"""Collaborative filtering by weighted non-negative matrix factorization, with fold-in.

Sources: Hu, Koren and Volinsky, "Collaborative filtering for implicit feedback datasets", ICDM
(2008), with the factors kept non-negative as in Lee and Seung, Nature 401 (1999).
"""

from dataclasses import dataclass, field

import numpy as np

from hybridrec.models.calibration import ConfidenceCalibrator, ScoreCalibrator
from hybridrec.models.confidence import (
    item_part,
    listener_share,
    neighbour_part,
    recency_share,
    user_part,
)
from hybridrec.models.genres import GenreCentroids, is_new_listener
from hybridrec.models.groups import confidence_groups
from hybridrec.models.nearest_users import nearest_users
from hybridrec.models.nnls import Matrix, solve_nonnegative
from hybridrec.models.play_evidence import play_evidence
from hybridrec.models.products import products
from hybridrec.models.retrieval import best_rows, retrieved
from hybridrec.schema.names import Floats, Mask, Rows
from hybridrec.schema.records import QueryBatch
from hybridrec.schema.scores import Retrieved, ScoreBatch


@dataclass(frozen=True, slots=True, eq=False)
class _Candidates:
    """What is known of N candidates.

    Attributes:
        factors: shape (N, k).
        scale: shape (N,), above 0.
        known: shape (N,), whether plays or genres tell anything of the track.
    """

    factors: Floats
    scale: Floats
    known: Mask


@dataclass(frozen=True, slots=True, eq=False)
class NMFScorer:
    """Scores a candidate by the dot product of its factors and the user's.

    Every user is folded in from the history of the query, so the first play already counts; of a
    new listener the stated genres do too.

    Attributes:
        item_factors: shape (n_items, k), at least 0; of a new track by its genres, if it has any.
        by_genre: shape (n_items,), tracks of that kind.
        genres: centroids, for new listeners and for tracks that only a request knows.
        item_targets: shape (n_items,), above 0, the preference that one play stands for: smaller
            for popular tracks.
        item_scale: shape (n_items,), above 0, undoes that in the score.
        interactions: shape (n_items,), users who played each track in training; 0 is unknown.
        reference_users: shape (R, k), unit length, users of the training to be near to.
        reference_rows: shape (R,), who they are.
        weight_gain: what one unit of interaction weight adds to the weight 1 of a play.
        regularization: of the factors.
        calibrator: affinity to probability.
        confidence_calibrator: raw to calibrated confidence.
    """

    item_factors: Floats
    by_genre: Mask
    genres: GenreCentroids
    item_targets: Floats
    item_scale: Floats
    interactions: Rows
    reference_users: Floats
    reference_rows: Rows
    weight_gain: float
    regularization: float
    calibrator: ScoreCalibrator
    confidence_calibrator: ConfidenceCalibrator
    name: str = field(default="cf", init=False)
    _gram: Matrix = field(init=False, repr=False)
    _item_part: Floats = field(init=False, repr=False)
    _is_known: Mask = field(init=False, repr=False)

    def __post_init__(self) -> None:
        factors = self.item_factors[~self.by_genre].astype(np.float64)
        gram = factors.T @ factors + self.regularization * np.eye(factors.shape[1])
        object.__setattr__(self, "_gram", gram)
        object.__setattr__(self, "_item_part", item_part(self.interactions))
        object.__setattr__(self, "_is_known", (self.interactions > 0) | self.by_genre)

    def score(self, queries: QueryBatch) -> ScoreBatch:
        """Scores in (0, 1); NaN for a user or a track of whom neither plays nor genres tell."""
        users, pulls = self._fold_in(queries, with_evidence=queries.want_evidence)
        cold = self.genres.tracks(queries.cold_items.genre_rows)  # (C, k)
        candidates = self._candidates(queries, cold)
        scores = self.calibrator.scores(self._affinity(users, candidates, queries))
        neighbours = nearest_users(
            users, queries.user_rows, self.reference_users, self.reference_rows
        )
        return ScoreBatch(
            scorer=self.name,
            scores=scores,
            confidence=self.confidence_calibrator.known(
                self._raw_confidence(queries, neighbour_part(neighbours.similarity)),
                confidence_groups(queries, self.interactions),
                ~np.isnan(scores),
            ),
            user_state=users,
            cold_embeddings=cold,
            evidence=play_evidence(queries, candidates.factors, pulls)
            if queries.want_evidence.any()
            else None,
            neighbours=neighbours if queries.want_evidence.any() else None,
        )

    def retrieve(self, queries: QueryBatch) -> Retrieved:
        """The tracks of highest affinity for each query."""
        users, _ = self._fold_in(queries, with_evidence=np.zeros(len(queries), bool))
        parts = []
        for query, user in enumerate(users):
            affinity = (self.item_factors @ user) * self.item_scale
            affinity[~self._is_known] = np.nan
            if not user.any():
                affinity[:] = np.nan
            parts.append(best_rows(affinity, queries.n_retrieve[query], queries.excluded(query)))
        return retrieved(parts)

    def _candidates(self, queries: QueryBatch, cold: Floats) -> _Candidates:
        """What is known of all candidates."""
        rows, n_items = queries.candidate_rows, len(self.item_factors)
        is_cold = rows >= n_items
        inside = np.where(is_cold, 0, rows)
        found = _Candidates(
            factors=self.item_factors.take(inside, axis=0),
            scale=self.item_scale[inside],
            known=self._is_known[inside],
        )
        new = rows[is_cold] - n_items
        found.factors[is_cold] = cold[new]
        found.scale[is_cold] = 1.0
        found.known[is_cold] = cold[new].any(axis=1)
        return found

    def _affinity(self, users: Floats, candidates: _Candidates, queries: QueryBatch) -> Floats:
        """Shape (N,), unbounded; NaN where the user or the track is unknown."""
        known = candidates.known & (users.max(axis=1) > 0)[queries.query_of_candidate]
        affinity = products(candidates.factors, users, queries.offsets)
        return np.where(known, affinity * candidates.scale, np.float32(np.nan))

    def _raw_confidence(self, queries: QueryBatch, of_neighbours: Floats) -> Floats:
        """Shape (N,), in [0, 1]: by the user's history, the item's and the nearest users.

        Of a listener of fewer than ten plays, or of long ago, all of it counts in part.
        """
        of_user = user_part(np.diff(queries.history_offsets)) + of_neighbours
        rows = queries.candidate_rows
        inside = rows < len(self.interactions)
        of_item = np.where(inside, self._item_part[np.where(inside, rows, 0)], np.float32(0))
        query = queries.query_of_candidate
        raw: Floats = np.minimum(of_user[query] + of_item, np.float32(1))
        share = listener_share(queries) * recency_share(queries.idle_days)
        return raw * share[query]

    def _fold_in(
        self, queries: QueryBatch, *, with_evidence: Mask
    ) -> tuple[Floats, list[tuple[Matrix, Mask]]]:
        """Factors of each query's user; where wanted, what each play added to the free ones."""
        users = np.zeros((len(queries), self.item_factors.shape[1]), np.float32)
        parts: list[tuple[Matrix, Mask]] = []
        new = is_new_listener(queries)
        for query in range(len(queries)):
            rows, weights = queries.history(query)
            factors = self.item_factors[rows].astype(np.float64)  # (h, k)
            trust = self.weight_gain * weights.astype(np.float64)
            gram = self._gram + (factors.T * trust) @ factors
            pulls = factors * ((1.0 + trust) * self.item_targets[rows])[:, None]  # (h, k)
            if new[query]:  # each stated genre is one play, of the preference of any play
                stated = self.genres.plays(queries.genre_rows[query])
                pulls = np.concatenate([pulls, stated.astype(np.float64)])  # (h + g, k)
            user, free = solve_nonnegative(gram, pulls.sum(axis=0))
            users[query] = user
            of_play = np.zeros((0, len(pulls)))
            if with_evidence[query]:
                of_free = gram[np.ix_(free, free)]
                of_play = np.asarray(np.linalg.solve(of_free, pulls[:, free].T), np.float64)
            parts.append((of_play, free))
        return users, parts
