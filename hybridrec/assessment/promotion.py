"""Whether a bundle may take the place of another: not worse overall, nor in any slice."""

from collections.abc import Iterator, Mapping
from typing import Literal

import numpy as np
from pydantic import Field

from hybridrec.assessment.comparison import Compared, Plain, Rivals, compared
from hybridrec.config import Config
from hybridrec.evaluation.judgement import Judgement, Measure
from hybridrec.evaluation.trained import Part

Finding = Literal["worse", "better", "no_difference_shown", "too_few_users"]
BESIDE: tuple[Measure, ...] = (
    "recall_at_20",
    "hit_rate_at_10",
    "novelty_at_10",
    "diversity_at_10",
    "long_tail_share_at_10",
    "popularity_lift_at_10",
)
"""What is told beside NDCG@10; a reciprocal rank would need longer lists."""
LIFT: Measure = "popularity_lift_at_10"


class Bounds(Config):
    """What a candidate may lose, and by how much its lists may be more popular or more alike."""

    margin: float = Field(default=0.0, ge=0, lt=1)
    """NDCG@10 that may be lost in any slice."""
    must_prove: bool = False
    """Whether the interval of all listeners must lie above -margin, not just reach above it."""
    min_users: int = Field(default=30, ge=2)
    """Listeners of a slice below which its interval says nothing: such a slice refuses nobody."""
    max_lift_rise: float = Field(default=0.1, ge=0)
    """Rise of the popularity lift, as a share of the mean popularity of what was played before."""
    max_gini_rise: float = Field(default=0.02, ge=0)
    """Rise of the Gini coefficient of artists, which has no interval."""


class SliceCompared(Compared):
    """NDCG@10 of one slice.

    Attributes:
        finding: ``worse`` refuses the candidate.
    """

    finding: Finding


class Refusal(Part):
    """Why a candidate is refused.

    Attributes:
        where: ``all``, ``listeners.KIND``, ``tracks.KIND``, or the measure that rose.
        rule: the bound that it broke, by its name.
        bound: what that allows.
    """

    where: str
    rule: Literal["margin", "must_prove", "max_lift_rise", "max_gini_rise"]
    bound: float


class Promotion(Part):
    """The verdict, and all that it rests on.

    Attributes:
        refusals: why the candidate may not take the place; none if it may.
        all: NDCG@10 over all who asked.
        listeners: NDCG@10 by kind of listener; kinds that nobody is of are left out.
        tracks: NDCG@10 by kind of track, as if nothing else were to be found.
        beside: other measures, over all who asked; None where nothing can be said.
        coverage_at_10: share of the tracks of both bundles that any list shows.
        artist_gini_at_10: how unevenly artists are shown; None if no artist is known.
    """

    refusals: tuple[Refusal, ...]
    all: SliceCompared
    listeners: dict[str, SliceCompared]
    tracks: dict[str, SliceCompared]
    beside: dict[Measure, Compared | None]
    coverage_at_10: Plain
    artist_gini_at_10: Plain | None

    @property
    def is_promoted(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.refusals


def decide(rivals: Rivals, bounds: Bounds, rng: np.random.Generator) -> Promotion:
    """The verdict.

    Args:
        rivals: the questions, each with something to be found, and both bundles' answers.
        bounds: what is allowed.
        rng: draws users for the intervals.
    """
    current, candidate = rivals.judged()
    ndcg = current.per_user["ndcg_at_10"], candidate.per_user["ndcg_at_10"]
    overall = compared(ndcg, rng)
    if overall is None:
        raise ValueError("nobody has anything to be found")
    whole = _found(overall, bounds)
    listeners = {
        kind: _found(both, bounds)
        for kind, values in rivals.of_listeners(ndcg)
        if (both := compared(values, rng)) is not None
    }
    tracks = {
        kind: _found(both, bounds)
        for kind, values in rivals.of_tracks()
        if (both := compared(values, rng)) is not None
    }
    beside = {
        name: compared((current.per_user[name], candidate.per_user[name]), rng) for name in BESIDE
    }
    gini = _gini(current, candidate)
    named = {
        "all": whole,
        **{f"listeners.{kind}": found for kind, found in listeners.items()},
        **{f"tracks.{kind}": found for kind, found in tracks.items()},
    }
    return Promotion(
        refusals=(*_worse(named, bounds), *_risen(beside[LIFT], gini, bounds)),
        all=whole,
        listeners=listeners,
        tracks=tracks,
        beside=beside,
        coverage_at_10=Plain(current=current.coverage_at_10, candidate=candidate.coverage_at_10),
        artist_gini_at_10=gini,
    )


def _found(both: Compared, bounds: Bounds) -> SliceCompared:
    finding: Finding = "no_difference_shown"
    if both.n_users < bounds.min_users:
        finding = "too_few_users"
    elif both.difference.high < -bounds.margin:
        finding = "worse"
    elif both.difference.low > 0:
        finding = "better"
    return SliceCompared(**dict(both), finding=finding)


def _gini(current: Judgement, candidate: Judgement) -> Plain | None:
    values = current.artist_gini_at_10, candidate.artist_gini_at_10
    return None if np.isnan(values).any() else Plain(current=values[0], candidate=values[1])


def _worse(named: Mapping[str, SliceCompared], bounds: Bounds) -> Iterator[Refusal]:
    """Slices in which the candidate is worse, and whether it lacks a proof that it is not."""
    for where, found in named.items():
        if found.finding == "worse":
            yield Refusal(where=where, rule="margin", bound=bounds.margin)
    whole = named["all"]
    is_proven = whole.difference.low > -bounds.margin
    if bounds.must_prove and whole.finding != "worse" and not is_proven:
        yield Refusal(where="all", rule="must_prove", bound=bounds.margin)


def _risen(lift: Compared | None, gini: Plain | None, bounds: Bounds) -> Iterator[Refusal]:
    if lift is not None and lift.difference.low > bounds.max_lift_rise:
        yield Refusal(where=LIFT, rule="max_lift_rise", bound=bounds.max_lift_rise)
    if gini is not None and gini.difference > bounds.max_gini_rise:
        yield Refusal(where="artist_gini_at_10", rule="max_gini_rise", bound=bounds.max_gini_rise)
