"""What fused scores said of candidates, and whether they were played.

Each half of the calibrating users is judged by a calibrator that the other half taught.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from hybridrec.evaluation.card import Calibration, Group, Listeners, distance_of
from hybridrec.evaluation.figures import skill_figure
from hybridrec.fusion.ranked import Fused
from hybridrec.models.calibration import for_listeners, sigmoid
from hybridrec.models.groups import TRACKS
from hybridrec.schema.names import Floats, Mask, Rows
from hybridrec.training.calibration import fit_score_calibrator
from hybridrec.training.examples import StackBatch
from hybridrec.training.sayings import groups_of
from hybridrec.training.score_intervals import fit_listeners

N_SHOWN = 10


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """Judged candidates.

    Attributes:
        scores: shape (n,), probabilities.
        played: shape (n,).
        is_shown: shape (n,), the ten best of each question.
        queries: shape (n,), number of the question.
        is_new: shape (n,), asked by users that the base models never saw.
        asks_again: shape (n,), asked by users who have asked already, with all that is known.
        is_thin: shape (n,), of these, those of whom next to nothing is known.
        is_new_track: shape (n,), tracks of fewer than three listeners.
        is_best_new: shape (n,), of these, the ten best of each question.
    """

    scores: Floats
    played: Mask
    is_shown: Mask
    queries: Rows
    is_new: Mask
    asks_again: Mask
    is_thin: Mask
    is_new_track: Mask
    is_best_new: Mask

    def of(self, listeners: Listeners) -> Mask:
        """Which of the candidates are of a kind of listeners."""
        kinds: dict[Listeners, Mask] = {
            "all": ~self.asks_again,
            "known": ~self.is_new & ~self.asks_again,
            "new": self.is_new & ~self.asks_again,
            "few_plays": self.is_thin,
        }
        return kinds[listeners]


@dataclass
class ScoreSayings:
    """Collects fused scores before calibration, batch by batch."""

    raw: list[Floats] = field(default_factory=list)
    halves: list[Rows] = field(default_factory=list)
    of_groups: list[Rows] = field(default_factory=list)
    columns: list[tuple[Mask | Rows, ...]] = field(default_factory=list)
    n_queries: int = 0

    def add(self, batch: StackBatch, fused: Fused) -> None:
        """The candidates of a batch that serving would have, of questions that calibrate."""
        query = batch.queries.query_of_candidate
        judged = batch.calibrates[query] & ~np.isnan(fused.scores) & batch.pooled
        raw, asker = fused.raw_logits[judged], query[judged]
        is_new_track = batch.groups[judged] % len(TRACKS) == TRACKS.index("new")
        is_best_new = is_new_track.copy()
        is_best_new[is_new_track] = _first(N_SHOWN, raw[is_new_track], asker[is_new_track])
        self.raw.append(raw)
        self.halves.append((batch.users % 2)[asker])
        self.of_groups.append(batch.groups[judged])
        self.columns.append(
            (
                batch.played[judged],
                _first(N_SHOWN, raw, asker),
                (self.n_queries + asker).astype(np.int32),
                batch.is_new[asker],
                batch.asks_again[asker],
                batch.is_thin[asker],
                is_new_track,
                is_best_new,
            )
        )
        self.n_queries += len(batch.queries)

    @cached_property
    def said(self) -> Said:
        """All of them, calibrated; ask when all batches are there."""
        raw, halves = np.concatenate(self.raw), np.concatenate(self.halves)
        groups = np.concatenate(self.of_groups)
        played, *rest = (np.concatenate(parts) for parts in zip(*self.columns, strict=True))
        queries = rest[1]
        scores = np.empty(len(raw), np.float32)
        for half in (0, 1):
            here, other = halves == half, halves != half
            calibrator = fit_score_calibrator(raw[other], played[other])
            offsets = fit_listeners(
                calibrator.logits(raw[other]), played[other], queries[other], groups[other]
            )
            moved = for_listeners(calibrator.logits(raw[here]), groups[here], offsets)
            scores[here] = sigmoid(moved)
        return Said(scores, played, *rest)

    def groups(self, *, of_shown: bool = False) -> tuple[Group, ...]:
        """Calibrated scores and the share that was played, of all or of each query's best."""
        said = self.said
        chosen = said.is_shown if of_shown else np.ones(len(said.scores), bool)
        return groups_of(said.scores[chosen], said.played[chosen])

    def calibration(self, rng: np.random.Generator) -> tuple[Calibration, ...]:
        """How far scores are from frequencies, and what they are worth, by kind of listener."""
        return tuple(calibrations(self.said, rng))


def calibrations(said: Said, rng: np.random.Generator) -> Iterator[Calibration]:
    """Of all candidates and of the ten best: by kind of listener, then of new tracks alone."""
    kinds: tuple[Listeners, ...] = ("all", "known", "new", "few_plays")
    for listeners in kinds:
        yield from _calibrations(said, said.of(listeners), said.is_shown, listeners, rng)
    of_new = said.of("all") & said.is_new_track
    for one in _calibrations(said, of_new, said.is_best_new, "all", rng):
        yield one.model_copy(update={"of_new_tracks": True})


def _calibrations(
    said: Said, asked: Mask, shown: Mask, listeners: Listeners, rng: np.random.Generator
) -> Iterator[Calibration]:
    """Of some candidates, and of those among them that are shown."""
    for of_shown in (False, True):
        chosen = asked & (shown | (not of_shown))
        if not chosen.any():
            continue
        scores, played = said.scores[chosen], said.played[chosen]
        _, query = np.unique(said.queries[chosen], return_inverse=True)
        errors, of_rate = np.zeros((2, int(query.max()) + 1))
        np.add.at(errors, query, (scores.astype(np.float64) - played) ** 2)
        np.add.at(of_rate, query, (played.mean() - played) ** 2)
        yield Calibration(
            listeners=listeners,
            of_shown=of_shown,
            n=len(scores),
            error=distance_of(groups_of(scores, played)),
            brier_skill=skill_figure(errors, of_rate, rng),
        )


def _first(n: int, scores: Floats, queries: Rows) -> Mask:
    """Whether each candidate is among the n of the highest score of its query."""
    order = np.lexsort((-scores, queries))
    ranked = queries[order]
    places = np.arange(len(order)) - np.searchsorted(ranked, ranked)
    first = np.empty(len(order), bool)
    first[order] = places < n
    return first
