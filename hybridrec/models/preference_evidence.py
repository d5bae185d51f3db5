"""Which of a listener's preferred genres and moods speak for a track, told by leaving each out."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from hybridrec.models.products import products
from hybridrec.schema.evidence import PreferenceEvidence
from hybridrec.schema.names import Floats, Mask, Rows
from hybridrec.schema.records import QueryBatch
from hybridrec.vocabulary import PADDING

EmbedUsers = Callable[[QueryBatch], Floats]
"""The user tower: shape (B, d), a row of NaN for a listener of whom nothing is known."""


def preference_evidence(
    embed_users: EmbedUsers, queries: QueryBatch, embeddings: Floats, affinity: Floats
) -> PreferenceEvidence:
    """Whether the affinity of each candidate falls if the tower does not see a preference.

    What is left of a listener who is known by that preference alone is nothing, and no score.

    Args:
        embed_users: the user tower.
        queries: of those that want no evidence, no preference speaks.
        embeddings: shape (N, d), of the candidates.
        affinity: shape (N,), NaN if unknown.
    """
    genres, moods = queries.genre_rows, queries.mood_rows

    def speaks(preferred: Rows, without: QueryBatch) -> Mask:
        missed = (preferred > PADDING) & queries.want_evidence
        if not missed.any():
            return np.zeros(len(affinity), bool)
        left = products(embeddings, embed_users(without), queries.offsets)
        lower: Mask = (left < affinity) | np.isnan(left)
        return lower & ~np.isnan(affinity) & missed[queries.query_of_candidate]

    of_genres = [
        speaks(genres[:, place], replace(queries, genre_rows=_without(genres, place)))
        for place in range(genres.shape[1])
    ]
    of_moods = [
        speaks(moods[:, place], replace(queries, mood_rows=_without(moods, place)))
        for place in range(moods.shape[1])
    ]
    return PreferenceEvidence(np.stack(of_genres, axis=1), np.stack(of_moods, axis=1))


def _without(preferred: Rows, place: int) -> Rows:
    """Preferences less one."""
    rest = preferred.copy()
    rest[:, place] = PADDING
    return rest
