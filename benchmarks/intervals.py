"""Whether intervals of scores hold what they should, on listeners that trained no fusion.

Candidates are alike that have one kind of listener, one kind of track and one bin of scores. In a
made-up world the mean of their true probabilities should lie in the mean of their intervals; on
any data the share that was played should, but for the chance of the draw.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import polars as pl
import typer
from numpy.typing import NDArray

from benchmarks.measure import report
from hybridrec.answers.ask import Ask
from hybridrec.answers.batch import batch_asks, plays_by_user
from hybridrec.answers.knowledge import NO_ROWS, Knowledge
from hybridrec.answers.plan import Plan, plan
from hybridrec.assessment.lists import LIST_LENGTH, described_tracks
from hybridrec.catalog import Catalog
from hybridrec.datasets.synthetic import WorldConfig, make_world
from hybridrec.datasets.table import Dataset
from hybridrec.datasets.world import TRUTH_FILE, Truth, load_truth
from hybridrec.evaluation.splits import Split, hold_out_tracks, liked_pairs
from hybridrec.hybrid import NO_DEADLINE, HybridModel
from hybridrec.models.calibration import logit
from hybridrec.models.groups import LISTENERS, N_GROUPS, TRACKS, confidence_groups
from hybridrec.models.interval import LEVEL, interval_groups
from hybridrec.schema.names import Floats, Mask, Rows
from hybridrec.schema.ragged import offsets_of
from hybridrec.schema.tables import INTERACTIONS
from hybridrec.schema.wire import InlineTrack
from hybridrec.training.config import StackConfig, TrainConfig
from hybridrec.training.pipeline import train
from hybridrec.training.strangers import STRANGERS, Taste, as_stranger
from hybridrec.vocabulary import Vocabulary

Values = NDArray[np.floating[Any]]
Places = NDArray[np.integer[Any]]

WORLDS = {
    "usual": WorldConfig(n_users=8000),
    "dense": WorldConfig(n_users=4800, n_tracks=2500, median_library=80, popularity_exponent=0.6),
    "sparse": WorldConfig(n_users=10_000, n_tracks=2000, median_library=18),
    "steep": WorldConfig(n_users=6000, n_tracks=1500, library_spread=1.0, popularity_exponent=1.3),
}
KNOWN_SHARE = 0.1
"""Of the listeners of the training who are asked. Were it many, most of those of the training would
have listened less than the asked, and scores would say too little."""
MIN_LISTENERS = 20
"""Listeners that a cell needs: fewer are no group, and may have any probability."""
MIN_FOR_TRUTH = 100
"""Listeners that a cell needs for the mean of their true probabilities to be near that of all like
them."""
BATCH = 50
HIGH = 0.1
"""From which score on single candidates are told of apart."""
SURE = 1.645
"""Standard errors that a draw keeps to nine times in ten."""


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """Candidates of all askers; shapes (n,). Rows of described tracks follow the bundle's."""

    users: Rows
    rows: Rows
    groups: Rows
    scores: Floats
    low: Floats
    high: Floats
    played: Mask


def main(
    data: Annotated[Path | None, typer.Option(help="Tables; made-up worlds if none.")] = None,
    strangers: Annotated[float, typer.Option(min=0.01, max=0.9, help="Share of all users.")] = 0.75,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    json: Annotated[Path | None, typer.Option()] = None,
) -> None:
    """Trains without a part of what some listeners played, asks them, and prints what is held.

    Some tracks are kept from the training too, as if they came out later, and described by who
    asks. Dates are left out: a made-up world's truth knows of none.
    """
    found: dict[str, object] = {}
    if data is not None:
        truth = load_truth(data) if (data / TRUTH_FILE).exists() else None
        found[data.name] = checked(Dataset.load(data), truth, strangers, seed)
    else:
        for place, (name, config) in enumerate(WORLDS.items()):
            world = make_world(config, np.random.default_rng([seed, place]))
            found[name] = checked(world.dataset, world.truth, strangers, seed)
    report("intervals", found, json)


