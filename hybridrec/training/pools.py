"""Candidates of the stack beside those that serving would have."""

import numpy as np

from hybridrec.models.retrieval import retrieved
from hybridrec.schema.names import Mask, Rows
from hybridrec.schema.records import QueryBatch
from hybridrec.schema.scores import Retrieved


def random_tracks(n_queries: int, n: int, n_items: int, rng: np.random.Generator) -> Retrieved:
    """For each query some tracks of the catalogue, drawn at random, each once."""
    size = min(n, n_items)
    rows = np.arange(n_items, dtype=np.int32)
    return retrieved([rng.choice(rows, size, replace=False) for _ in range(n_queries)])


def without(found: Retrieved, excluded: list[Rows]) -> Retrieved:
    """What was found for each query, less some rows."""
    return retrieved(
        [found.of(query)[~np.isin(found.of(query), rows)] for query, rows in enumerate(excluded)]
    )


def is_in(queries: QueryBatch, found: Retrieved) -> Mask:
    """Whether each candidate is among what was found for its query."""
    parts = [
        np.isin(queries.candidate_rows[queries.part(query)], found.of(query))
        for query in range(len(queries))
    ]
    return np.concatenate(parts)
