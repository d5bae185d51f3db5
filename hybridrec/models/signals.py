"""What a scorer tells the fusion of its candidates beside their scores."""

import numpy as np

from hybridrec.schema.names import CONTENT_SIGNALS, Floats
from hybridrec.schema.records import QueryBatch

GAIN = 100.0
"""Affinities far below its inverse are told apart as they are, those far above by the logarithm."""


def compressed(affinity: Floats) -> Floats:
    """Affinities of at least 0 on a scale from 0 to about 5, in their order; NaN stays NaN."""
    found: Floats = np.log1p(np.float32(GAIN) * affinity)
    return found


def percentile(affinity: Floats, reference: Floats) -> Floats:
    """The share of the reference tracks that each candidate is not below, in [0, 1].

    Args:
        affinity: shape (n,), of one listener to the candidates.
        reference: shape (R,), of the same listener to the reference tracks.
    """
    below = np.searchsorted(np.sort(reference), affinity, side="right")
    return (below / max(len(reference), 1)).astype(np.float32)


def cosine(product: Floats, items: Floats, user: Floats) -> Floats:
    """The cosine of one listener and each candidate; 0 where one has no length.

    Args:
        product: shape (n,), their dot products.
        items: shape (n, d), states of the candidates.
        user: shape (d,).
    """
    lengths = np.sqrt(np.einsum("nd,nd->n", items, items))
    both = lengths * np.sqrt(np.einsum("d,d->", user, user))
    found: Floats = product / np.maximum(both, np.float32(1e-12))
    return found


def content_signals(
    queries: QueryBatch, users: Floats, affinity: Floats, predicted: Floats, measured: Floats
) -> Floats:
    """Signals of the content scorer, whose affinity is the cosine of both embeddings.

    Args:
        queries: with candidates.
        users: shape (B, d), unit length, NaN for a listener of whom nothing is known.
        affinity: shape (N,).
        predicted: shape (T, d), reference tracks with predicted audio in the gaps.
        measured: shape (T, d), the same tracks as queries see them that want no prediction.

    Returns:
        shape (N, S), by the columns of ``CONTENT_SIGNALS``, 0 where nothing is known.
    """
    signals = np.zeros((len(affinity), len(CONTENT_SIGNALS)), np.float32)
    for query in np.flatnonzero(~np.isnan(users).any(axis=1)).tolist():
        part = queries.part(query)
        tracks = predicted if queries.use_audio_prediction[query] else measured
        reference = np.einsum("td,d->t", tracks, users[query])
        columns = {
            "percentile": percentile(affinity[part], reference),
            "agreement": affinity[part],
        }
        signals[part] = np.stack([columns[name] for name in CONTENT_SIGNALS], axis=1)
    return signals
