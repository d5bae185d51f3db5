import numpy as np
import polars as pl
import pytest

from hybridrec.datasets.synthetic import WorldConfig, make_world
from hybridrec.schema.names import Floats, Rows

K = 10


def ndcg(scores: Floats, held: Rows) -> float:
    """Mean NDCG at 10 over users, with ``held`` the 0/1 relevance of each user and track."""
    top = np.argsort(-scores, axis=1)[:, :K]
    discount = 1 / np.log2(np.arange(2, K + 2))
    best = discount.cumsum()[np.minimum(held.sum(axis=1), K) - 1]
    return float(((np.take_along_axis(held, top, axis=1) * discount).sum(axis=1) / best).mean())


@pytest.mark.slow
def test_popularity_is_beaten_by_neighbours_and_they_by_the_truth() -> None:
    world = make_world(WorldConfig(), np.random.default_rng(7))
    rows = {name: row for row, name in enumerate(world.dataset.tracks["track_id"])}
    pairs = world.dataset.interactions.filter(pl.col("plays") > 0).select("user_id", "track_id")
    pairs = pairs.unique(maintain_order=True)
    users = pairs["user_id"].str.slice(1).cast(pl.Int32).to_numpy()
    tracks = np.array([rows[name] for name in pairs["track_id"]])
    is_held = np.random.default_rng(3).random(len(pairs)) < 0.2
    shape = (len(world.user_truth), len(rows))
    seen, held = np.zeros(shape, np.float32), np.zeros(shape, np.int32)
    seen[users[~is_held], tracks[~is_held]] = 1
    held[users[is_held], tracks[is_held]] = 1
    tested = np.flatnonzero(held.any(axis=1))

    together = seen.T @ seen
    norm = np.sqrt(together.diagonal())
    cosine = together / (norm[:, None] * norm + 5)
    np.fill_diagonal(cosine, 0)
    hidden = np.where(seen > 0, -np.inf, 0) - np.where(world.truth.is_cold, 1e9, 0)

    def quality(scores: Floats) -> float:
        return ndcg((scores + hidden)[tested], held[tested])

    popularity = quality(np.broadcast_to(seen.sum(axis=0), shape))
    neighbours = quality(seen @ cosine)
    oracle = quality(world.true_affinity(np.arange(shape[0], dtype=np.int32)))
    assert 0.04 < popularity < 0.1
    assert neighbours > 2 * popularity
    assert oracle > 1.5 * neighbours
