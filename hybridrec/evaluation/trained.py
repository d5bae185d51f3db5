"""What the model card tells of single networks: how they learnt, and how audio is predicted."""

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from hybridrec.schema.names import AUDIO_FEATURES, Floats

MAX_POINTS = 200
"""Tracks of one audio feature that the card keeps for its plot."""
DIGITS = 3
"""Significant ones of what is plotted."""


class Part(BaseModel):
    """A part of the card: frozen, unknown keys refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Curve(Part):
    """How one network learnt.

    Attributes:
        network: its name.
        losses: mean loss of each pass over the training, first to last.
    """

    network: str
    losses: tuple[float, ...] = Field(min_length=1)


class AudioCheck(Part):
    """How well one audio feature is predicted for tracks of artists that training held out.

    Attributes:
        feature: one of ``AUDIO_FEATURES``.
        n: such tracks of which it is measured.
        r2: share of its variance that the prediction explains, at most 1; None if it has none.
        coverage: share of the 90 % intervals that hold the measured value.
        measured: values of some of the tracks, in the feature's unit.
        predicted: what was predicted for those.
    """

    feature: str
    n: int = Field(ge=1)
    r2: float | None
    coverage: float = Field(ge=0, le=1)
    measured: tuple[float, ...] = Field(max_length=MAX_POINTS)
    predicted: tuple[float, ...] = Field(max_length=MAX_POINTS)


def audio_checks(
    measured: Floats,
    predicted: Floats,
    ends: tuple[Floats, Floats],
    rng: np.random.Generator,
) -> tuple[AudioCheck, ...]:
    """One check for each feature that is measured of any track.

    Args:
        measured: shape (n, 8), in the features' units, NaN where unknown.
        predicted: shape (n, 8).
        ends: of the 90 % intervals, low and high, shape (n, 8) each.
        rng: draws the tracks that are plotted.
    """
    low, high = ends
    checks = []
    for column, feature in enumerate(AUDIO_FEATURES):
        known = np.flatnonzero(~np.isnan(measured[:, column]))
        if not len(known):
            continue
        truth = measured[known, column].astype(np.float64)
        said = predicted[known, column].astype(np.float64)
        spread = float(((truth - truth.mean()) ** 2).sum())
        plotted = np.sort(rng.permutation(len(known))[:MAX_POINTS])
        inside = (low[known, column] <= truth) & (truth <= high[known, column])
        checks.append(
            AudioCheck(
                feature=feature,
                n=len(known),
                r2=1 - float(((truth - said) ** 2).sum()) / spread if spread else None,
                coverage=float(inside.mean()),
                measured=_rounded(truth[plotted]),
                predicted=_rounded(said[plotted]),
            )
        )
    return tuple(checks)


def _rounded(values: npt.NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(float(f"{value:.{DIGITS}g}") for value in values.tolist())
