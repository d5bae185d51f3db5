"""How a score of the meta-learner came about and how sure it is: said beside the reasons."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hybridrec.explanations.kinds import (
    ADAPTIVE,
    BALANCED,
    DISCOVERY,
    EXPLORATORY,
    HIGH_CONFIDENCE,
    MOSTLY_CF,
    MOSTLY_CONTENT,
    WELL_ESTABLISHED,
)

ADAPTIVE_METHOD = "meta_learning"
"""The fusion that adapts its shares to each candidate, and may speak of them."""
MOSTLY = 0.7
"""Share above which one source is what a score is based on."""
SURE, UNSURE = 0.8, 0.4
"""Mean confidence of the sources above, and below, which it is told."""
ESTABLISHED, UNEXPLORED = 0.2, 0.7
"""Uncertainty below, and above, which it is told."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How one score came about.

    Attributes:
        method: name of the fusion.
        cf_weight: share of the collaborative source, NaN if no source knows the track.
        source_confidence: of those sources that know the track.
        uncertainty: width of the interval over the widest, in [0, 1], NaN if unknown.
    """

    method: str
    cf_weight: float
    source_confidence: tuple[float, ...]
    uncertainty: float


def notes_for(standing: Standing) -> tuple[str, ...]:
    """The kinds of what is to be said, in a fixed order; nothing of another fusion's scores."""
    if standing.method != ADAPTIVE_METHOD or np.isnan(standing.cf_weight):
        return ()
    return tuple(_notes(standing))


def _notes(standing: Standing) -> Iterator[str]:
    yield ADAPTIVE
    if standing.cf_weight > MOSTLY:
        yield MOSTLY_CF
    elif 1.0 - standing.cf_weight > MOSTLY:
        yield MOSTLY_CONTENT
    else:
        yield BALANCED
    confidence = float(np.mean(standing.source_confidence))
    if confidence > SURE:
        yield HIGH_CONFIDENCE
    elif confidence < UNSURE:
        yield EXPLORATORY
    if standing.uncertainty < ESTABLISHED:
        yield WELL_ESTABLISHED
    elif standing.uncertainty > UNEXPLORED:
        yield DISCOVERY