def checked(
    dataset: Dataset, truth: Truth | None, strangers: float, seed: int
) -> dict[str, object]:
    """What the intervals of one training hold.

    Args:
        dataset: the tables.
        truth: of a made-up world.
        strangers: share of all listeners who are in no training.
        seed: draws the listeners and what strangers tell, and trains.
    """
    rng = np.random.default_rng(seed)
    rows = dataset.interactions.with_columns(timestamp=pl.lit(None, INTERACTIONS["timestamp"]))
    users = rows["user_id"].unique().sort().gather(rng.permutation(rows["user_id"].n_unique()))
    n_strangers = round(strangers * len(users))
    n_asked = n_strangers + round(KNOWN_SHARE * (len(users) - n_strangers))
    is_stranger, is_asked = (
        pl.col("user_id").is_in(users[:n].implode()) for n in (n_strangers, n_asked)
    )
    stack = StackConfig()
    split = hold_out_tracks(
        rows.filter(is_asked), stack.held_out_share, stack.min_tracks, None, rng
    )
    n_new = round(stack.new_track_share * len(dataset.tracks))
    new = dataset.tracks[rng.permutation(len(dataset.tracks))[:n_new]]
    is_new = pl.col("track_id").is_in(new["track_id"].implode())
    before, surplus = split.train.filter(~is_new), split.train.filter(is_new)
    kept = pl.concat([rows.filter(~is_asked & ~is_new), before.filter(~is_stranger)])
    known = Dataset(dataset.tracks.filter(~is_new), kept)
    model = train(known, TrainConfig(), seed, datetime.now(UTC), lambda _stage, _done: None)
    later = Catalog.of(new, np.zeros(n_new, np.int32))
    described = described_tracks(later, np.arange(n_new, dtype=np.int32))
    ids = (*model.knowledge.catalog.tracks.ids, *later.tracks.ids)
    asked = split.test["user_id"].unique().sort().to_list()
    history = plays_by_user(before.filter(is_stranger))
    told: dict[str, object] = {}
    for what, told_of in TOLD.items():
        asks = batch_asks(asked, history, None, LIST_LENGTH, model.knowledge)
        told_asks = told_of(asks, model.knowledge, rng)
        parts = list(answers(model, told_asks, described, split.test, surplus))
        joined = Answers(
            *(np.concatenate([getattr(one, of.name) for one in parts]) for of in fields(Answers))
        )
        true = None if truth is None else chances(truth, ids, asked, split, joined)
        told[what] = figures(joined, true, model.fusions.meta_learning.interval.edges)
    return told


def a_part(asks: Iterator[Ask], knowledge: Knowledge, rng: np.random.Generator) -> Iterator[Ask]:
    """Strangers as training asks them, in turn: as they are, and as each kind; others unchanged."""
    kinds, taste = cycle((None, *STRANGERS)), Taste(knowledge.items)
    for ask in asks:
        if ask.asker.user_row >= 0 or (kind := next(kinds)) is None:
            yield ask
        else:
            yield replace(ask, asker=as_stranger(ask.asker, kind, taste, rng))


def everything(
    asks: Iterator[Ask], knowledge: Knowledge, rng: np.random.Generator
) -> Iterator[Ask]:
    """All listeners as they are."""
    del knowledge, rng  # nothing is drawn
    return asks


TOLD: Mapping[str, Callable[[Iterator[Ask], Knowledge, np.random.Generator], Iterator[Ask]]] = {
    "strangers_as_in_training": a_part,
    "strangers_who_tell_all": everything,
}
"""What is told of strangers, by name."""


