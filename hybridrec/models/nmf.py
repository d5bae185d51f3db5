"""Collaborative filtering by weighted non-negative matrix factorization, with fold-in.

Sources: Hu, Koren and Volinsky, "Collaborative filtering for implicit feedback datasets", ICDM
(2008), with the factors kept non-negative as in Lee and Seung, Nature 401 (1999).
"""

from dataclasses import dataclass, field

import numpy as np

from hybridrec.models.calibration import ConfidenceCalibrator, ScoreCalibrator
from hybridrec.models.confidence import item_part, listener_share, neighbour_part, user_part
from hybridrec.models.nnls import Matrix, solve_nonnegative
from hybridrec.models.products import products
from hybridrec.models.retrieval import best_rows, retrieved
from hybridrec.schema.names import Floats, Mask, Rows
from hybridrec.schema.records import QueryBatch
from hybridrec.schema.scores import Evidence, Retrieved, ScoreBatch

N_EVIDENCE = 3


@dataclass(frozen=True, slots=True, eq=False)
class NMFScorer:
    """Scores a candidate by the dot product of its factors and the user's.

    Every user is folded in from the history of the query, so the first play already counts.

    Attributes:
        item_factors: shape (n_items, k), at least 0.
        item_targets: shape (n_items,), above 0, the preference that one play stands for: smaller
            for popular tracks.
        item_scale: shape (n_items,), above 0, undoes that in the score.
        interactions: shape (n_items,), users who played each track in training; 0 is unknown.
        reference_users: shape (R, k), unit length, users of the training to be near to.
        weight_gain: what one unit of interaction weight adds to the weight 1 of a play.
        regularization: of the factors.
        calibrator: affinity to probability.
        confidence_calibrator: raw to calibrated confidence.
    """

    item_factors: Floats
    item_targets: Floats
    item_scale: Floats
    interactions: Rows
    reference_users: Floats
    weight_gain: float
    regularization: float
    calibrator: ScoreCalibrator
    confidence_calibrator: ConfidenceCalibrator
    name: str = field(default="cf", init=False)
    _gram: Matrix = field(init=False, repr=False)
    _item_part: Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        factors = self.item_factors.astype(np.float64)
        gram = factors.T @ factors + self.regularization * np.eye(factors.shape[1])
        object.__setattr__(self, "_gram", gram)
        object.__setattr__(self, "_item_part", item_part(self.interactions))

    def score(self, queries: QueryBatch) -> ScoreBatch:
        """Scores in (0, 1); NaN for a user with no history or a track that nobody played."""
        users, pulls = self._fold_in(queries, with_evidence=queries.want_evidence)
        affinity = self._affinity(users, queries)
        scores = self.calibrator.scores(affinity)
        return ScoreBatch(
            scorer=self.name,
            scores=scores,
            confidence=self.confidence_calibrator.known(
                self.raw_confidence(queries, users), ~np.isnan(scores)
            ),
            user_state=users,
            cold_embeddings=np.zeros((0, users.shape[1]), np.float32),
            evidence=self._evidence(queries, pulls) if queries.want_evidence.any() else None,
        )

    def retrieve(self, queries: QueryBatch) -> Retrieved:
        """The tracks of highest affinity for each query."""
        users, _ = self._fold_in(queries, with_evidence=np.zeros(len(queries), bool))
        parts = []
        for query, user in enumerate(users):
            affinity = (self.item_factors @ user) * self.item_scale
            affinity[self.interactions == 0] = np.nan
            if not user.any():
                affinity[:] = np.nan
            parts.append(best_rows(affinity, queries.n_retrieve[query], queries.excluded(query)))
        return retrieved(parts)

    def _affinity(self, users: Floats, queries: QueryBatch) -> Floats:
        """Shape (N,), unbounded; NaN where the user or the track is unknown."""
        rows, is_known = queries.candidate_rows, users.max(axis=1) > 0
        inside = rows < len(self.item_factors)
        items = np.where(inside, rows, 0)
        known = inside & is_known[queries.query_of_candidate] & (self.interactions[items] > 0)
        affinity = products(self.item_factors.take(items, axis=0), users, queries.offsets)
        return np.where(known, affinity * self.item_scale[items], np.float32(np.nan))

    def raw_confidence(self, queries: QueryBatch, users: Floats) -> Floats:
        """Shape (N,), in [0, 1]: by the user's history, the item's and the nearest users.

        Of a listener of fewer than ten plays, all of it counts in part.
        """
        of_user = user_part(np.diff(queries.history_offsets))
        of_user = of_user + neighbour_part(users, self.reference_users)
        rows = queries.candidate_rows
        inside = rows < len(self.interactions)
        of_item = np.where(inside, self._item_part[np.where(inside, rows, 0)], np.float32(0))
        query = queries.query_of_candidate
        raw: Floats = np.minimum(of_user[query] + of_item, np.float32(1))
        return raw * listener_share(queries)[query]

    def _fold_in(
        self, queries: QueryBatch, *, with_evidence: Mask
    ) -> tuple[Floats, list[tuple[Matrix, Mask]]]:
        """Factors of each query's user; where wanted, what each play added to the free ones."""
        users = np.zeros((len(queries), self.item_factors.shape[1]), np.float32)
        parts: list[tuple[Matrix, Mask]] = []
        for query in range(len(queries)):
            rows, weights = queries.history(query)
            factors = self.item_factors[rows].astype(np.float64)  # (h, k)
            trust = self.weight_gain * weights.astype(np.float64)
            gram = self._gram + (factors.T * trust) @ factors
            pulls = factors * ((1.0 + trust) * self.item_targets[rows])[:, None]  # (h, k)
            user, free = solve_nonnegative(gram, pulls.sum(axis=0))
            users[query] = user
            of_play = np.zeros((0, len(rows)))
            if with_evidence[query]:
                of_free = gram[np.ix_(free, free)]
                of_play = np.asarray(np.linalg.solve(of_free, pulls[:, free].T), np.float64)
            parts.append((of_play, free))
        return users, parts

    def _evidence(self, queries: QueryBatch, parts: list[tuple[Matrix, Mask]]) -> Evidence:
        """The plays of the history that make each candidate's affinity, exactly taken apart."""
        rows = np.full((len(queries.candidate_rows), N_EVIDENCE), -1, np.int32)
        shares = np.zeros(rows.shape, np.float32)
        inside = queries.candidate_rows < len(self.item_factors)
        for query, (pulls, free) in enumerate(parts):
            history, _ = queries.history(query)
            part = queries.part(query)
            places = np.arange(part.start, part.stop)[inside[part]]
            if not len(history) or not queries.want_evidence[query]:
                continue
            items = self.item_factors[queries.candidate_rows[places]][:, free]
            by_play = np.maximum(np.einsum("nf,fh->nh", items, pulls), 0.0)
            width = min(N_EVIDENCE, len(history))
            best = np.argsort(-by_play, axis=1, kind="stable")[:, :width]
            strength = np.take_along_axis(by_play, best, axis=1)
            total = np.maximum(by_play.sum(axis=1, keepdims=True), 1e-12)
            rows[places, :width] = np.where(strength > 0, history[best], -1)
            shares[places, :width] = strength / total
        return Evidence(rows, shares)
