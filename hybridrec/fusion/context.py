"""What the meta-learner sees of candidates besides their scores."""

from dataclasses import dataclass, field

import numpy as np

from hybridrec.models.calibration import ScoreCalibrator
from hybridrec.models.products import products
from hybridrec.schema.names import Floats, Rows
from hybridrec.schema.records import N_AUDIO, AudioFeatures, QueryBatch
from hybridrec.schema.scores import ScoreBatch

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
    _lengths: Floats = field(init=False, repr=False)
    _reference: Floats = field(init=False, repr=False)
    _reference_scale: Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_lengths", _lengths(self.states))
        object.__setattr__(self, "_reference", self.states[self.reference_rows])
        object.__setattr__(self, "_reference_scale", self.scale[self.reference_rows])

    def of(self, queries: QueryBatch, said: ScoreBatch) -> tuple[Floats, Floats]:
        """Percentile of each score among the reference tracks, and cosine of user and item.

        Returns:
            two arrays of shape (N,), 0 where the score is unknown.
        """
        unknown = np.isnan(said.scores)
        percentile = np.zeros(len(unknown), np.float32)
        if unknown.all() or not said.user_state.size:
            return percentile, percentile
        for query, user in enumerate(said.user_state):
            part = queries.part(query)
            raw = np.einsum("rd,d->r", self._reference, user) * self._reference_scale
            ranked = np.sort(self.calibrator.scores(raw))
            below = np.searchsorted(ranked, said.scores[part], side="right")
            percentile[part] = below / max(len(ranked), 1)
        items, lengths = self._items(queries.candidate_rows, said.cold_embeddings)
        lengths = lengths * _lengths(said.user_state)[queries.query_of_candidate]
        cosine = products(items, said.user_state, queries.offsets) / np.maximum(lengths, 1e-12)
        nothing = np.float32(0)
        return np.where(unknown, nothing, percentile), np.where(unknown, nothing, cosine)

    def _items(self, rows: Rows, cold_embeddings: Floats) -> tuple[Floats, Floats]:
        """States and lengths of candidates; of a cold one that the source does not know, any."""
        cold = rows >= len(self.states)
        inside = np.where(cold, 0, rows)
        states, lengths = self.states.take(inside, axis=0), self._lengths[inside]
        if len(cold_embeddings):
            states[cold] = cold_embeddings[rows[cold] - len(self.states)]
            lengths[cold] = _lengths(states[cold])
        return states, lengths


def _lengths(states: Floats) -> Floats:
    """Shape (n,), the Euclidean length of each of n states."""
    lengths: Floats = np.sqrt(np.einsum("nd,nd->n", states, states))
    return lengths
