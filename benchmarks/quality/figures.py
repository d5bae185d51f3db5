"""What is found of all entrants, slice by slice, as one document."""

from collections.abc import Mapping
from dataclasses import asdict

import numpy as np
from pydantic import BaseModel, ConfigDict

from benchmarks.quality.entrants import Entrant, Kind, Tuned
from benchmarks.quality.exam import Exam
from benchmarks.quality.resources import Resources
from hybridrec.evaluation.card import Calibration, Figure
from hybridrec.evaluation.figures import difference_figure, mean_figure
from hybridrec.evaluation.judgement import Judge, Judgement, Measure
from hybridrec.evaluation.protocol import SliceName


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Row(_Part):
    """One entrant in one slice.

    Attributes:
        kind: the hybrid, a part of it, a baseline, or the truth.
        measures: means over users with 95 % intervals; None where nothing can be said.
        coverage_at_10: share of the candidates that any list shows.
        artist_gini_at_10: how unevenly artists are shown; None if no artist is known.
        reference: whom it is held against.
        differences: the reference less this entrant, user by user.
        rank_seconds: what making the lists took.
    """

    kind: Kind
    measures: dict[Measure, Figure | None]
    coverage_at_10: float
    artist_gini_at_10: float | None
    reference: str
    differences: dict[Measure, Figure | None]
    rank_seconds: float | None


class SliceResult(_Part):
    """All entrants of one slice, the best by NDCG@10 first."""

    n_users: int
    n_pairs: int
    n_candidates: int
    rows: dict[str, Row]


class TrialResult(_Part):
    """What came of one set of options on the validation part."""

    options: dict[str, object]
    ndcg_at_10: dict[SliceName, float]
    seconds: float
    memory_mib: float


class TuningResult(_Part):
    """The options of a baseline, chosen among what was tried."""

    chosen: dict[str, object]
    trials: list[TrialResult]


class Cost(_Part):
    """What training or fitting took; memory is that beyond what the process held before."""

    seconds: float
    memory_mib: float


class QualityReport(_Part):
    """The whole benchmark.

    Attributes:
        data: name of the folder.
        seed: of all that is drawn.
        threads: that models may use.
        protocol: options of the protocol.
        n_train: rows that all models train on.
        slices: the figures.
        tuning: by baseline.
        costs: by model, of training on the whole training part.
        calibration: of the hybrid's scores, on plays that its training held out for that.
        seconds: of all of it.
    """

    data: str
    seed: int
    threads: int
    protocol: dict[str, object]
    n_train: int
    slices: dict[SliceName, SliceResult]
    tuning: dict[str, TuningResult]
    costs: dict[str, Cost]
    calibration: tuple[Calibration, ...]
    seconds: float


def slice_results(
    exam: Exam, entrants: Mapping[str, Entrant], rng: np.random.Generator
) -> dict[SliceName, SliceResult]:
    """The figures of all slices of an exam.

    Args:
        exam: what was asked.
        entrants: by name; each one's reference is among them.
        rng: draws users for the intervals.
    """
    judge = Judge.of(exam.catalog, exam.plays.shape[0])
    found = {}
    for name, asked in exam.asked.items():
        present = {who: one for who, one in entrants.items() if name in one.lists}
        judged = {who: judge.judge(one.lists[name], asked) for who, one in present.items()}
        rows = {
            who: _row(one, name, judged[who], judged[one.reference], rng)
            for who, one in present.items()
        }
        found[name] = SliceResult(
            n_users=len(asked.user_ids),
            n_pairs=len(asked.relevant_rows),
            n_candidates=len(asked.candidate_rows),
            rows=dict(sorted(rows.items(), key=lambda item: -_ndcg(item[1]))),
        )
    return found


def tuning_results(chosen: Mapping[str, Tuned]) -> dict[str, TuningResult]:
    """All that was tried."""
    return {
        name: TuningResult(
            chosen=one.chosen.model_dump(),
            trials=[
                TrialResult(
                    options=trial.options, ndcg_at_10=trial.ndcg_at_10, **asdict(trial.cost)
                )
                for trial in one.trials
            ],
        )
        for name, one in chosen.items()
    }


def costs_of(costs: Mapping[str, Resources]) -> dict[str, Cost]:
    """Costs for the document."""
    return {name: Cost(**asdict(cost)) for name, cost in costs.items()}


def _row(
    one: Entrant,
    name: SliceName,
    judged: Judgement,
    reference: Judgement,
    rng: np.random.Generator,
) -> Row:
    gini = judged.artist_gini_at_10
    return Row(
        kind=one.kind,
        measures={of: mean_figure(values, rng) for of, values in judged.per_user.items()},
        coverage_at_10=judged.coverage_at_10,
        artist_gini_at_10=None if np.isnan(gini) else gini,
        reference=one.reference,
        differences={}
        if judged is reference
        else {
            of: difference_figure(reference.per_user[of], values, rng)
            for of, values in judged.per_user.items()
        },
        rank_seconds=one.ranking[name].seconds if name in one.ranking else None,
    )


def _ndcg(row: Row) -> float:
    figure = row.measures["ndcg_at_10"]
    return -1.0 if figure is None else figure.mean
