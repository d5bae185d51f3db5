"""Which plays of a listener speak for a track, by what each adds to the collaborative affinity."""

from collections.abc import Sequence

import numpy as np

from hybridrec.schema.evidence import Evidence
from hybridrec.schema.names import Floats
from hybridrec.schema.records import QueryBatch

N_EVIDENCE = 3
"""Plays named for one track."""


def play_evidence(queries: QueryBatch, added: Sequence[Floats | None]) -> Evidence:
    """The plays of the history that add most to each candidate's affinity.

    Shares are of all that adds to it; what takes from it speaks against the track and has none.
    Stated genres have their share where they count as plays.

    Args:
        queries: with candidates.
        added: by query, what each of its plays, and then each of its stated genres, adds to the
            affinity of each candidate, shape (n, h + g); None where no evidence is wanted.
    """
    rows = np.full((len(queries.candidate_rows), N_EVIDENCE), -1, np.int32)
    shares = np.zeros(rows.shape, np.float32)
    by_genres = np.zeros(len(rows), np.float32)
    for query, of_query in enumerate(added):
        if of_query is None or not of_query.size:
            continue
        history, part = queries.history(query)[0], queries.part(query)
        by_pull = np.maximum(of_query, 0.0)
        total = np.maximum(by_pull.sum(axis=1, keepdims=True), 1e-12)
        by_play, width = by_pull[:, : len(history)], min(N_EVIDENCE, len(history))
        best = np.argsort(-by_play, axis=1, kind="stable")[:, :width]
        strength = np.take_along_axis(by_play, best, axis=1)
        rows[part, :width] = np.where(strength > 0, history[best], -1)
        shares[part, :width] = strength / total
        by_genres[part] = by_pull[:, len(history) :].sum(axis=1) / total[:, 0]
    return Evidence(rows, shares, by_genres)
