"""Checks an audio predictor on artists that it never saw, with levels set by others of them."""

import numpy as np
import torch

from hybridrec.evaluation.trained import AudioCheck, audio_checks
from hybridrec.features.audio import HIGH, LOW, SCALE
from hybridrec.features.leakage import intrinsic_inputs
from hybridrec.models.audio import ROWS_AT_ONCE
from hybridrec.schema.names import Floats, Rows
from hybridrec.schema.records import N_AUDIO, ItemFeatures
from hybridrec.training.audio_levels import Asked, set_levels
from hybridrec.training.audio_network import AudioNetwork


def checks_of(
    network: AudioNetwork,
    learnt: Asked,
    asked: Asked,
    judged: ItemFeatures,
    artists: Rows,
    rng: np.random.Generator,
) -> tuple[AudioCheck, ...]:
    """How well held-out tracks are predicted; none where they are all of one artist.

    Each half of the artists is checked with levels of the intervals that the other half set.
    """
    names = np.unique(artists)
    if len(names) <= 1:
        return ()
    is_first = np.isin(artists, rng.permutation(names)[: len(names) // 2])
    said = np.full((3, len(judged), N_AUDIO), np.nan, np.float32)
    for half in (is_first, ~is_first):
        others, rows = (np.flatnonzero(part).astype(np.int32) for part in (~half, half))
        set_levels(network, learnt, asked.take(others))
        said[:, rows] = _answers(network, judged.take(rows))
    values, low, high = np.clip(said * SCALE, LOW, HIGH)
    return audio_checks(judged.audio, values, (low, high), rng)


def _answers(network: AudioNetwork, items: ItemFeatures) -> Floats:
    """Expected values and both ends, scaled; shape (3, n, 8)."""
    parts = []
    with torch.no_grad():
        for start in range(0, len(items), ROWS_AT_ONCE):
            rows = np.arange(start, min(start + ROWS_AT_ONCE, len(items)), dtype=np.int32)
            inputs = intrinsic_inputs(items.take(rows)).items()
            answers = network(**{name: torch.from_numpy(array) for name, array in inputs})
            parts.append(torch.stack(answers).numpy())
    found: Floats = np.concatenate(parts, axis=1)
    return found
