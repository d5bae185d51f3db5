"""How far a track lies from those that training knew."""

from dataclasses import dataclass

import numpy as np

from hybridrec.schema.names import Floats

N_NEAREST = 10


@dataclass(frozen=True, slots=True, eq=False)
class Familiarity:
    """Nearness to the tracks that were played in training, told by content embeddings.

    Attributes:
        reference: shape (R, d), of length 1 at most, of tracks that were played.
        typical: above 0, how near the middle one of those is to its nearest.
    """

    reference: Floats
    typical: float

    @classmethod
    def of(cls, reference: Floats) -> "Familiarity":
        """Of some played tracks; each is near to itself, which does not count."""
        cosines = reference @ reference.T
        np.fill_diagonal(cosines, -1.0)
        n = min(N_NEAREST, max(len(reference) - 1, 1))
        nearest = np.partition(cosines, -n, axis=1)[:, -n:].mean(axis=1)
        return cls(reference, max(float(np.median(nearest)), 1e-3))

    def share(self, embeddings: Floats) -> Floats:
        """The share of a raw confidence that is left at the place of each track.

        Args:
            embeddings: shape (M, d), of length 1 at most.

        Returns:
            shape (M,), in [0, 1]: 1 where a track is as near to its nearest as is typical, less the
            further off it is.
        """
        shares = np.empty(len(embeddings), np.float32)
        n = min(N_NEAREST, len(self.reference))
        for row, embedding in enumerate(embeddings):  # one by one: the same bits in any company
            cosines = np.einsum("rd,d->r", self.reference, embedding)
            nearest = float(np.partition(cosines, -n)[-n:].mean())
            shares[row] = min(max(nearest / self.typical, 0.0), 1.0)
        return shares
