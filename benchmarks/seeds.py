"""How far the headline figures of ``benchmarks.quality`` move from one seed to the next.

A seed draws other questions, another part to train on and another training.
"""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from benchmarks.measure import report
from benchmarks.quality.again import PerSlice, already_tuned, ndcg_per_user, ways_named
from benchmarks.quality.entrants import Tuned, baselines_of, trained, ways_of
from benchmarks.quality.exam import Exam
from benchmarks.quality.run import Plan
from hybridrec.assessment.ways import HYBRID
from hybridrec.datasets.table import Dataset
from hybridrec.evaluation.figures import difference_figure
from hybridrec.evaluation.protocol import Protocol

PARTS = ("cf", "co_listening", "factors", "content")
HELD_AGAINST = ("ease", "implicit_als", "tf_idf")
LEADERS = (HYBRID, "content", "factors")


def main(
    data: Annotated[Path, typer.Option()],
    quality: Annotated[Path, typer.Option(exists=True, dir_okay=False)],
    seeds: Annotated[int, typer.Option(min=2)] = 5,
    json: Annotated[Path | None, typer.Option()] = None,
) -> None:
    """Prints NDCG@10 by slice and seed, of the hybrid, its parts and the best baselines.

    Args:
        data: folder of tables.
        quality: JSON of ``benchmarks.quality`` on it, for the options of the baselines.
        seeds: how many, from 0.
        json: where the figures go too.
    """
    dataset, tuned = Dataset.load(data), already_tuned(quality, HELD_AGAINST)
    found = []
    for seed in range(seeds):
        typer.echo(f"seed {seed}", err=True)
        plan = Plan(seed, threads=1)
        asked = [one_part(part, plan, tuned) for part in plan.protocols(dataset)]
        found.append({name: judged for part in asked for name, judged in part.items()})
    figures = {name: spread([one[name] for one in found]) for name in found[0]}
    report("seeds", {"data": data.name, "seeds": seeds, "slices": figures}, json)


def one_part(protocol: Protocol, plan: Plan, tuned: dict[str, Tuned]) -> PerSlice:
    """All questions of one training."""

    def tell(what: str) -> None:
        typer.echo(f"  {what}", err=True)

    exam = Exam.of(protocol)
    model, _ = trained(protocol, plan.training, plan.seed, tell)
    ways = ways_of(model, protocol, tell, ways_named((HYBRID, *PARTS)))
    baselines, _ = baselines_of(exam, tuned, plan.threads, plan.seed, tell)
    return ndcg_per_user(exam, ways | baselines)


def spread(seeds: list[dict[str, NDArray[np.float64]]]) -> dict[str, object]:
    """Means of each seed, their mean and standard deviation, and what is better than what.

    Args:
        seeds: NDCG@10 of every asker, by entrant, for each seed.

    Returns:
        by entrant; ``hybrid`` is what the hybrid is beside it, as of ``beside``, ``content`` what
        the towers are, and ``factors`` what the factors of NMF are.
    """
    return {
        name: {
            "ndcg_at_10": _means(seeds, name).round(4).tolist(),
            "mean": round(float(_means(seeds, name).mean()), 4),
            "deviation": round(float(_means(seeds, name).std(ddof=1)), 4),
            **{
                leader: beside(seeds, leader, name)
                for leader in LEADERS
                if leader in seeds[0] and name not in (leader, HYBRID)
            },
        }
        for name in seeds[0]
    }


def beside(
    seeds: list[dict[str, NDArray[np.float64]]], leader: str, name: str
) -> dict[str, object]:
    """What one entrant is beside another.

    Returns:
        ``times`` is its mean over the other's, seed by seed; ``more`` the difference over the
        questions of all seeds, with its 95 % interval.
    """
    both = [np.concatenate([one[who] for one in seeds]) for who in (leader, name)]
    more = difference_figure(both[0], both[1], np.random.default_rng(0))
    return {
        "times": (_means(seeds, leader) / _means(seeds, name)).round(3).tolist(),
        "more": None if more is None else more.model_dump(),
    }


def _means(seeds: list[dict[str, NDArray[np.float64]]], name: str) -> NDArray[np.float64]:
    return np.array([np.nanmean(one[name]) for one in seeds])


if __name__ == "__main__":
    typer.run(main)
