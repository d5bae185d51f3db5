"""Audio features, with intervals, of tracks that lack measured ones.

Its network is made, and its intervals made honest, by ``hybridrec.training.audio``.
"""

from dataclasses import dataclass

import numpy as np

from hybridrec.features.audio import HIGH, LOW, SCALE, measured_first
from hybridrec.features.leakage import intrinsic_inputs
from hybridrec.models.onnx import OnnxNetwork
from hybridrec.schema.names import Floats, Mask
from hybridrec.schema.records import AudioFeatures, ItemFeatures

INPUTS = (
    "names",
    "artist_rows",
    "genre_rows",
    "mood_rows",
    "tag_rows",
    "numbers",
    "numbers_known",
)
OUTPUTS = ("expected", "low", "high")
ROWS_AT_ONCE = 4096
"""Tracks that the network is asked for together: of each it looks up some 90 kB."""


@dataclass(frozen=True, slots=True, eq=False)
class AudioPredictor:
    """Predicts the 8 audio features from what a track is, never from how it fared.

    Attributes:
        network: gives expected value and both ends of the 90 % interval, scaled.
        marginal_width: shape (8,), above 0, width of the interval that knows nothing of a track.
    """

    network: OnnxNetwork
    marginal_width: Floats

    @property
    def providers(self) -> list[str]:
        """Where the network runs."""
        return self.network.providers

    def predict(self, items: ItemFeatures) -> AudioFeatures:
        """Predictions for C tracks, all eight features of each, measured or not.

        Confidence is what the interval leaves out of the one that knows nothing of a track.
        """
        if not len(items):
            return AudioFeatures.measured(items.audio)
        starts = range(0, len(items), ROWS_AT_ONCE)
        rows = np.arange(len(items), dtype=np.int32)
        parts = [items.take(rows[start : start + ROWS_AT_ONCE]) for start in starts]
        answers = [self.network.run(intrinsic_inputs(part)) for part in parts]
        values, low, high = (np.concatenate(found) for found in zip(*answers, strict=True))
        width = np.maximum(high - low, 0.0)
        return AudioFeatures(
            values=np.clip(values * SCALE, LOW, HIGH),
            low=np.clip(np.minimum(low, values) * SCALE, LOW, HIGH),
            high=np.clip(np.maximum(high, values) * SCALE, LOW, HIGH),
            confidence=np.clip(1.0 - width / self.marginal_width, 0.0, 1.0).astype(np.float32),
            predicted=np.ones(len(items), bool),
        )

    def complete(self, items: ItemFeatures, wanted: Mask) -> AudioFeatures:
        """Measured audio of C tracks, with predictions in the gaps where they are wanted.

        Args:
            items: the tracks.
            wanted: shape (C,), whether a track's gaps are to be filled.
        """
        filled = measured_first(items.audio, self.predict(items))
        measured = AudioFeatures.measured(items.audio)
        return AudioFeatures(
            *(
                np.where(wanted if one.ndim == 1 else wanted[:, None], one, other)
                for one, other in zip(filled.arrays(), measured.arrays(), strict=True)
            )
        )
