"""Which plays of a listener speak for a track, by what each adds to the collaborative affinity."""

from collections.abc import Sequence

import numpy as np

from hybridrec.models.nnls import Matrix
from hybridrec.schema.evidence import Evidence
from hybridrec.schema.names import Floats, Mask
from hybridrec.schema.records import QueryBatch

N_EVIDENCE = 3
"""Plays named for one track."""


def play_evidence(
    queries: QueryBatch, factors: Floats, pulls: Sequence[tuple[Matrix, Mask]]
) -> Evidence:
    """The plays of the history that add most to each candidate's affinity.

    Shares are of all that adds to it; what takes from it speaks against the track and has none.
    Stated genres have their share where they count as plays.

    Args:
        queries: with candidates.
        factors: shape (N, k), of the candidates.
        pulls: of each query, what its plays and then its stated genres add to the free factors of
            the user, shape (f, h + g), and which of them are free, shape (k,).
    """
    rows = np.full((len(queries.candidate_rows), N_EVIDENCE), -1, np.int32)
    shares = np.zeros(rows.shape, np.float32)
    by_genres = np.zeros(len(rows), np.float32)
    for query, (of_play, free) in enumerate(pulls):
        history, _ = queries.history(query)
        part = queries.part(query)
        if not queries.want_evidence[query] or not of_play.size:
            continue
        by_pull = np.maximum(np.einsum("nf,fh->nh", factors[part][:, free], of_play), 0.0)
        total = np.maximum(by_pull.sum(axis=1, keepdims=True), 1e-12)
        by_play, width = by_pull[:, : len(history)], min(N_EVIDENCE, len(history))
        best = np.argsort(-by_play, axis=1, kind="stable")[:, :width]
        strength = np.take_along_axis(by_play, best, axis=1)
        rows[part, :width] = np.where(strength > 0, history[best], -1)
        shares[part, :width] = strength / total
        by_genres[part] = by_pull[:, len(history) :].sum(axis=1) / total[:, 0]
    return Evidence(rows, shares, by_genres)
