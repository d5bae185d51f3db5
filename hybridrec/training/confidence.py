"""Fits what confidences mean, group by group, on plays that no model saw."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from sklearn.isotonic import isotonic_regression

from hybridrec.models.calibration import ConfidenceCalibrator
from hybridrec.models.groups import N_GROUPS
from hybridrec.schema.names import Floats, Mask, Rows
from hybridrec.schema.records import Places
from hybridrec.training.calibration import Values, tied

N_KNOTS = 65
"""Raw confidences, of equal mass between, at which a confidence calibrator is told."""
NO_CEILINGS = np.ones(N_GROUPS, np.float32)
N_PRIOR = 100.0
"""Listeners that the map of all groups together counts as in the map of each."""


@dataclass(frozen=True, slots=True, eq=False)
class Orderings:
    """How well plays were ordered, each beside the random unplayed tracks of its query.

    Attributes:
        confidence: shape (p,), raw.
        won: shape (p,), share of those tracks that the play is scored above; a tie counts half.
        queries: shape (p,), rising.
        groups: shape (p,), of the plays.
    """

    confidence: Values
    won: Values
    queries: Rows
    groups: Rows

    @classmethod
    def joined(cls, parts: Sequence["Orderings"]) -> "Orderings":
        """All plays of some parts, one part after the other."""
        return cls(
            *(np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(cls))
        )

    def where(self, kept: Mask) -> "Orderings":
        """Some of the plays."""
        return Orderings(*(getattr(self, one.name)[kept] for one in fields(self)))


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Candidates by which confidence is judged; shapes (n,), ``queries`` rises.

    Attributes:
        played: what the listener went on to play.
        random: tracks that were drawn at random.
        queries: whose candidates they are.
        groups: of ``confidence_groups``.
    """

    played: Mask
    random: Mask
    queries: Rows
    groups: Rows

    def where(self, kept: Mask | Places) -> "Judged":
        """Some of the candidates, in their order."""
        return Judged(*(getattr(self, one.name)[kept] for one in fields(self)))


def orderings(raw_confidence: Floats, scores: Floats, judged: Judged) -> Orderings:
    """What there is to learn confidence from.

    Args:
        raw_confidence: shape (n,).
        scores: shape (n,), NaN is left out.
        judged: the candidates.
    """
    confidence: list[Values] = [np.zeros(0)]
    won: list[Values] = [np.zeros(0)]
    places: list[Places] = [np.zeros(0, np.int64)]
    played, random, queries = judged.played, judged.random, judged.queries
    for part in np.split(np.arange(len(queries)), np.flatnonzero(np.diff(queries)) + 1):
        known = part[~np.isnan(scores[part])]
        hits, others = known[played[known]], known[random[known] & ~played[known]]
        if len(hits) and len(others):
            ranked = np.sort(scores[others])
            below = np.searchsorted(ranked, scores[hits], side="left")
            up_to = np.searchsorted(ranked, scores[hits], side="right")
            won.append((below + up_to) / (2.0 * len(others)))
            confidence.append(raw_confidence[hits].astype(np.float64))
            places.append(hits)
    chosen = np.concatenate(places)
    return Orderings(
        np.concatenate(confidence), np.concatenate(won), queries[chosen], judged.groups[chosen]
    )


def confidence_calibrator(found: Orderings, ceilings: Floats = NO_CEILINGS) -> ConfidenceCalibrator:
    """From raw confidence to 2 P(a played track is ordered before a random unplayed one) - 1.

    Every group has its own map, drawn towards that of all together the fewer listeners it has: the
    plays of one listener are won or lost together, so many of them tell little more than a few.

    Args:
        found: plays, and what they won.
        ceilings: shape (N_GROUPS,), what a group's confidence reaches at most.
    """
    if not len(found.won):
        return ConfidenceCalibrator.alike(np.array([0.0, 1.0]), np.array([0.0, 0.0]))
    knots = np.unique(np.quantile(found.confidence, np.linspace(0.0, 1.0, N_KNOTS)))
    of_all = _share_won(found.confidence, found.won, knots)
    rows = []
    for group in range(N_GROUPS):
        here = found.groups == group
        n = float(len(np.unique(found.queries[here])))
        of_group = _share_won(found.confidence[here], found.won[here], knots) if n else of_all
        rows.append((n * of_group + N_PRIOR * of_all) / (n + N_PRIOR))
    return ConfidenceCalibrator(knots, np.clip(2.0 * np.stack(rows) - 1.0, 0.0, ceilings[:, None]))


def _share_won(confidence: Values, won: Values, knots: Values) -> Values:
    """The share that plays of a raw confidence win, not falling, at some raw confidences."""
    raw, n_plays, wins = tied(confidence, won)
    shares: Values = np.interp(
        knots, raw, isotonic_regression(wins / n_plays, sample_weight=n_plays)
    )
    return shares


def fit_confidence_calibrator(
    raw_confidence: Floats, scores: Floats, judged: Judged, ceilings: Floats = NO_CEILINGS
) -> ConfidenceCalibrator:
    """The calibrator of a confidence; arguments as of ``orderings``, ``confidence_calibrator``."""
    return confidence_calibrator(orderings(raw_confidence, scores, judged), ceilings)
