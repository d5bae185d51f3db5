"""Fits what confidences mean, group by group, on plays that no model saw."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from sklearn.isotonic import isotonic_regression

from hybridrec.models.calibration import ConfidenceCalibrator
from hybridrec.models.groups import IS_STRANGER, LISTENERS, N_GROUPS, TRACKS
from hybridrec.schema.names import Floats, Mask, Rows
from hybridrec.schema.ragged import Places
from hybridrec.training.calibration import Values, tied

N_KNOTS = 65
"""Raw confidences, of equal mass between, at which a confidence calibrator is told."""
DECIMALS = 4
"""Of raw confidences: networks round, and each processor its way, so a hair between two is none."""
NO_CEILINGS = np.ones(N_GROUPS, np.float32)
N_PRIOR = 8.0
"""Questions that the map of a wider group counts as in the map of each narrower one."""


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

    Every group has its own map. The fewer questions it has, the more it is drawn towards the map
    of all strangers (or of all users of the training) on tracks of its kind, so is that towards
    theirs on all tracks, and that towards the map of everybody. Questions are counted, not plays:
    the plays of one are won or lost together, so many of them tell little more than a few.

    Args:
        found: plays, and what they won.
        ceilings: shape (N_GROUPS,), what a group's confidence reaches at most.
    """
    if not len(found.won):
        return ConfidenceCalibrator.alike(np.array([0.0, 1.0]), np.array([0.0, 0.0]))
    found = replace(found, confidence=found.confidence.round(DECIMALS))
    knots = np.unique(np.quantile(found.confidence, np.linspace(0.0, 1.0, N_KNOTS)).round(DECIMALS))
    listeners, tracks = np.divmod(found.groups, len(TRACKS))
    shares = _share_won(found.confidence, found.won, knots)
    rows = np.empty((len(LISTENERS), len(TRACKS), len(knots)))
    for is_stranger in (True, False):
        here = IS_STRANGER[listeners] == is_stranger
        of_audience = _drawn(found.where(here), knots, shares)
        for track in range(len(TRACKS)):
            here_too = here & (tracks == track)
            of_both = _drawn(found.where(here_too), knots, of_audience)
            for listener in np.flatnonzero(is_stranger == IS_STRANGER):
                of_group = found.where(here_too & (listeners == listener))
                rows[listener, track] = _drawn(of_group, knots, of_both)
    confidence = 2.0 * rows.reshape(N_GROUPS, -1) - 1.0
    return ConfidenceCalibrator(knots, np.clip(confidence, 0.0, ceilings[:, None]))


def _drawn(found: Orderings, knots: Values, towards: Values) -> Values:
    """The share that some plays win, drawn towards that of more plays."""
    n_questions = len(np.unique(found.queries))
    if not n_questions:
        return towards
    own = _share_won(found.confidence, found.won, knots)
    return (n_questions * own + N_PRIOR * towards) / (n_questions + N_PRIOR)


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
