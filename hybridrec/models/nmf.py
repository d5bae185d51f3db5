"""Collaborative filtering: co-listening, and non-negative factors of plays smoothed by it.

``hybridrec.models.co_listening`` and ``hybridrec.models.factors`` name the sources.
"""

from dataclasses import dataclass, field

import numpy as np

from hybridrec.models.calibration import ConfidenceCalibrator, ScoreCalibrator
from hybridrec.models.co_listening import CoListening
from hybridrec.models.confidence import collaborative_part
from hybridrec.models.factors import Factors
from hybridrec.models.genres import is_new_listener
from hybridrec.models.groups import confidence_groups
from hybridrec.models.listener import Listener
from hybridrec.models.nearest_users import nearest_users
from hybridrec.models.play_evidence import play_evidence
from hybridrec.models.retrieval import best_rows, retrieved
from hybridrec.models.signals import compressed, cosine, height, percentile
from hybridrec.schema.names import CF_SIGNALS, Floats, Mask, Rows
from hybridrec.schema.records import QueryBatch
from hybridrec.schema.scores import Retrieved, ScoreBatch
from hybridrec.vocabulary import PADDING


@dataclass(frozen=True, slots=True, eq=False)
class NMFScorer:
    """Scores a candidate by what the plays of the query say for it, by two ways together.

    Every user is taken in from the history of the query, so the first play already counts; of a
    new listener the stated genres do too.

    Attributes:
        co_listening: which tracks are listened to together.
        factors: of the tracks.
        factor_share: what the affinity by factors counts beside that by co-listening.
        weight_gain: in [0, 1], how many plays more a play of interaction weight 2 stands for.
        interactions: shape (n_items,), users who played each track in training; 0 is unknown.
        reference_users: shape (R, k), unit length, users of the training to be near to.
        reference_rows: shape (R,), who they are.
        reference_tracks: shape (T,), tracks that percentiles are taken among.
        calibrator: compressed affinity to probability.
        confidence_calibrator: raw to calibrated confidence.
    """

    co_listening: CoListening
    factors: Factors
    factor_share: float
    weight_gain: float
    interactions: Rows
    reference_users: Floats
    reference_rows: Rows
    reference_tracks: Rows
    calibrator: ScoreCalibrator
    confidence_calibrator: ConfidenceCalibrator
    name: str = field(default="cf", init=False)
    _is_known: Mask = field(init=False, repr=False)

    def __post_init__(self) -> None:
        told = (self.interactions > 0) | self.factors.by_genre | self.co_listening.is_spoken_for
        object.__setattr__(self, "_is_known", told)

    def score(self, queries: QueryBatch) -> ScoreBatch:
        """Scores in (0, 1); NaN for a user or a track of whom nothing tells."""
        states, known = self._candidates(queries)
        raw = np.full(len(known), np.nan, np.float32)
        signals = np.zeros((len(known), len(CF_SIGNALS)), np.float32)
        users = np.zeros((len(queries), states.shape[1]), np.float32)
        added: list[Floats | None] = []
        for query, wanted in enumerate(queries.want_evidence.tolist()):
            listener, part = self.listener(queries, query), queries.part(query)
            rows, items = queries.candidate_rows[part], states[part]
            users[query] = listener.folded.state
            if listener.is_known:
                raw[part], signals[part] = self._said(listener, rows, items)
            of_known = known[part, None]
            added.append(self._added(listener, rows, items) * of_known if wanted else None)
        raw[~known], signals[~known] = np.nan, 0.0
        scores = self.calibrator.scores(raw)
        neighbours = nearest_users(
            users, queries.user_rows, self.reference_users, self.reference_rows
        )
        return ScoreBatch(
            scorer=self.name,
            scores=scores,
            confidence=self.confidence_calibrator.known(
                collaborative_part(queries, self.interactions, neighbours.similarity),
                confidence_groups(queries, self.interactions),
                ~np.isnan(scores),
            ),
            signals=signals,
            user_state=users,
            evidence=play_evidence(queries, added) if queries.want_evidence.any() else None,
            neighbours=neighbours if queries.want_evidence.any() else None,
        )

    def retrieve(self, queries: QueryBatch) -> Retrieved:
        """The tracks of highest affinity for each query."""
        parts = []
        for query in range(len(queries)):
            listener = self.listener(queries, query)
            affinity = self._sum(listener.co_listened, self.factors.items @ listener.folded.state)
            affinity[~self._is_known | (not listener.is_known)] = np.nan
            parts.append(best_rows(affinity, queries.n_retrieve[query], queries.excluded(query)))
        return retrieved(parts)

    def amounts(self, weights: Floats) -> Floats:
        """How many plays of weight 1 plays of some interaction weights stand for."""
        return np.float32(1) + np.float32(self.weight_gain) * (weights - np.float32(1))

    def _candidates(self, queries: QueryBatch) -> tuple[Floats, Mask]:
        """Factors of all candidates, and whether plays, genres or the like tell of them."""
        rows, n_items = queries.candidate_rows, len(self.interactions)
        is_cold = rows >= n_items
        inside = np.where(is_cold, 0, rows)
        states, known = self.factors.items.take(inside, axis=0), self._is_known[inside]
        cold = self.factors.genres.tracks(queries.cold_items.genre_rows)  # (C, k)
        states[is_cold] = cold[rows[is_cold] - n_items]
        known[is_cold] = states[is_cold].any(axis=1)
        return states, known

    def listener(self, queries: QueryBatch, query: int) -> Listener:
        """What the plays of one query tell."""
        history, weights = queries.history(query)
        amounts = self.amounts(weights)
        is_new = is_new_listener(queries)[query]
        genres = np.where(is_new, queries.genre_rows[query], PADDING)
        return Listener(
            history=history,
            amounts=amounts,
            co_listened=self.co_listening.affinity(history, amounts),
            folded=self.factors.fold_in(history, amounts, genres),
        )

    def _said(self, listener: Listener, rows: Rows, items: Floats) -> tuple[Floats, Floats]:
        """Compressed affinities and signals of one listener's candidates."""
        is_cold = rows >= len(self.interactions)
        inside = np.where(is_cold, 0, rows)
        by_plays, by_factors = self._parts(listener, rows, items)
        everything = np.arange(len(self.interactions), dtype=np.int32)
        all_by_plays, all_by_factors = self._parts(listener, everything, self.factors.items)
        every = self._sum(all_by_plays, all_by_factors)
        affinity, state = self._sum(by_plays, by_factors), listener.folded.state
        by_one = self.co_listening.strongest(listener.history, listener.amounts)
        strongest = np.where(is_cold, np.float32(0), by_one[inside]) * listener.scale
        factors = compressed(by_factors)
        columns = {
            "co_listening": compressed(by_plays),
            "factors": factors,
            "strongest": compressed(strongest),
            "above": compressed(affinity) - compressed(height(every, listener.history)),
            "factors_above": factors - compressed(height(all_by_factors, listener.history)),
            "percentile": percentile(affinity, every[self.reference_tracks]),
            "agreement": cosine(by_factors / listener.scale, items, state),
        }
        return compressed(affinity), np.stack([columns[name] for name in CF_SIGNALS], axis=1)

    def _parts(self, listener: Listener, rows: Rows, items: Floats) -> tuple[Floats, Floats]:
        """Affinity by co-listening and by factors, row by row, so that none depends on others."""
        is_cold = rows >= len(self.interactions)
        by_plays = listener.co_listened[np.where(is_cold, 0, rows)]
        by_plays[is_cold] = 0.0
        by_factors = np.einsum("nk,k->n", items, listener.folded.state)
        return by_plays * listener.scale, by_factors * listener.scale

    def _sum(self, by_plays: Floats, by_factors: Floats) -> Floats:
        return by_plays + np.float32(self.factor_share) * by_factors

    def _added(self, listener: Listener, rows: Rows, items: Floats) -> Floats:
        """What each play, and then each stated genre, adds to each affinity; shape (n, h + g)."""
        added = np.float32(self.factor_share) * self.factors.of_pulls(listener.folded, items)
        history, amounts = listener.history, listener.amounts
        added[:, : len(history)] += self.co_listening.of_plays(history, amounts, rows)
        return added
