"""Collaborative filtering by which tracks are listened to together.

Sources: Ning and Karypis, "SLIM: sparse linear methods for top-N recommender systems", ICDM (2011),
for sparse non-negative weights between tracks; ``hybridrec.training.co_listening`` for how they are
found.
"""

from dataclasses import dataclass

import numpy as np

from hybridrec.schema.names import Floats, Mask, Rows


@dataclass(frozen=True, slots=True, eq=False)
class CoListening:
    """What a play of each track says for others: a sparse matrix, row by row of the track played.

    No weight is negative, so a play can only speak for a track.

    Attributes:
        offsets: shape (n_items + 1,), cuts the weights by the track played.
        rows: shape (n_weights,), the tracks that are spoken for, rising within each part.
        values: shape (n_weights,), above 0.
    """

    offsets: Rows
    rows: Rows
    values: Floats

    @property
    def n_items(self) -> int:
        """How many tracks there are."""
        return len(self.offsets) - 1

    @classmethod
    def nothing(cls, n_items: int) -> "CoListening":
        """Tracks of which none says anything for another."""
        return cls(np.zeros(n_items + 1, np.int32), np.zeros(0, np.int32), np.zeros(0, np.float32))

    @property
    def is_spoken_for(self) -> Mask:
        """Shape (n_items,), whether a play of any track says anything for each."""
        found: Mask = np.bincount(self.rows, minlength=self.n_items) > 0
        return found

    def affinity(self, history: Rows, amounts: Floats) -> Floats:
        """Of one listener to every track: the sum of what the plays say for it.

        The sum is taken in the order of the history, whatever else is asked.

        Args:
            history: shape (h,), tracks played.
            amounts: shape (h,), how many plays of weight 1 each stands for.

        Returns:
            shape (n_items,), at least 0.
        """
        parts = [slice(self.offsets[row], self.offsets[row + 1]) for row in history]
        rows = np.concatenate([np.zeros(0, np.int32), *(self.rows[part] for part in parts)])
        said = [self.values[part] * amount for part, amount in zip(parts, amounts, strict=True)]
        sums = np.bincount(
            rows, np.concatenate([np.zeros(0, np.float32), *said]), minlength=self.n_items
        )
        return sums.astype(np.float32)

    def strongest(self, history: Rows, amounts: Floats) -> Floats:
        """What the play that says most for each track says.

        Returns:
            shape (n_items,), at least 0.
        """
        found = np.zeros(self.n_items, np.float32)
        for row, amount in zip(history, amounts, strict=True):
            part = slice(self.offsets[row], self.offsets[row + 1])
            rows = self.rows[part]
            found[rows] = np.maximum(found[rows], self.values[part] * amount)
        return found

    def of_plays(self, history: Rows, amounts: Floats, candidates: Rows) -> Floats:
        """What each play says for each of some tracks; the affinity is the sum over the plays.

        Args:
            history: shape (h,).
            amounts: shape (h,).
            candidates: shape (n,), any order; rows from ``n_items`` on are spoken for by nothing.

        Returns:
            shape (n, h), at least 0.
        """
        found = np.zeros((len(candidates), len(history)), np.float32)
        for place, (row, amount) in enumerate(zip(history, amounts, strict=True)):
            part = slice(self.offsets[row], self.offsets[row + 1])
            rows, values = self.rows[part], self.values[part]
            if len(rows):
                at = np.minimum(np.searchsorted(rows, candidates), len(rows) - 1)
                is_met = rows[at] == candidates
                found[:, place] = np.where(is_met, values[at] * amount, np.float32(0))
        return found
