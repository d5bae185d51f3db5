"""Who is judged: the hybrid, the other ways that it can rank, and the baselines."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Literal

from benchmarks.baselines.contract import Baseline
from benchmarks.quality.exam import LIST_LENGTH, Exam
from benchmarks.quality.resources import Resources, measured
from benchmarks.quality.tuning import Trial, tune
from hybridrec.assessment.lists import ranked_rows
from hybridrec.assessment.ways import DESCRIBED, HYBRID, WAYS, Way
from hybridrec.datasets.table import Dataset
from hybridrec.evaluation.protocol import Protocol, SliceName
from hybridrec.hybrid import HybridModel
from hybridrec.schema.names import Rows
from hybridrec.training.config import TrainConfig
from hybridrec.training.pipeline import train

Kind = Literal["hybrid", "part", "baseline", "oracle"]
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Entrant:
    """One that ranks.

    Attributes:
        kind: the hybrid, a part of it or another way that it can rank, a baseline, or the truth.
        lists: by slice, shape (B, K), rows of the catalogue, best first, -1 where a list ends.
        reference: name of the entrant that it is held against.
        ranking: what making the lists took, by slice.
    """

    kind: Kind
    lists: Mapping[SliceName, Rows]
    reference: str = HYBRID
    ranking: Mapping[SliceName, Resources] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tuned:
    """A baseline with its best options.

    Attributes:
        chosen: the options.
        trials: all that were tried, with what came of them.
    """

    chosen: Baseline
    trials: Sequence[Trial]


def trained(
    protocol: Protocol, config: TrainConfig, seed: int, tell: Tell
) -> tuple[HybridModel, Resources]:
    """The hybrid, trained on a protocol's table, and what that took."""
    tell("training the hybrid")
    dataset = Dataset(protocol.tracks, protocol.train)
    now = datetime.now(UTC)
    return measured(partial(train, dataset, config, seed, now, lambda _stage, _done: None))


def ways_of(
    model: HybridModel, protocol: Protocol, tell: Tell, ways: Sequence[Way] = WAYS
) -> dict[str, Entrant]:
    """The hybrid and its other ways, each asked all that it can answer."""
    found = {}
    for way in ways:
        tell(f"ranking: {way.name}")
        lists: dict[SliceName, Rows] = {}
        cost: dict[SliceName, Resources] = {}
        for one in protocol.slices:
            if not way.ranks(one):
                continue
            lists[one.name], cost[one.name] = measured(
                partial(ranked_rows, model, one, way, LIST_LENGTH)
            )
        is_described = way.is_described and way.name != DESCRIBED
        reference = DESCRIBED if is_described else HYBRID
        found[way.name] = Entrant(
            "hybrid" if way.name == HYBRID else "part", lists, reference, cost
        )
    return found


def tuned(
    shelf: Mapping[str, Sequence[Baseline]], validation: Exam, threads: int, seed: int, tell: Tell
) -> dict[str, Tuned]:
    """Each baseline with the options that did best on the validation part."""
    found = {}
    for name, trials in shelf.items():
        tell(f"tuning: {name}")
        found[name] = Tuned(*tune(trials, validation, threads, seed))
    return found


def baselines_of(
    exam: Exam, chosen: Mapping[str, Tuned], threads: int, seed: int, tell: Tell
) -> tuple[dict[str, Entrant], dict[str, Resources]]:
    """Each baseline, fitted on the whole training part and asked; and what fitting took."""
    entrants, costs = {}, {}
    for name, one in chosen.items():
        tell(f"fitting: {name}")
        material = exam.material(threads, seed)
        fitted, costs[name] = measured(partial(one.chosen.fit, material))
        lists: dict[SliceName, Rows] = {}
        ranking: dict[SliceName, Resources] = {}
        for of in exam.slices_of(one.chosen):
            lists[of], ranking[of] = measured(partial(exam.ranked, fitted, of))
        entrants[name] = Entrant("baseline", lists, HYBRID, ranking)
    return entrants, costs
