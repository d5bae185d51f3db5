"""Content scores by two towers: one of the user, one of the item.

Source: Yi et al., "Sampling-bias-corrected neural modeling for large corpus item recommendations",
RecSys (2019).
"""

from dataclasses import dataclass, field

import numpy as np

from hybridrec.features.item import tower_inputs
from hybridrec.features.session_scaler import SessionScaler
from hybridrec.features.user import history_pool, is_known
from hybridrec.models.calibration import ConfidenceCalibrator, ScoreCalibrator
from hybridrec.models.confidence import content_part, listener_share
from hybridrec.models.content_evidence import Uncritical, content_evidence
from hybridrec.models.familiarity import Familiarity
from hybridrec.models.groups import confidence_groups
from hybridrec.models.onnx import OnnxNetwork
from hybridrec.models.preference_evidence import preference_evidence
from hybridrec.models.products import products
from hybridrec.models.retrieval import best_rows, retrieved
from hybridrec.models.signals import content_signals
from hybridrec.schema.names import Floats, Rows
from hybridrec.schema.records import AudioFeatures, ItemFeatures, QueryBatch
from hybridrec.schema.scores import Retrieved, ScoreBatch
from hybridrec.vocabulary import N_RESERVED, OUT_OF_VOCABULARY

USER_INPUTS = (
    "user_rows",
    "history_pool",
    "genre_rows",
    "mood_rows",
    "session",
    "session_known",
)
ITEM_INPUTS = (
    "tokens",
    "artist_rows",
    "genre_rows",
    "mood_rows",
    "tag_rows",
    "audio",
    "audio_confidence",
    "ratings",
    "ratings_known",
)


@dataclass(frozen=True, slots=True, eq=False)
class ItemSide:
    """What the towers know of the bundle's tracks, computed once per bundle.

    Attributes:
        embeddings: shape (n_items, d), of length 1, or less where nothing is written of a track.
        confidence: shape (n_items,), raw content confidence of an item, in [0, 0.9].
    """

    embeddings: Floats
    confidence: Floats


@dataclass(frozen=True, slots=True, eq=False)
class TwoTowerScorer:
    """Scores a candidate by the product of its embedding and the user's.

    Attributes:
        user_tower: network of the user's side.
        item_tower: network of the item's side, run live for cold items.
        items: the bundle's tracks with predicted audio in the gaps.
        measured_items: the same with the gaps left unknown.
        interactions: shape (n_items,), users who played each track in training.
        familiarity: how far a track lies from those that training knew.
        uncritical: tracks that critics may acclaim, without what critics say of them.
        reference_tracks: shape (T,), tracks that percentiles are taken among.
        sessions: scales session features.
        calibrator: affinity to probability.
        confidence_calibrator: raw to calibrated confidence.
    """

    user_tower: OnnxNetwork
    item_tower: OnnxNetwork
    items: ItemSide
    measured_items: ItemSide
    interactions: Rows
    familiarity: Familiarity
    uncritical: Uncritical
    reference_tracks: Rows
    sessions: SessionScaler
    calibrator: ScoreCalibrator
    confidence_calibrator: ConfidenceCalibrator
    name: str = field(default="content", init=False)

    @property
    def providers(self) -> list[str]:
        """Where the user tower runs."""
        return self.user_tower.providers

    def score(self, queries: QueryBatch, cold_audio: AudioFeatures) -> ScoreBatch:
        """Scores in (0, 1); NaN for a listener of whom nothing is known.

        Args:
            queries: the batch.
            cold_audio: audio of the batch's cold items.
        """
        users = self.embed_users(queries)
        cold = self.embed_items(queries.cold_items, cold_audio)
        embeddings, of_item = self._candidates(queries, cold, cold_audio)
        raw_confidence = of_item * listener_share(queries)[queries.query_of_candidate]
        affinity = products(embeddings, users, queries.offsets)
        scores = self.calibrator.scores(affinity)
        return ScoreBatch(
            scorer=self.name,
            scores=scores,
            confidence=self.confidence_calibrator.known(
                raw_confidence, confidence_groups(queries, self.interactions), ~np.isnan(scores)
            ),
            signals=content_signals(
                queries,
                users,
                affinity,
                self.items.embeddings,
                self.measured_items.embeddings,
                self.reference_tracks,
            ),
            user_state=users,
            content_evidence=content_evidence(self, queries, users, affinity, cold_audio)
            if queries.want_evidence.any()
            else None,
            preferences=preference_evidence(self.embed_users, queries, embeddings, affinity)
            if queries.want_evidence.any()
            else None,
        )

    def retrieve(self, queries: QueryBatch) -> Retrieved:
        """The tracks of highest affinity for each query."""
        parts = []
        for query, user in enumerate(self.embed_users(queries)):
            uses_prediction = queries.use_audio_prediction[query]
            items = self.items if uses_prediction else self.measured_items
            affinity = items.embeddings @ user
            parts.append(best_rows(affinity, queries.n_retrieve[query], queries.excluded(query)))
        return retrieved(parts)

    def embed_users(self, queries: QueryBatch) -> Floats:
        """Shape (B, d), of length 1 at most; NaN for a listener of whom nothing is known."""
        session, session_known = self.sessions.transform(queries.session)
        pools = [
            history_pool(self.items.embeddings, *queries.history(query))
            for query in range(len(queries))
        ]
        (users,) = self.user_tower.run(
            {
                "user_rows": tower_user_rows(queries.user_rows),
                "history_pool": np.stack(pools),
                "genre_rows": queries.genre_rows,
                "mood_rows": queries.mood_rows,
                "session": session,
                "session_known": session_known,
            }
        )
        return np.where(is_known(queries)[:, None], users, np.float32(np.nan))

    def embed_items(self, items: ItemFeatures, audio: AudioFeatures) -> Floats:
        """Shape (C, d), of length 1, or less where nothing is written of a track."""
        if not len(items):
            return np.zeros((0, self.items.embeddings.shape[1]), np.float32)
        (embeddings,) = self.item_tower.run(tower_inputs(items, audio))
        return embeddings

    def _candidates(
        self, queries: QueryBatch, cold: Floats, cold_audio: AudioFeatures
    ) -> tuple[Floats, Floats]:
        """Embedding of each candidate, and what is known of it: raw confidence."""
        rows, n_items = queries.candidate_rows, len(self.items.embeddings)
        is_cold = rows >= n_items
        inside = np.where(is_cold, 0, rows)
        embeddings = self.items.embeddings.take(inside, axis=0)
        confidence = self.items.confidence[inside]
        predicts = queries.use_audio_prediction[queries.query_of_candidate]
        of_cold = content_part(cold_audio, queries.cold_items.completeness)
        cold_side = ItemSide(cold, of_cold * self.familiarity.share(cold))
        for mask, side, first in (
            (~is_cold & ~predicts, self.measured_items, 0),
            (is_cold, cold_side, n_items),
        ):
            chosen = rows[mask] - first
            embeddings[mask], confidence[mask] = side.embeddings[chosen], side.confidence[chosen]
        return embeddings, confidence


def tower_user_rows(user_rows: Rows) -> Rows:
    """Rows of the user embedding table: 1 for an unknown user."""
    return np.where(user_rows >= 0, user_rows + N_RESERVED, OUT_OF_VOCABULARY).astype(np.int32)
