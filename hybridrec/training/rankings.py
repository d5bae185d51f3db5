"""How well ways of scoring rank, by kind of listener, on the users that calibrate."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from hybridrec.evaluation.bootstrap import paired_bootstrap
from hybridrec.evaluation.card import (
    Figure,
    Gain,
    Listeners,
    Loss,
    LostStage,
    Quality,
    RankedBy,
)
from hybridrec.evaluation.ranking import PerUserMetrics, evaluate_rankings
from hybridrec.schema.names import Floats, Mask, Rows
from hybridrec.schema.ragged import offsets_of
from hybridrec.training.examples import StackBatch

K = 20

PerUser = npt.NDArray[np.float64]
W = TypeVar("W", LostStage, RankedBy)


@dataclass(slots=True)
class Rankings:
    """Collects ranked lists, batch by batch.

    All candidates are from the serving pool, so what the pool lacks is a miss.

    Attributes:
        of_all: the one kind that all askers are of; None to tell kinds of listener apart.
        lists: by way of scoring, one list of rows per question.
        labels: what each asker went on to play.
        histories: what each is known to have played.
        is_new: whether each asker is new to the base models.
        asks_again: whether each has asked already, with all that is known.
        is_thin: whether next to nothing is known of a new asker.
    """

    of_all: Listeners | None = None
    lists: dict[str, list[Rows]] = field(default_factory=dict)
    labels: list[Rows] = field(default_factory=list)
    histories: list[Rows] = field(default_factory=list)
    is_new: list[bool] = field(default_factory=list)
    asks_again: list[bool] = field(default_factory=list)
    is_thin: list[bool] = field(default_factory=list)

    def add(self, batch: StackBatch, labels: Sequence[Rows], ways: Mapping[str, Floats]) -> None:
        """The questions of a batch that calibrate.

        Args:
            batch: some of the stack.
            labels: of each of its questions.
            ways: scores of all candidates, shape (N,), by name; NaN ranks last.
        """
        is_thin = batch.is_thin
        for query in np.flatnonzero(batch.calibrates).tolist():
            part = batch.queries.part(query)
            pooled = batch.pooled[part]
            rows = batch.queries.candidate_rows[part][pooled]
            for name, scores in ways.items():
                self.lists.setdefault(name, []).append(_best(rows, scores[part][pooled]))
            self.labels.append(labels[query])
            self.histories.append(batch.queries.excluded(query))
            self.is_new.append(bool(batch.is_new[query]))
            self.asks_again.append(bool(batch.asks_again[query]))
            self.is_thin.append(bool(is_thin[query]))

    def quality(self, names: Sequence[RankedBy], rng: np.random.Generator) -> tuple[Quality, ...]:
        """Figures of some ways of scoring for each kind of listener that there is."""
        found = []
        for listeners, chosen in self._kinds():
            for name in names:
                judged = self._judged(name, chosen)
                found.append(
                    Quality(
                        ranked_by=name,
                        listeners=listeners,
                        n_queries=int(chosen.sum()),
                        ndcg_at_10=_figure(judged.ndcg_at_10, rng),
                        recall_at_20=_figure(judged.recall_at_20, rng),
                    )
                )
        return tuple(found)

    def losses(self, names: Sequence[LostStage], rng: np.random.Generator) -> tuple[Loss, ...]:
        """What it costs the hybrid to lose each of some stages, for each kind of listener."""
        return tuple(
            Loss(stage=name, listeners=kind, n_queries=len(gain), ndcg_at_10=_figure(-gain, rng))
            for kind, name, gain in self._over(names)
        )

    def gains(self, names: Sequence[RankedBy], rng: np.random.Generator) -> tuple[Gain, ...]:
        """What the hybrid has over some ways of scoring, for each kind of listener."""
        return tuple(
            Gain(over=name, listeners=kind, n_queries=len(gain), ndcg_at_10=_figure(gain, rng))
            for kind, name, gain in self._over(names)
        )

    def _over(self, names: Sequence[W]) -> Iterator[tuple[Listeners, W, PerUser]]:
        """NDCG@10 of the hybrid less that of each of some ways, query by query."""
        for kind, chosen in self._kinds():
            hybrid = self._judged("hybrid", chosen).ndcg_at_10
            for name in names:
                yield kind, name, hybrid - self._judged(name, chosen).ndcg_at_10

    def with_history(self) -> list[int]:
        """Places of all askers with a history and a label, each user once."""
        chosen = dict(self._kinds()).get("all")
        return [] if chosen is None else np.flatnonzero(chosen).tolist()

    def _kinds(self) -> Iterator[tuple[Listeners, Mask]]:
        """Names of kinds of listeners, and which askers with a label are of each.

        Who asks again, but as a stranger of a few plays, is in none: counted once already.
        """
        new, again = np.array(self.is_new, bool), np.array(self.asks_again, bool)
        has_labels = np.array([len(rows) > 0 for rows in self.labels], bool)
        if self.of_all is not None:
            return iter([(self.of_all, has_labels)])
        kinds: dict[Listeners, Mask] = {
            "all": ~again,
            "known": ~new & ~again,
            "new": new & ~again,
            "few_plays": np.array(self.is_thin, bool),
        }
        judged = {name: kind & has_labels for name, kind in kinds.items()}
        return ((name, kind) for name, kind in judged.items() if kind.any())

    def _judged(self, name: str, chosen: Mask) -> PerUserMetrics:
        places = np.flatnonzero(chosen).tolist()
        labels = [self.labels[place] for place in places]
        lists = np.stack([self.lists[name][place] for place in places])
        return evaluate_rankings(lists, np.concatenate(labels), offsets_of(labels))


def _best(rows: Rows, scores: Floats) -> Rows:
    """The K rows of the highest scores, -1 where there are fewer."""
    order = np.argsort(-np.nan_to_num(scores, nan=-np.inf), kind="stable")[:K]
    best = np.full(K, -1, np.int32)
    best[: len(order)] = rows[order]
    return best


def _figure(values: PerUser, rng: np.random.Generator) -> Figure:
    found = paired_bootstrap(values, np.zeros_like(values), rng)
    return Figure(mean=found.mean, low=found.low, high=found.high)
