"""One run: the same questions for the hybrid, for its parts and for the baselines."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import typer

from benchmarks.baselines.contract import Baseline
from benchmarks.baselines.shelf import BASELINES
from benchmarks.quality.entrants import Tell, baselines_of, trained, tuned, ways_of
from benchmarks.quality.exam import Exam
from benchmarks.quality.figures import (
    QualityReport,
    SliceResult,
    costs_of,
    slice_results,
    tuning_results,
)
from benchmarks.quality.oracle import ORACLE, oracle_of
from benchmarks.quality.resources import Resources
from benchmarks.quality.tuning import validation_exam
from hybridrec.assessment.by_protocol import protocols_of
from hybridrec.datasets.table import Dataset
from hybridrec.datasets.world import Truth
from hybridrec.evaluation.card import Calibration
from hybridrec.evaluation.protocol import Protocol, ProtocolConfig, SliceName
from hybridrec.training.config import TrainConfig


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is to do.

    Attributes:
        protocol: how many are asked.
        training: hyperparameters of the hybrid.
        shelf: baselines and the options to try, by name.
        seed: of all that is drawn.
        threads: that baselines may use; the hybrid uses those of its process.
    """

    seed: int
    threads: int
    protocol: ProtocolConfig = field(default_factory=ProtocolConfig)
    training: TrainConfig = field(default_factory=TrainConfig)
    shelf: Mapping[str, Sequence[Baseline]] = field(default_factory=lambda: BASELINES)

    def protocols(self, dataset: Dataset) -> tuple[Protocol, ...]:
        """The questions, and those about later plays where anything is dated."""
        return protocols_of(
            dataset, self.protocol, self.seed, lambda why: typer.echo(why, err=True)
        )


def run(
    name: str, dataset: Dataset, plan: Plan, tell: Tell, truth: Truth | None = None
) -> QualityReport:
    """All figures of a dataset, of one training for each protocol.

    Args:
        name: of the dataset.
        dataset: checked tables.
        plan: what is to be done.
        tell: is told what begins.
        truth: of a made-up world; it ranks too.
    """
    began = time.perf_counter()
    protocols = plan.protocols(dataset)
    exams = [Exam.of(part) for part in protocols]
    validation = validation_exam(exams[0], plan.seed)
    chosen = tuned(plan.shelf, validation, plan.threads, plan.seed, tell)

    slices: dict[SliceName, SliceResult] = {}
    costs: dict[str, Resources] = {}
    calibration: tuple[Calibration, ...] = ()
    for part, asked in zip(protocols, exams, strict=True):
        model, cost = trained(part, plan.training, plan.seed, tell)
        entrants = ways_of(model, part, tell)
        baselines, fitting = baselines_of(asked, chosen, plan.threads, plan.seed, tell)
        oracle = {} if truth is None else {ORACLE: oracle_of(asked, truth)}
        tell("judging")
        rng = np.random.default_rng([plan.seed, 3])
        slices |= slice_results(asked, entrants | baselines | oracle, rng)
        costs = costs or {"hybrid": cost, **fitting}
        calibration = calibration or model.card.calibration
    return QualityReport(
        data=name,
        seed=plan.seed,
        threads=plan.threads,
        protocol=plan.protocol.model_dump(),
        n_train=len(protocols[0].train),
        slices=slices,
        tuning=tuning_results(chosen),
        costs=costs_of(costs),
        calibration=calibration,
        seconds=round(time.perf_counter() - began, 1),
    )
