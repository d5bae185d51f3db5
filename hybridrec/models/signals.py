"""What a scorer tells the fusion of its candidates beside their scores."""

import numpy as np

from hybridrec.schema.names import CONTENT_SIGNALS, Floats, Rows
from hybridrec.schema.records import QueryBatch

GAIN = 100.0
"""Affinities far below its inverse are told apart as they are, those far above by the logarithm."""
N_BEST = 10
"""A candidate is set beside the listener's track of this rank."""


def compressed(affinity: Floats) -> Floats:
    """Affinities of at least 0 on a scale from 0 to about 5, in their order; NaN stays NaN."""
    found: Floats = np.log1p(np.float32(GAIN) * affinity)
    return found


def height(values: Floats, excluded: Rows) -> Floats:
    """The value of a listener's tenth best track, shape (): what is shown at all is about so good.

    Args:
        values: shape (n_items,), of one listener to the bundle's tracks.
        excluded: tracks that the listener played already.
    """
    ranked = values.copy()
    ranked[excluded] = -np.inf
    place = max(len(ranked) - N_BEST, 0)
    best = np.partition(ranked, place)[place]
    return np.asarray(best if np.isfinite(best) else 0.0, np.float32)


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
    queries: QueryBatch,
    users: Floats,
    affinity: Floats,
    predicted: Floats,
    measured: Floats,
    reference_tracks: Rows,
) -> Floats:
    """Signals of the content scorer, whose affinity is the product of both embeddings.

    Args:
        queries: with candidates.
        users: shape (B, d), of length 1 at most, NaN for a listener of whom nothing is known.
        affinity: shape (N,).
        predicted: shape (n_items, d), the bundle's tracks with predicted audio in the gaps.
        measured: shape (n_items, d), the same as queries see them that want no prediction.
        reference_tracks: shape (T,), tracks that percentiles are taken among.

    Returns:
        shape (N, S), by the columns of ``CONTENT_SIGNALS``, 0 where nothing is known.
    """
    signals = np.zeros((len(affinity), len(CONTENT_SIGNALS)), np.float32)
    for query in np.flatnonzero(~np.isnan(users).any(axis=1)).tolist():
        part = queries.part(query)
        tracks = predicted if queries.use_audio_prediction[query] else measured
        everything = np.einsum("nd,d->n", tracks, users[query])
        history, _ = queries.history(query)
        columns = {
            "above": affinity[part] - height(everything, history),
            "percentile": percentile(affinity[part], everything[reference_tracks]),
            "agreement": affinity[part],
        }
        signals[part] = np.stack([columns[name] for name in CONTENT_SIGNALS], axis=1)
    return signals
