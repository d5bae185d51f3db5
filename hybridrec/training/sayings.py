"""How sure one was of plays, and how right.

What the last calibrators say, of confidence here and of fused scores in
``hybridrec.training.score_sayings``, is judged on one half of the calibrating users by calibrators
fitted on the other, and the other way round; all questions of a user are in one half. The
calibrators of each source, by which the fusion is fed, were fitted on all of these users.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from hybridrec.evaluation.card import Group, Listeners, RankedBy, Reliability, Sureness
from hybridrec.evaluation.reliability import reliability_bins
from hybridrec.models.groups import LISTENERS, TRACKS
from hybridrec.schema.names import Floats, Mask, Rows
from hybridrec.training.calibration import Values
from hybridrec.training.confidence import (
    NO_CEILINGS,
    Judged,
    Orderings,
    confidence_calibrator,
    orderings,
)
from hybridrec.training.examples import StackBatch

N_GROUPS = 10
MIN_TOLD = 30
"""Fewer plays than these tell nothing of how right a confidence is."""


@dataclass(slots=True)
class SureSayings:
    """Raw confidences of plays by one way of scoring, and what the plays won."""

    found: list[Orderings] = field(default_factory=list)
    n_queries: int = 0
    is_thin: list[Mask] = field(default_factory=list)
    halves: list[Rows] = field(default_factory=list)

    def add(self, batch: StackBatch, scores: Floats, raw_confidence: Floats) -> None:
        """The plays of a batch's questions that calibrate."""
        query = batch.queries.query_of_candidate
        here = batch.calibrates[query] & ~np.isnan(scores)
        judged = Judged(batch.played, batch.random, query, batch.groups).where(here)
        found = orderings(raw_confidence[here], scores[here], judged)
        self.found.append(replace(found, queries=found.queries + np.int32(self.n_queries)))
        self.n_queries += len(batch.queries)
        self.is_thin.append(batch.is_thin[found.queries])
        self.halves.append((batch.users % 2)[found.queries])

    def reliability(self) -> tuple[Reliability, ...]:
        """Groups of like confidence, from low to high, for listeners with a history and others."""
        said, all_found = self._said(NO_CEILINGS)
        thin = np.concatenate(self.is_thin)
        kinds: dict[Listeners, Mask] = {"all": ~thin, "few_plays": thin}
        return tuple(
            Reliability(listeners=kind, groups=_orderings(said[chosen], all_found.won[chosen]))
            for kind, chosen in kinds.items()
            if chosen.any()
        )

    def table(self, ranked_by: RankedBy, ceilings: Floats) -> Iterator[Sureness]:
        """Stated and measured confidence by kind of listener and of track."""
        said, all_found = self._said(ceilings)
        for group in range(len(ceilings)):
            here = all_found.groups == group
            if here.sum() >= MIN_TOLD:
                yield Sureness(
                    ranked_by=ranked_by,
                    listeners=LISTENERS[group // len(TRACKS)],
                    tracks=TRACKS[group % len(TRACKS)],
                    n=int(here.sum()),
                    said=float(said[here].mean()),
                    found=float(2.0 * all_found.won[here].mean() - 1.0),
                )

    def _said(self, ceilings: Floats) -> tuple[Floats, Orderings]:
        """Calibrated confidence of all plays, and the plays."""
        found = Orderings.joined(self.found)
        halves = np.concatenate(self.halves)
        said = np.empty(len(found.won), np.float32)
        for half in (0, 1):
            here = halves == half
            fitted = confidence_calibrator(found.where(~here), ceilings)
            part = found.where(here)
            known = np.ones(len(part.won), bool)
            said[here] = fitted.known(part.confidence.astype(np.float32), part.groups, known)
        return said, found


def _orderings(said: Floats, won: Values) -> tuple[Group, ...]:
    return tuple(
        group.model_copy(update={"found": 2.0 * group.found - 1.0})
        for group in groups_of(said, won)
    )


def groups_of(said: Floats, found: Mask | Values) -> tuple[Group, ...]:
    """Groups of about the same size of what was said, from low to high, and what was found."""
    if not len(said):
        return ()
    bins = reliability_bins(said, found, N_GROUPS).at_least(len(said) // (2 * N_GROUPS))
    columns = bins.counts.tolist(), bins.mean_scores.tolist(), bins.frequencies.tolist()
    return tuple(
        Group(n=n, said=mean, found=share) for n, mean, share in zip(*columns, strict=True)
    )
