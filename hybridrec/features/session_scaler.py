"""How session features are scaled, in training and in serving alike."""

from dataclasses import dataclass

import numpy as np

from hybridrec.schema.names import Floats
from hybridrec.schema.records import N_SESSION


@dataclass(frozen=True, slots=True, eq=False)
class SessionScaler:
    """One transform of session features for training and serving.

    Attributes:
        center: shape (18,), median in training; NaN for a feature that training never saw.
        scale: shape (18,), spread in training, above 0.
    """

    center: Floats
    scale: Floats

    @classmethod
    def fitted(cls, sessions: Floats) -> "SessionScaler":
        """A scaler of the sessions of training's users, shape (n, 18)."""
        seen = ~np.isnan(sessions).all(axis=0)
        center = np.full(N_SESSION, np.nan, np.float32)
        scale = np.ones(N_SESSION, np.float32)
        if seen.any():
            center[seen] = np.nanmedian(sessions[:, seen], axis=0)
            scale[seen] = np.maximum(np.nanstd(sessions[:, seen], axis=0), 1e-3)
        return cls(center, scale)

    def transform(self, sessions: Floats) -> tuple[Floats, Floats]:
        """Scaled values with 0 in the gaps, and the mask of what is known.

        A feature that training never saw stays masked, whatever the request says.

        Returns:
            two arrays of shape (B, 18); values within [-4, 4], the mask 0 or 1.
        """
        scaled = (sessions - self.center) / self.scale
        known = ~np.isnan(scaled)
        values = np.clip(np.where(known, scaled, 0.0), -4.0, 4.0)
        return values.astype(np.float32), known.astype(np.float32)
