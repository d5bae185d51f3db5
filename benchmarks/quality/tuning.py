"""Chooses each baseline's options on a validation part of the training, by one rule for all."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.baselines.contract import Baseline, Fitted
from benchmarks.quality.exam import Exam
from benchmarks.quality.resources import Resources, measured
from hybridrec.evaluation.protocol import ProtocolConfig, SliceName, draw_protocol
from hybridrec.evaluation.ranking import evaluate_rankings

VALIDATION = ProtocolConfig(n_new_tracks=150, n_new_users=250, n_warm_users=1_000, n_askers=1_000)
"""Half of what is asked in the end, of the training alone."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of one set of options.

    Attributes:
        options: by name.
        ndcg_at_10: by slice of the validation part.
        cost: of fitting and asking.
    """

    options: dict[str, object]
    ndcg_at_10: dict[SliceName, float]
    cost: Resources

    @property
    def mean(self) -> float:
        """What options are chosen by: the mean of the slices' NDCG@10."""
        return float(np.mean(list(self.ndcg_at_10.values())))


def validation_exam(exam: Exam, seed: int) -> Exam:
    """A protocol of the same kind inside the training part of another.

    The latter's new tracks, that training has no play of, are no candidates here.
    """
    protocol = exam.protocol
    seen = protocol.tracks.join(protocol.train, on="track_id", how="semi", maintain_order="left")
    rng = np.random.default_rng([seed, 1])  # other draws than those of the protocol itself
    return Exam.of(draw_protocol(seen, protocol.train, VALIDATION, rng))


def tune(
    trials: Sequence[Baseline], exam: Exam, threads: int, seed: int
) -> tuple[Baseline, list[Trial]]:
    """The best options, the first of equals, and what came of all of them.

    Args:
        trials: options to try, at least one.
        exam: of the validation part.
        threads: that baselines may use.
        seed: of all that they draw.
    """
    found = [_tried(baseline, exam, threads, seed) for baseline in trials]
    best = int(np.argmax([trial.mean for trial in found]))
    return trials[best], found


def _ndcg(exam: Exam, name: SliceName, fitted: Fitted) -> float:
    asked = exam.asked[name]
    lists = exam.ranked(fitted, name)
    return evaluate_rankings(lists, asked.relevant_rows, asked.relevant_offsets).mean().ndcg_at_10


def _tried(baseline: Baseline, exam: Exam, threads: int, seed: int) -> Trial:
    def asked() -> dict[SliceName, float]:
        fitted = baseline.fit(exam.material(threads, seed))
        return {name: _ndcg(exam, name, fitted) for name in exam.slices_of(baseline)}

    ndcg, cost = measured(asked)
    return Trial(baseline.model_dump(), ndcg, cost)
