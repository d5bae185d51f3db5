"""All baselines, each with the options that are tried: as many for one as for another."""

from collections.abc import Mapping, Sequence

from benchmarks.baselines import (
    als,
    collective,
    ease,
    item_knn,
    nmf,
    nonnegative,
    popularity,
    tf_idf,
)
from benchmarks.baselines.contract import Baseline
from benchmarks.measure import chosen

N_TRIALS = 10
"""Options that each baseline may try, at most; there are fewer where there is less to choose."""
BASELINES: Mapping[str, Sequence[Baseline]] = {
    trials[0].name: trials
    for trials in (
        popularity.TRIALS,
        item_knn.TRIALS,
        ease.TRIALS,
        als.TRIALS,
        nmf.TRIALS,
        nonnegative.TRIALS,
        tf_idf.TRIALS,
        collective.TRIALS,
    )
}


def shelf_of(names: str) -> Mapping[str, Sequence[Baseline]]:
    """The baselines of some names, parted by commas.

    Raises:
        InvalidConfig: for a name of no baseline.
    """
    return {name: BASELINES[name] for name in chosen("--baselines", names, BASELINES)}
