"""Fits the audio predictor, and makes its intervals honest on artists that it never saw."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from hybridrec.evaluation.trained import AudioCheck, Curve
from hybridrec.features.audio import SCALE
from hybridrec.features.leakage import intrinsic_inputs
from hybridrec.models.audio import OUTPUTS, AudioPredictor
from hybridrec.schema.names import Mask, Rows
from hybridrec.schema.records import N_AUDIO, ItemFeatures
from hybridrec.training.audio_checks import checks_of
from hybridrec.training.audio_intervals import LEVEL, Intervals
from hybridrec.training.audio_levels import (
    asked_by_samples,
    asked_by_tracks,
    set_levels,
)
from hybridrec.training.audio_network import AudioNetwork, Member
from hybridrec.training.audio_samples import N_BINS, AudioSamples, audio_samples, known_somewhere
from hybridrec.training.config import AudioConfig
from hybridrec.training.export import export
from hybridrec.training.loop import Batch, Report, minimise, shuffled
from hybridrec.training.networks import VocabularySizes
from hybridrec.vocabulary import OUT_OF_VOCABULARY

CURVE = "audio predictor"


@dataclass(frozen=True, slots=True, eq=False)
class FittedAudio:
    """A predictor, and what is known of it.

    Attributes:
        predictor: for serving.
        checks: on tracks of the artists held out. The level of each one's intervals was set by the
            other half of these artists for the check, by all of them for serving.
        curves: mean loss of each pass, of every network that answers.
    """

    predictor: AudioPredictor
    checks: tuple[AudioCheck, ...]
    curves: tuple[Curve, ...]


def fit_audio_predictor(
    items: ItemFeatures,
    sizes: VocabularySizes,
    config: AudioConfig,
    rng: np.random.Generator,
    report: Report,
) -> FittedAudio | None:
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
    artists = _apart(items.artist_rows[measured], sizes.artists)
    held_out = _some_artists(artists, config.calibration_share, rng)
    fit = items.take(measured[~held_out])
    samples = audio_samples(fit, artists[~held_out], (config.n_name_rows, sizes.artists))
    fitted = [
        _member(samples, sizes, config, rng, _part(report, place, config.n_members))
        for place in range(config.n_members)
    ]
    network = AudioNetwork(
        samples.effects,
        samples.inputs,
        [member for member, _ in fitted],
        (samples.mean, samples.deviation),
        Intervals(samples.edges, sizes.genres),
    )
    judged = items.take(measured[held_out])
    learnt = asked_by_samples(network.eval(), samples)
    asked = asked_by_tracks(network, judged)
    (beside,) = rng.spawn(1)  # its own, so that a check changes nothing of what is fitted
    checks = checks_of(network, learnt, asked, judged, artists[held_out], beside)
    set_levels(network, learnt, asked)
    example = intrinsic_inputs(items.take(measured[:2]))
    scaled = known_somewhere(fit.audio / SCALE)
    ends = np.nanquantile(scaled, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return FittedAudio(
        predictor=AudioPredictor(
            network=export(network, "audio_predictor.onnx", example, OUTPUTS),
            marginal_width=np.maximum(ends[1] - ends[0], 1e-3).astype(np.float32),
        ),
        checks=checks,
        curves=tuple(
            Curve(network=_name(place, config.n_members), losses=tuple(losses))
            for place, (_, losses) in enumerate(fitted)
        ),
    )


def _name(place: int, n_members: int) -> str:
    """What a member's curve is called."""
    return CURVE if n_members == 1 else f"{CURVE} {place + 1}"


def _member(
    samples: AudioSamples,
    sizes: VocabularySizes,
    config: AudioConfig,
    rng: np.random.Generator,
    report: Report,
) -> tuple[Member, list[float]]:
    """One of the networks, and its mean loss of each pass."""
    n_inputs = samples.of_known.shape[1]
    member = Member(n_inputs, sizes, config.hidden_size, config.dropout, N_BINS)
    optimiser = torch.optim.AdamW(
        member.parameters(), config.learning_rate, weight_decay=config.weight_decay
    )
    n_epochs = _epochs(len(samples), config)
    epochs, n_steps = shuffled(len(samples), config.batch_size, n_epochs, rng)

    def loss_of(batch: Batch) -> Tensor:
        return _loss(member, samples, batch, config, rng)

    return member, minimise(member, loss_of, epochs, optimiser, n_steps, report)


def _part(report: Report, place: int, n_parts: int) -> Report:
    """Reports of one of several parts of the work."""
    return lambda done: report((place + done) / n_parts)


def _epochs(n: int, config: AudioConfig) -> int:
    """Passes over the samples that make about so many steps."""
    return int(np.clip(config.n_steps * config.batch_size / n, 1, config.max_epochs))


def _loss(
    member: Member,
    samples: AudioSamples,
    batch: Batch,
    config: AudioConfig,
    rng: np.random.Generator,
) -> Tensor:
    new = torch.from_numpy(rng.random((len(batch), 1)) < config.new_artist_share)
    inputs = torch.where(new, samples.of_strangers[batch], samples.of_known[batch])
    expected, logits = member(inputs, [rows[batch] for rows in samples.terms])
    error = (expected - samples.targets[batch]) ** 2
    missed = functional.cross_entropy(
        logits.flatten(0, 1), samples.bins[batch].flatten(), reduction="none"
    ).view(-1, N_AUDIO)
    loss: Tensor = (error + config.interval_weight * missed)[~samples.truth[batch].isnan()].mean()
    return loss


def _apart(artists: Rows, n_artists: int) -> Rows:
    """Whose each track is: an unknown artist is another each time, and so are all if one alone."""
    alone = n_artists + np.arange(len(artists), dtype=np.int32)
    groups = np.where(artists > OUT_OF_VOCABULARY, artists, alone)
    return alone if (groups == groups[0]).all() else groups


def _some_artists(artists: Rows, share: float, rng: np.random.Generator) -> Mask:
    """Which tracks belong to a share of the artists."""
    names = np.unique(artists)
    chosen = rng.choice(names, size=max(1, round(share * len(names))), replace=False)
    held_out: Mask = np.isin(artists, chosen)
    return held_out
