"""Fits the audio predictor, and makes its intervals honest on artists that it never saw."""

import numpy as np
import torch
from torch import Tensor

from hybridrec.features.audio import SCALE
from hybridrec.features.leakage import intrinsic_inputs
from hybridrec.models.audio import OUTPUTS, AudioPredictor
from hybridrec.schema.names import Floats, Mask, Rows
from hybridrec.schema.records import ItemFeatures
from hybridrec.training.config import AudioConfig
from hybridrec.training.export import export
from hybridrec.training.loop import Batch, Report, minimise, shuffled
from hybridrec.training.networks import AudioNetwork, VocabularySizes
from hybridrec.vocabulary import OUT_OF_VOCABULARY

LEVEL = 0.9
"""Share of tracks whose value lies inside the interval."""
ANYWHERE = 10.0
"""Margin, scaled, of a feature that no held-out track has: its interval is the whole range."""


def fit_audio_predictor(
    items: ItemFeatures,
    sizes: VocabularySizes,
    config: AudioConfig,
    rng: np.random.Generator,
    report: Report,
) -> AudioPredictor | None:
    """A predictor, or None where too little audio was measured to learn from.

    Args:
        items: of the catalogue.
        sizes: of the vocabularies.
        config: hyperparameters.
        rng: draws batches and the artists held out for the intervals.
        report: is told the share of the work that is done.
    """
    measured = np.flatnonzero(~np.isnan(items.audio).all(axis=1)).astype(np.int32)
    if len(measured) < config.min_tracks:
        return None
    held_out = _some_artists(items.artist_rows[measured], config.calibration_share, rng)
    fit = measured[~held_out]
    network = _fit(items.take(fit), sizes, config, rng, report)
    exported = export(
        network, "audio_predictor.onnx", intrinsic_inputs(items.take(measured[:2])), OUTPUTS
    )
    judged = items.take(measured[held_out])
    _, low, high = exported.run(intrinsic_inputs(judged))
    truth = judged.audio / SCALE
    known = _known_somewhere(items.audio[fit] / SCALE)
    quantiles = np.nanquantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return AudioPredictor(
        network=exported,
        margin=_margin(truth, low, high),
        marginal_width=np.maximum(quantiles[1] - quantiles[0], 1e-3).astype(np.float32),
    )


def _fit(
    items: ItemFeatures,
    sizes: VocabularySizes,
    config: AudioConfig,
    rng: np.random.Generator,
    report: Report,
) -> AudioNetwork:
    network = AudioNetwork(sizes, config.text_size, config.hidden_size, config.dropout)
    truth = items.audio / SCALE
    with torch.no_grad():
        mean = np.nanmean(_known_somewhere(truth), axis=0)
        network.expected.bias.copy_(torch.from_numpy(mean))
    inputs = {name: torch.from_numpy(a) for name, a in intrinsic_inputs(items).items()}
    target = torch.from_numpy(np.nan_to_num(truth, nan=0.0))
    known = torch.from_numpy(~np.isnan(truth))

    def loss_of(batch: Batch) -> Tensor:
        feed = {name: tensor[batch] for name, tensor in inputs.items()}
        unknown = torch.from_numpy(rng.random(len(batch)) < config.term_dropout)
        feed["artist_rows"] = feed["artist_rows"].masked_fill(unknown, OUT_OF_VOCABULARY)
        expected, low, high = network(**feed)
        miss = target[batch]
        error = (expected - miss) ** 2
        pinball = _pinball(miss - low, (1 - LEVEL) / 2) + _pinball(miss - high, (1 + LEVEL) / 2)
        loss: Tensor = (error + config.interval_weight * pinball)[known[batch]].mean()
        return loss

    optimiser = torch.optim.AdamW(
        network.parameters(), config.learning_rate, weight_decay=config.weight_decay
    )
    epochs, n_steps = shuffled(len(items), config.batch_size, config.n_epochs, rng)
    minimise(network, loss_of, epochs, optimiser, n_steps, report)
    return network


def _pinball(error: Tensor, quantile: float) -> Tensor:
    return torch.maximum(quantile * error, (quantile - 1) * error)


def _known_somewhere(truth: Floats) -> Floats:
    """The values with 0 for a feature that was measured of no track."""
    return np.where(np.isnan(truth).all(axis=0), np.float32(0), truth)


def _margin(truth: Floats, low: Floats, high: Floats) -> Floats:
    """What widens the interval so that it covers its share of the held-out tracks; shape (8,)."""
    outside = np.maximum(low - truth, truth - high)  # (M, 8)
    n = (~np.isnan(outside)).sum(axis=0)
    levels = np.minimum(1.0, np.ceil((n + 1) * LEVEL) / np.maximum(n, 1))
    margins = [
        np.nanquantile(column, level, method="higher") if count else ANYWHERE
        for column, level, count in zip(outside.T, levels, n, strict=True)
    ]
    return np.array(margins, np.float32)


def _some_artists(artists: Rows, share: float, rng: np.random.Generator) -> Mask:
    """Which tracks belong to a share of the artists.

    Tracks of unknown artists count one by one, and so do all where there is a single artist.
    """
    alone = -np.arange(len(artists)) - 1
    groups = np.where(artists > OUT_OF_VOCABULARY, artists, alone)
    if (groups == groups[0]).all():
        groups = alone
    names = np.unique(groups)
    chosen = rng.choice(names, size=max(1, round(share * len(names))), replace=False)
    held_out: Mask = np.isin(groups, chosen)
    return held_out
