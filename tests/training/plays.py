"""Made-up plays as training arrays."""

import numpy as np

from hybridrec.training.data import Interactions


def random_plays(
    rng: np.random.Generator,
    n_users: int = 60,
    n_items: int = 40,
    n_each: int = 20,
    *,
    dated: bool = True,
) -> Interactions:
    """So many distinct tracks of each user, each at a time of its own."""
    users = np.arange(n_users, dtype=np.int32).repeat(n_each)
    items = [rng.permutation(n_items)[:n_each] for _ in range(n_users)]
    times = np.sort(rng.choice(10**6, (n_users, n_each), replace=False), axis=1).ravel()
    return Interactions(
        users=users,
        items=np.concatenate(items).astype(np.int32),
        weights=(1 + rng.random(len(users))).astype(np.float32),
        times=times.astype(np.float64) if dated else np.full(len(users), np.nan),
        n_users=n_users,
        n_items=n_items,
    )
