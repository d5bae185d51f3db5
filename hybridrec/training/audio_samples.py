"""Measured tracks as samples of the audio predictor's network."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from hybridrec.features.audio import HIGH, LOW, SCALE
from hybridrec.features.leakage import intrinsic_inputs
from hybridrec.schema.names import NAME_WIDTHS, Floats, Rows
from hybridrec.schema.records import ItemFeatures
from hybridrec.training import audio_inputs, effects
from hybridrec.vocabulary import OUT_OF_VOCABULARY

N_BINS = 24
"""Of each feature's distribution, of as many tracks each as far as values differ."""


@dataclass(frozen=True, slots=True, eq=False)
class AudioSamples:
    """What the members of the predictor learn from.

    Attributes:
        effects: of the words of names and of artists.
        inputs: makes inputs of them.
        of_strangers: shape (n, n_inputs), inputs of each track as if its artist were new.
        of_known: shape (n, n_inputs), the same with the artist's other tracks.
        terms: genres, moods and tags of each track.
        mean, deviation: shape (8,), of the audio, scaled.
        edges: shape (8, N_BINS + 1), of the bins, scaled.
        targets: shape (n, 8), standardised audio, 0 where unknown.
        bins: shape (n, 8), in which bin each value lies.
        truth: shape (n, 8), scaled audio, NaN where unknown.
    """

    effects: audio_inputs.Effects
    inputs: audio_inputs.Inputs
    of_strangers: Tensor
    of_known: Tensor
    terms: tuple[Tensor, ...]
    mean: Floats
    deviation: Floats
    edges: Floats
    targets: Tensor
    bins: Tensor
    truth: Tensor

    def __len__(self) -> int:
        return len(self.targets)


def audio_samples(items: ItemFeatures, artists: Rows, n_rows: tuple[int, int]) -> AudioSamples:
    """Samples of some tracks.

    Args:
        items: tracks, each with some audio measured.
        artists: shape (n,), at least 0, whose they are, each unknown one by itself.
        n_rows: of each table of names, and of the vocabulary of artists.
    """
    truth = items.audio / SCALE
    known = ~np.isnan(truth)
    filled = known_somewhere(truth)
    mean, deviation = np.nanmean(filled, axis=0), np.nanstd(filled, axis=0)
    deviation = np.where(deviation > 0, deviation, 1).astype(np.float32)
    targets = np.where(known, (truth - mean) / deviation, 0).astype(np.float32)
    edges = _edges(truth)
    bins = [np.searchsorted(row[1:-1], column) for row, column in zip(edges, truth.T, strict=True)]
    tables, strangers, others = _effects(items, artists, n_rows, targets)
    inputs = {name: torch.from_numpy(a) for name, a in intrinsic_inputs(items).items()}
    numbers = inputs["numbers"], inputs["numbers_known"]
    network_inputs = audio_inputs.Inputs()
    pair = [network_inputs.plain(torch.from_numpy(sums), *numbers) for sums in (strangers, others)]
    network_inputs.standardise(torch.cat(pair))
    return AudioSamples(
        effects=tables,
        inputs=network_inputs,
        of_strangers=network_inputs.standard(pair[0]),
        of_known=network_inputs.standard(pair[1]),
        terms=(inputs["genre_rows"], inputs["mood_rows"], inputs["tag_rows"]),
        mean=mean.astype(np.float32),
        deviation=deviation,
        edges=edges,
        targets=torch.from_numpy(targets),
        bins=torch.from_numpy(np.stack(bins, axis=1)),
        truth=torch.from_numpy(truth),
    )


def known_somewhere(truth: Floats) -> Floats:
    """The values with 0 for a feature that was measured of no track."""
    return np.where(np.isnan(truth).all(axis=0), np.float32(0), truth)


def _effects(
    items: ItemFeatures, artists: Rows, n_rows: tuple[int, int], targets: Floats
) -> tuple[audio_inputs.Effects, Floats, Floats]:
    """Tables of effects, and their sums with and without each track's own artist."""
    n_name_rows, n_artists = n_rows
    ends = np.cumsum(NAME_WIDTHS)[:-1]
    names = audio_inputs.folded(torch.from_numpy(items.names), n_name_rows).numpy()
    fields = [(rows, n_name_rows) for rows in np.split(names, ends, axis=1)]
    known = np.where(items.artist_rows > OUT_OF_VOCABULARY, items.artist_rows, 0)
    found = [
        effects.effects_of(rows, n_terms, artists, targets)
        for rows, n_terms in (*fields, (known[:, None], n_artists))
    ]
    return (
        audio_inputs.Effects([one.table for one in found]),
        np.stack([one.of_strangers for one in found], axis=1),
        np.stack([one.of_known for one in found], axis=1),
    )


def _edges(truth: Floats) -> Floats:
    """Bins of as many tracks each, the outer ones up to the ends of the feature's range."""
    low, high = LOW / SCALE, HIGH / SCALE
    even = low + (high - low) * np.linspace(0, 1, N_BINS + 1)[:, None]
    unknown = np.isnan(truth).all(axis=0)
    cuts = np.nanquantile(np.where(unknown, 0, truth), np.linspace(0, 1, N_BINS + 1), axis=0)
    edges = np.where(unknown, even, np.clip(cuts, low, high))
    edges[0], edges[-1] = low, high
    return np.ascontiguousarray(edges.T, np.float32)
