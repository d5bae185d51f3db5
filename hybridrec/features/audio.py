"""Audio features as model inputs: scaling, gaps, and the choice of measured or predicted."""

import numpy as np

from hybridrec.schema.names import AUDIO_FEATURES, Floats
from hybridrec.schema.records import AudioFeatures

TEMPO_SCALE = 200.0
"""Beats a minute that count as 1, so that all eight inputs are about [0, 1]."""

SCALE: Floats = np.array(
    [TEMPO_SCALE if name == "tempo" else 1.0 for name in AUDIO_FEATURES], np.float32
)
LOW: Floats = np.array([30.0 if name == "tempo" else 0.0 for name in AUDIO_FEATURES], np.float32)
HIGH: Floats = np.array([250.0 if name == "tempo" else 1.0 for name in AUDIO_FEATURES], np.float32)
"""Range of each feature; predictions are kept inside."""


def measured_first(measured: Floats, predicted: AudioFeatures) -> AudioFeatures:
    """Measured values where there are any, predictions in the gaps.

    Args:
        measured: shape (M, 8), NaN where not measured.
        predicted: of the same M tracks.
    """
    known = ~np.isnan(measured)
    return AudioFeatures(
        values=np.where(known, measured, predicted.values),
        low=np.where(known, measured, predicted.low),
        high=np.where(known, measured, predicted.high),
        confidence=np.where(known, np.float32(1), predicted.confidence),
        predicted=(~known & ~np.isnan(predicted.values)).max(axis=1),
    )


def tower_audio(audio: AudioFeatures) -> tuple[Floats, Floats]:
    """Scaled values with 0 in the gaps, and confidences, as the item tower takes them.

    Returns:
        two arrays of shape (M, 8).
    """
    values = np.nan_to_num(audio.values / SCALE, nan=0.0).astype(np.float32)
    return values, audio.confidence.astype(np.float32)
