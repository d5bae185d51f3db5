"""What ``hybridrec evaluate`` says: who and what it could not judge, and its figures."""

from collections.abc import Mapping

import numpy as np
import polars as pl
from rich.console import Console
from rich.table import Table

from deployments.asides import tell
from hybridrec.assessment.assessment import Assessment, OfTracks, assess
from hybridrec.assessment.by_protocol import OfSlice
from hybridrec.assessment.kinds import LISTENERS, TRACKS
from hybridrec.assessment.lists import rows_of_table
from hybridrec.evaluation.card import Figure
from hybridrec.evaluation.judgement import Measure, Questions
from hybridrec.evaluation.protocol import SliceName
from hybridrec.evaluation.words import RANKED_BY
from hybridrec.hybrid import HybridModel

SHOWN: tuple[Measure, ...] = ("ndcg_at_10", "recall_at_20", "mrr")
_WAYS = {str(way): words.removesuffix(" alone") for way, words in RANKED_BY.items()}
SEED = 0
"""Of the draws behind the intervals: the same lists give the same figures."""


def tell_strangers(asked: Questions, model: HybridModel) -> None:
    """Says how many users nothing is known of, so that their figures are those of popularity."""
    is_known = model.knowledge.users.rows(asked.user_ids) >= 0
    is_stranger = ~is_known & (np.diff(asked.history_offsets) == 0)
    n_users, n_strangers = len(asked.user_ids), int(is_stranger.sum())
    if not n_strangers:
        return
    first = asked.user_ids[int(is_stranger.argmax())]
    cure = "bring their earlier plays as --history"
    if n_strangers == n_users:
        cure += ", or look whether the test names users as the training does"
    tell(
        f"{n_strangers} of {n_users} users of the test are not in the bundle, and no play of them"
        f" is known: {first}{' …' if n_strangers > 1 else ''}. They are shown what is popular, and"
        f" their figures say nothing of the model; {cure}"
    )


def tell_misses(asked: Questions) -> None:
    """Says how many pairs no list can hold: of tracks played before, or not to be ranked."""
    n_users = len(asked.user_ids)
    users = np.arange(n_users, dtype=np.int64)
    n_items = 1 + max(asked.history_rows.max(initial=-1), asked.relevant_rows.max(initial=-1))
    played = users.repeat(np.diff(asked.history_offsets)) * n_items + asked.history_rows
    wanted = users.repeat(np.diff(asked.relevant_offsets)) * n_items + asked.relevant_rows
    is_there = asked.relevant_rows >= 0
    is_replay = is_there & np.isin(wanted, played)
    is_choice = np.isin(asked.relevant_rows, asked.candidate_rows)
    n_unknown, n_replays = int((~is_there).sum()), int(is_replay.sum())
    n_others = int((is_there & ~is_replay & ~is_choice).sum())
    if n_misses := n_replays + n_unknown + n_others:
        no_candidates = f", {n_others} are of tracks that are no candidates" if n_others else ""
        tell(
            f"{n_misses} of {len(wanted)} pairs of user and track count as misses:"
            f" {n_replays} replay what is known to be played, {n_unknown} are of tracks that the"
            f" bundle does not hold{no_candidates}"
        )


def assessed(ranked: pl.DataFrame, asked: Questions, model: HybridModel) -> Assessment:
    """All figures of a table of lists, for the questions that it answers.

    Args:
        ranked: columns ``user_id``, ``rank`` from 1 and ``track_id``.
        asked: the questions.
        model: that answered.
    """
    rows = rows_of_table(ranked, asked.user_ids, model.knowledge.catalog.tracks)
    return assess(rows, asked, model.knowledge, np.random.default_rng(SEED))


def show(figures: Mapping[str, float | str], found: Assessment) -> None:
    """Prints the figures: first those of all users, then of each kind of listener and track."""
    console = Console()
    table = Table("figure", "value", "95 % interval")
    measured = {str(name): figure for name, figure in found.all.measures.items()}
    for name, value in figures.items():
        if name not in measured:
            table.add_row(name, str(value), "")
    for name, figure in measured.items():
        mean = "" if figure is None else f"{figure.mean:.4f}"
        table.add_row(name, mean, _interval(figure))
    table.add_row("coverage_at_10", f"{found.all.coverage_at_10:.4f}", "")
    gini = found.all.artist_gini_at_10
    table.add_row("artist_gini_at_10", "" if gini is None else f"{gini:.4f}", "")
    console.print(table)
    console.print(_kinds("listeners", LISTENERS, found.listeners))
    console.print(_kinds("tracks to be found", TRACKS, found.tracks))


def show_slices(slices: Mapping[SliceName, OfSlice]) -> None:
    """Prints a table for each slice of the protocol, which fits a terminal of 80 columns."""
    console = Console()
    for name, one in slices.items():
        n_users = next(iter(one.ways.values())).n_users
        title = f"{name.replace('_', ' ')}: {n_users:,} users, {one.n_candidates:,} tracks"
        table = Table("ranked by", "NDCG@10", "hybrid leads by", "Recall@20", title=title)
        for way, found in one.ways.items():
            recall = found.measures["recall_at_20"]
            table.add_row(
                _WAYS[way],
                _with_interval(found.measures["ndcg_at_10"]),
                _with_interval(found.ndcg_at_10_behind, "+.3f"),
                "" if recall is None else f"{recall.mean:.3f}",
            )
        console.print(table)


def _kinds(title: str, words: Mapping[str, str], found: Mapping[str, OfTracks]) -> Table:
    """A table that fits a terminal of 80 columns."""
    table = Table(title, "users", "NDCG@10", "Recall@20", "MRR")
    for kind, part in found.items():
        ndcg, *others = (part.measures[name] for name in SHOWN)
        means = ("" if one is None else f"{one.mean:.3f}" for one in others)
        table.add_row(words[kind], f"{part.n_users:,}", _with_interval(ndcg), *means)
    return table


def _with_interval(figure: Figure | None, form: str = ".3f") -> str:
    if figure is None:
        return ""
    return f"{figure.mean:{form}} \\[{figure.low:{form}}, {figure.high:{form}}]"


def _interval(figure: Figure | None) -> str:
    return "" if figure is None else f"{figure.low:.4f} to {figure.high:.4f}"
