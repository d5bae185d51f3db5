"""What the collaborative scorer knows of one listener."""

from dataclasses import dataclass

import numpy as np

from hybridrec.models.factors import FoldedIn
from hybridrec.schema.names import Floats, Rows

FEW_PLAYS = 10.0
"""Far fewer plays than these add up as they are, far more by the root of their number."""


@dataclass(frozen=True, slots=True, eq=False)
class Listener:
    """What the plays of a query tell.

    Attributes:
        history: shape (h,), tracks played.
        amounts: shape (h,), how many plays of weight 1 each stands for.
        co_listened: shape (n_items,), affinity by co-listening.
        folded: the listener's factors.
    """

    history: Rows
    amounts: Floats
    co_listened: Floats
    folded: FoldedIn

    @property
    def is_known(self) -> bool:
        """Whether they tell anything at all."""
        return bool(self.folded.state.any() or self.co_listened.any())

    @property
    def scale(self) -> Floats:
        """What affinities are multiplied by, shape (), the less the more plays there are.

        A long history says more for every track, but no more is played next for it. The root is so
        slow that a play with a twentieth of what speaks for a track raises its score all the same.
        """
        n_stated = len(self.folded.pulls) - len(self.history)
        n_plays = self.amounts.sum(dtype=np.float64) + n_stated
        return np.asarray(1.0 / np.sqrt(1.0 + n_plays / FEW_PLAYS), np.float32)
