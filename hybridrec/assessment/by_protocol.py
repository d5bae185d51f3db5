"""Asks a model the questions of the protocol: how well its ways rank, slice by slice."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import Field

from hybridrec.answers.ask import Ask
from hybridrec.assessment.assessment import OfListeners, figures_of
from hybridrec.assessment.lists import ranked_rows
from hybridrec.assessment.ways import Way
from hybridrec.datasets.table import Dataset
from hybridrec.errors import InvalidData
from hybridrec.evaluation.card import Figure
from hybridrec.evaluation.figures import difference_figure
from hybridrec.evaluation.judgement import Judge, Questions
from hybridrec.evaluation.protocol import (
    Protocol,
    ProtocolConfig,
    Slice,
    SliceName,
    draw_protocol,
    draw_temporal,
)
from hybridrec.evaluation.trained import Part
from hybridrec.hybrid import HybridModel


class OfWay(OfListeners):
    """All measures of one way to rank.

    Attributes:
        ndcg_at_10_behind: the first way's NDCG@10 less this one's, user by user; None of the first.
    """

    ndcg_at_10_behind: Figure | None


class OfSlice(Part):
    """One slice of the protocol.

    Attributes:
        n_candidates: tracks that are ranked.
        ways: by name, the first first.
    """

    n_candidates: int = Field(ge=1)
    ways: dict[str, OfWay]


@dataclass(frozen=True, slots=True)
class ByPopularity:
    """By how many listeners of the training played a track: no way to rank what nobody played."""

    name: str = "popularity"
    is_described: bool = False

    def ranks(self, one: Slice) -> bool:
        return one.name != "new_track"

    def lists(self, model: HybridModel, asks: Iterable[Ask]) -> Iterator[Sequence[str]]:
        catalog = model.knowledge.catalog
        best = np.argsort(-catalog.interactions, kind="stable")
        for ask in asks:
            rows = best[~np.isin(best, ask.exclude)][: ask.k]
            yield [catalog.tracks.ids[row] for row in rows.tolist()]


def protocols_of(
    dataset: Dataset, config: ProtocolConfig, seed: int, tell: Callable[[str], None]
) -> tuple[Protocol, ...]:
    """The questions, and those about later plays where dates part earlier plays from later.

    Args:
        dataset: checked tables.
        config: how many are asked.
        seed: the same draws the same questions.
        tell: is told why nothing is asked about later plays, if so.

    Raises:
        InvalidData: there are too few tracks or users with enough plays.
    """
    tables = dataset.tracks, dataset.interactions
    protocol = draw_protocol(*tables, config, np.random.default_rng(seed))
    try:
        return protocol, draw_temporal(*tables, config, np.random.default_rng([seed, 2]))
    except InvalidData as error:
        tell(f"later plays are not asked for: {error.detail}")
        return (protocol,)


def assess_ways(
    model: HybridModel, protocol: Protocol, ways: Sequence[Way], rng: np.random.Generator
) -> dict[SliceName, OfSlice]:
    """The figures of some ways, of every slice of a protocol.

    Args:
        model: trained on the protocol's table of training.
        protocol: whom and what to ask.
        ways: the first, which must have an answer to every slice, is what others are held against.
        rng: draws users for the intervals.
    """
    catalog = model.knowledge.catalog
    judge = Judge.of(catalog, len(model.knowledge.users))
    found: dict[SliceName, OfSlice] = {}
    for one in protocol.slices:
        asked = Questions.of(one, protocol.train, catalog)
        judged = {
            way.name: judge.judge(ranked_rows(model, one, way), asked)
            for way in ways
            if way.ranks(one)
        }
        first = judged[ways[0].name].per_user["ndcg_at_10"]
        found[one.name] = OfSlice(
            n_candidates=len(asked.candidate_rows),
            ways={
                name: OfWay(
                    **figures_of(of_way, asked, rng).model_dump(),
                    ndcg_at_10_behind=None
                    if name == ways[0].name
                    else difference_figure(first, of_way.per_user["ndcg_at_10"], rng),
                )
                for name, of_way in judged.items()
            },
        )
    return found
