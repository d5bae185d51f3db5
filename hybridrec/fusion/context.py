"""What the meta-learner sees of candidates besides their scores."""

from dataclasses import dataclass

import numpy as np

from hybridrec.models.calibration import ScoreCalibrator
from hybridrec.schema.names import Floats, Mask, Rows
from hybridrec.schema.records import N_AUDIO, AudioFeatures, QueryBatch, ScoreBatch

N_ITEM_CONTEXT = N_AUDIO + 2


@dataclass(frozen=True, slots=True, eq=False)
class ItemContext:
    """How much is known of the bundle's tracks.

    Attributes:
        audio_confidence: shape (n_items, 8), with predicted audio in the gaps.
        measured: shape (n_items, 8), whether each value was measured.
        predicted: shape (n_items,), whether any value was predicted.
        completeness: shape (n_items,), share of the metadata that is there.
    """

    audio_confidence: Floats
    measured: Mask
    predicted: Mask
    completeness: Floats

    @classmethod
    def of_items(
        cls, measured: Floats, audio: AudioFeatures, completeness: Floats
    ) -> "ItemContext":
        """The context of tracks.

        Args:
            measured: shape (n_items, 8), NaN where not measured.
            audio: of the same tracks, predicted in the gaps.
            completeness: shape (n_items,).
        """
        return cls(audio.confidence, ~np.isnan(measured), audio.predicted, completeness)

    def of(self, queries: QueryBatch, cold_audio: AudioFeatures) -> Floats:
        """Audio confidences, completeness and predicted flag of each candidate.

        Returns:
            shape (N, 10).
        """
        rows, n_items = queries.candidate_rows, len(self.predicted)
        context = np.empty((len(rows), N_ITEM_CONTEXT), np.float32)
        cold = rows >= n_items
        known, new = rows[~cold], rows[cold] - n_items
        uses = queries.use_audio_prediction[queries.query_of_candidate[~cold]]
        context[~cold, :N_AUDIO] = np.where(
            uses[:, None], self.audio_confidence[known], self.measured[known]
        )
        context[~cold, N_AUDIO] = self.completeness[known]
        context[~cold, N_AUDIO + 1] = self.predicted[known] & uses
        # of a cold item the audio is already what its query allows
        context[cold, :N_AUDIO] = cold_audio.confidence[new]
        context[cold, N_AUDIO] = queries.cold_items.completeness[new]
        context[cold, N_AUDIO + 1] = cold_audio.predicted[new]
        return context


@dataclass(frozen=True, slots=True, eq=False)
class SourceContext:
    """One source's item states, to set a candidate's score beside fixed reference tracks.

    Attributes:
        states: shape (n_items, d), item factors or embeddings.
        scale: shape (n_items,), by which the dot product with the user's state is multiplied.
        reference_rows: shape (R,), the tracks that percentiles are taken among.
        calibrator: of the source.
    """

    states: Floats
    scale: Floats
    reference_rows: Rows
    calibrator: ScoreCalibrator

    def of(self, queries: QueryBatch, said: ScoreBatch) -> tuple[Floats, Floats]:
        """Percentile of each score among the reference tracks, and cosine of user and item.

        Returns:
            two arrays of shape (N,), 0 where the score is unknown.
        """
        percentile = np.zeros(len(said.scores), np.float32)
        agreement = np.zeros(len(said.scores), np.float32)
        if not said.user_state.size:
            return percentile, agreement
        reference = self.states[self.reference_rows]  # (R, d)
        for query, user in enumerate(said.user_state):
            part = slice(queries.offsets[query], queries.offsets[query + 1])
            known = ~np.isnan(said.scores[part])
            if not known.any():
                continue
            places = np.arange(part.start, part.stop)[known]
            raw = np.einsum("rd,d->r", reference, user) * self.scale[self.reference_rows]
            ranked = np.sort(self.calibrator.scores(raw))
            below = np.searchsorted(ranked, said.scores[places], side="right")
            percentile[places] = below / len(ranked)
            items = self._states(queries.candidate_rows[places], said.cold_embeddings)
            length = np.sqrt(np.einsum("nd,nd->n", items, items) * np.einsum("d,d->", user, user))
            agreement[places] = np.einsum("nd,d->n", items, user) / np.maximum(length, 1e-12)
        return percentile, agreement

    def _states(self, rows: Rows, cold_embeddings: Floats) -> Floats:
        """The states of candidates, of which those beyond the bundle's are cold."""
        cold = rows >= len(self.states)
        states: Floats = self.states[np.where(cold, 0, rows)]
        states[cold] = cold_embeddings[rows[cold] - len(self.states)]
        return states