def answers(
    model: HybridModel,
    asks: Iterator[Ask],
    described: tuple[InlineTrack, ...],
    test: pl.DataFrame,
    surplus: pl.DataFrame,
) -> Iterator[Answers]:
    """What the model says of all candidates that it would choose from, in batches.

    Args:
        model: answers.
        asks: questions.
        described: tracks that the model's bundle does not hold; everyone asks about them as well.
        test: what listeners went on to play.
        surplus: what they had played of new tracks, which are no candidates of theirs.
    """
    held = model.knowledge.catalog.tracks.ids
    tracks = Vocabulary((*held, *(track.track_id for track in described)))
    labels, played_before = (
        dict(liked_pairs(of).group_by("user_id").agg("track_id").iter_rows())
        for of in (test, surplus)
    )
    start = 0
    while batch := list(islice(asks, BATCH)):
        of_all = model.candidates(plan(batch, model.knowledge, NO_DEADLINE))
        of_described = [about(described, batch, model.knowledge)] if described else []
        for planned in (of_all, *of_described):
            queries, fused = planned.queries, model.score(planned).fused
            asker = queries.query_of_candidate[fused.places]
            of_both: Mask = np.isfinite(fused.source_scores).min(axis=1)
            groups = confidence_groups(queries, model.knowledge.catalog.interactions)[fused.places]
            played, passed_over = (
                is_of(of, fused.rows, asker, batch, tracks) for of in (labels, played_before)
            )
            kept = ~passed_over
            yield Answers(
                users=(start + asker[kept]).astype(np.int32),
                rows=fused.rows[kept],
                groups=interval_groups(groups, of_both)[kept],
                scores=fused.scores[kept],
                low=fused.low[kept],
                high=fused.high[kept],
                played=played[kept],
            )
        start += len(batch)


def is_of(
    plays: Mapping[str | None, Sequence[str]],
    rows: Rows,
    asker: Rows,
    asks: Sequence[Ask],
    tracks: Vocabulary,
) -> Mask:
    """Whether each candidate is among some plays of who asks.

    Args:
        plays: ids of tracks, by listener; a stranger without an id has none.
        rows: shape (n,), the candidates.
        asker: shape (n,), whose candidates they are, from 0, rising.
        asks: the questions.
        tracks: whose rows are meant.
    """
    parts = [
        np.isin(rows[asker == place], tracks.rows(plays.get(ask.asker.user_id, [])))
        for place, ask in enumerate(asks)
    ]
    return np.concatenate(parts)


def about(described: tuple[InlineTrack, ...], asks: Sequence[Ask], knowledge: Knowledge) -> Plan:
    """Questions about tracks that are described once for all."""
    first, *others = [replace(ask, rows=NO_ROWS) for ask in asks]
    told = [replace(first, cold_tracks=described), *others]
    planned = plan(told, knowledge, NO_DEADLINE)
    each = [len(knowledge.catalog) + np.arange(len(described), dtype=np.int32)] * len(told)
    queries = replace(
        planned.queries, candidate_rows=np.concatenate(each), offsets=offsets_of(each)
    )
    return replace(planned, queries=queries)


def chances(
    truth: Truth, track_ids: Sequence[str], user_ids: Sequence[str], split: Split, found: Answers
) -> Floats:
    """Shape (n,), the true probability of what a score tells: to be played, and held out.

    Of a track that is not among those kept, by Bayes' rule, at the listener's own share held out.
    """
    tracks = Vocabulary(tuple(f"t{row:06d}" for row in range(len(truth.item_truth))))
    columns = tracks.rows(track_ids)
    rows = Vocabulary(truth.user_ids).rows(user_ids)
    n_held, n_kept = (
        dict(liked_pairs(part)["user_id"].value_counts().iter_rows())
        for part in (split.test, split.train)
    )
    true = np.empty(len(found.rows), np.float32)
    for place, user_id in enumerate(user_ids):
        here = found.users == place
        (of_all,) = truth.play_probability(rows[[place]])[:, columns].astype(np.float64)
        plays = of_all[found.rows[here]]
        share = n_held[user_id] / (n_held[user_id] + n_kept[user_id])
        true[here] = plays * share / (1 - plays * (1 - share))
    return true


