"""The questions of ``benchmarks.quality`` again, for a few entrants: of other seeds or inputs."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.baselines.shelf import BASELINES
from benchmarks.quality.entrants import Entrant, Tuned
from benchmarks.quality.exam import Exam
from hybridrec.assessment.ways import WAYS, Way
from hybridrec.errors import InvalidData
from hybridrec.evaluation.hits import PerUser
from hybridrec.evaluation.judgement import Judge
from hybridrec.evaluation.protocol import SliceName

PerSlice = dict[SliceName, dict[str, PerUser]]
"""NDCG@10 of every asker, by slice and entrant; NaN where nothing can be said."""


def ways_named(names: Sequence[str]) -> list[Way]:
    """Those of the hybrid's ways that have one of the names."""
    return [way for way in WAYS if way.name in names]


def already_tuned(report: Path, names: Sequence[str]) -> dict[str, Tuned]:
    """Baselines with the options that a report of ``benchmarks.quality`` chose.

    Args:
        report: its JSON.
        names: of the baselines.

    Raises:
        InvalidData: the report did not choose options of one of them.
    """
    tuning = json.loads(report.read_text()).get("tuning", {})
    missing = sorted(set(names) - set(tuning))
    if missing:
        said = f"has no chosen options of {', '.join(missing)}; take what benchmarks.quality wrote"
        raise InvalidData(report.name, said)
    kinds = {name: type(BASELINES[name][0]) for name in names}
    return {name: Tuned(kinds[name](**tuning[name]["chosen"]), ()) for name in names}


def ndcg_per_user(exam: Exam, entrants: Mapping[str, Entrant]) -> PerSlice:
    """NDCG@10 of every question."""
    judge = Judge.of(exam.catalog, exam.plays.shape[0])
    return {
        of: {
            name: judge.judge(one.lists[of], asked).per_user["ndcg_at_10"]
            for name, one in entrants.items()
            if of in one.lists
        }
        for of, asked in exam.asked.items()
    }
