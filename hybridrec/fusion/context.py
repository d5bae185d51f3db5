"""What the meta-learner sees of candidates besides what the sources say."""

from dataclasses import dataclass

import numpy as np

from hybridrec.schema.names import Floats
from hybridrec.schema.records import N_AUDIO, AudioFeatures, QueryBatch

N_ITEM_CONTEXT = N_AUDIO + 2


@dataclass(frozen=True, slots=True, eq=False)
class ItemContext:
    """How much is known of the bundle's tracks: audio confidences, completeness, predicted flag.

    Attributes:
        predicted: shape (n_items, 10), with predicted audio in the gaps.
        measured: shape (n_items, 10), with the gaps left unknown.
    """

    predicted: Floats
    measured: Floats

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
        return cls(
            _context(audio, completeness), _context(AudioFeatures.measured(measured), completeness)
        )

    def of(self, queries: QueryBatch, cold_audio: AudioFeatures) -> Floats:
        """The context of each candidate.

        Returns:
            shape (N, 10).
        """
        rows, n_items = queries.candidate_rows, len(self.predicted)
        is_cold = rows >= n_items
        context = self.predicted.take(np.where(is_cold, 0, rows), axis=0)
        as_measured = ~is_cold & ~queries.use_audio_prediction[queries.query_of_candidate]
        context[as_measured] = self.measured[rows[as_measured]]
        # of a cold item the audio is already what its query allows
        cold = _context(cold_audio, queries.cold_items.completeness)
        context[is_cold] = cold[rows[is_cold] - n_items]
        return context


def _context(audio: AudioFeatures, completeness: Floats) -> Floats:
    """Shape (M, 10): audio confidences, completeness and predicted flag of M tracks."""
    return np.column_stack([audio.confidence, completeness, audio.predicted]).astype(np.float32)