def figures(found: Answers, true: Floats | None, edges: NDArray[np.float64]) -> dict[str, object]:
    """Shares of cells whose intervals hold what was played, and in a made-up world the truth."""
    bins = np.searchsorted(edges, logit(found.scores), side="right")
    _, cells = np.unique(found.groups * (len(edges) + 1) + bins, return_inverse=True)
    askers = np.bincount(np.unique(np.stack([cells, found.users], axis=1), axis=0)[:, 0])
    n_rows = np.bincount(cells)

    def means(enough: Mask, *values: Floats | Mask | Rows) -> list[NDArray[np.float64]]:
        return [(np.bincount(cells, one) / n_rows)[enough] for one in values]

    enough: Mask = askers >= MIN_LISTENERS
    low, high, scores, played = means(enough, found.low, found.high, found.scores, found.played)
    widths = np.quantile((high - low) / scores, [0.1, 0.5, 0.9])
    chance = SURE * np.sqrt(scores / n_rows[enough])
    told: dict[str, object] = {
        "listeners": len(np.unique(found.users)),
        "candidates": len(found.rows),
        "cells": int(enough.sum()),
        "level": LEVEL,
        "width_over_score": widths.round(2).tolist(),
        "played_within_interval_and_chance": within(played, low - chance, high + chance),
        "played_over_score": by_listener(found, found.played),
    }
    if true is not None:
        shown = found.scores > HIGH
        of_shown = np.quantile(true[shown] / found.scores[shown], [0.05, 0.5, 0.95])
        many: Mask = askers >= MIN_FOR_TRUTH
        truth, bottom, top, groups = means(many, true, found.low, found.high, found.groups)
        kinds = groups.round().astype(np.int64) % N_GROUPS // len(TRACKS)
        told["cells_for_truth"] = int(many.sum())
        told["true_mean_within"] = within(truth, bottom, top)
        asked = SURE * standard_errors(cells, found, true)[many]
        told["true_mean_within_interval_and_chance"] = within(truth, bottom - asked, top + asked)
        told["true_mean_within_by_listener"] = {
            LISTENERS[kind]: within(*(one[kinds == kind] for one in (truth, bottom, top)))
            for kind in np.unique(kinds).tolist()
        }
        told["true_over_score"] = by_listener(found, true)
        told["single_candidates_within"] = within(true, found.low, found.high)
        told["true_over_high_score"] = of_shown.round(2).tolist()
    return told


def standard_errors(cells: Places, found: Answers, true: Floats) -> Values:
    """Of each cell's mean true probability, by which listeners happen to be asked.

    Args:
        cells: shape (n,), from 0.
        found: the candidates.
        true: shape (n,).

    Returns:
        shape (cells,); 0 for a cell of one listener.
    """
    askers, places = np.unique(cells * len(cells) + found.users, return_inverse=True)
    of_cells, usual = (
        askers // len(cells),
        found.scores * share_of(true, found.scores, cells)[cells],
    )
    off, n = np.bincount(places, true - usual), np.bincount(of_cells)
    spread = np.bincount(of_cells, off**2) * n / np.maximum(n - 1, 1)
    errors: Values = np.sqrt(spread) / np.bincount(cells)
    return errors


def share_of(values: Floats, scores: Floats, cells: Places) -> Values:
    """The sum of values over that of the scores, of each cell."""
    found: Values = np.bincount(cells, values) / np.bincount(cells, scores)
    return found


def within(values: Values, low: Values, high: Values) -> float:
    """The share of values that lie within their intervals."""
    return round(float(((values >= low) & (values <= high)).mean()), 3)


def by_listener(found: Answers, values: Floats | Mask) -> dict[str, float]:
    """The sum of values over that of the scores, for each kind of listener."""
    kinds = found.groups % N_GROUPS // len(TRACKS)
    return {
        LISTENERS[kind]: round(
            float(values[kinds == kind].sum() / found.scores[kinds == kind].sum()), 2
        )
        for kind in np.unique(kinds).tolist()
    }


if __name__ == "__main__":
    typer.run(main)
