"""What every user of the training played, by user row."""

from dataclasses import dataclass

import numpy as np

from hybridrec.schema.names import MAX_HISTORY, Floats, Rows


@dataclass(frozen=True, slots=True, eq=False)
class Histories:
    """Interactions of the training, user by user.

    Attributes:
        rows: shape (H,), tracks, oldest first within a user where times are known.
        weights: shape (H,), interaction weights, above 0.
        offsets: shape (n_users + 1,).
    """

    rows: Rows
    weights: Floats
    offsets: Rows

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def of(self, user_row: int) -> tuple[Rows, Floats]:
        """All rows and weights of one user; nothing for -1."""
        if user_row < 0:
            return np.zeros(0, np.int32), np.zeros(0, np.float32)
        part = slice(self.offsets[user_row], self.offsets[user_row + 1])
        return self.rows[part], self.weights[part]


def interaction_weight(plays: Floats) -> Floats:
    """Trust in interactions as evidence: grows with the logarithm of the plays, 1 for one play."""
    return (1.0 + np.log(np.maximum(plays, 1.0))).astype(np.float32)


def newest(rows: Rows, weights: Floats) -> tuple[Rows, Floats]:
    """The newest tracks that scorers see, each once, at its last place, with all its plays."""
    _, last, track = np.unique(rows[::-1], return_index=True, return_inverse=True)
    plays = np.bincount(track, np.exp(weights[::-1] - 1.0))  # undoes ``interaction_weight``
    order = np.argsort(-last, kind="stable")[-MAX_HISTORY:]
    keep = len(rows) - 1 - last[order]
    return rows[keep], (1.0 + np.log(plays[order])).astype(np.float32)
