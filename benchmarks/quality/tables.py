"""The figures for reading: one table a slice, and one of what training took."""

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from benchmarks.quality.figures import QualityReport, Row, SliceResult
from hybridrec.evaluation.card import Figure
from hybridrec.evaluation.judgement import Measure

HEADS: tuple[tuple[Measure, str], ...] = (
    ("ndcg_at_10", "NDCG@10"),
    ("recall_at_20", "Recall@20"),
    ("mrr", "MRR"),
    ("novelty_at_10", "novelty"),
    ("diversity_at_10", "diversity"),
    ("long_tail_share_at_10", "long tail"),
    ("popularity_lift_at_10", "lift"),
)
WIDTH = 200
"""Columns of a terminal that a table may take."""


def show(report: QualityReport) -> None:
    """Prints all tables."""
    console = Console(width=WIDTH)
    for table in tables_of(report):
        console.print(table)


def tables_of(report: QualityReport) -> Iterator[Table]:
    """One table for each slice, then calibration and costs."""
    for name, result in report.slices.items():
        yield _slice(f"{report.data}, {name}", result)
    yield _calibration(report)
    table = Table("model", "seconds", "memory, MiB", title="training on the whole training part")
    for model, cost in report.costs.items():
        table.add_row(model, f"{cost.seconds:.1f}", f"{cost.memory_mib:.0f}")
    yield table


def _calibration(report: QualityReport) -> Table:
    heads = ("listeners", "of", "candidates", "calibration error", "Brier skill")
    table = Table(*heads, title="the hybrid's scores as probabilities")
    for one in report.calibration:
        table.add_row(
            one.listeners,
            ("the ten best" if one.of_shown else "all")
            + (" of new tracks" if one.of_new_tracks else ""),
            f"{one.n:,}",
            f"{one.error:.4f}",
            _interval(one.brier_skill, ".3f"),
        )
    return table


def _slice(title: str, result: SliceResult) -> Table:
    counts = f"{result.n_users:,} users, {result.n_pairs:,} pairs, {result.n_candidates:,} tracks"
    heads = [head for _, head in HEADS]
    table = Table(
        "model",
        *(head for head in (heads[0], "less than its reference by", *heads[1:])),
        "coverage",
        "artist Gini",
        title=f"{title}: {counts}",
    )
    for name, row in result.rows.items():
        table.add_row(*_cells(name, row))
    return table


def _cells(name: str, row: Row) -> Iterator[str]:
    yield name.upper() if row.kind == "baseline" else name
    yield _interval(row.measures["ndcg_at_10"], ".3f")
    yield _interval(row.differences.get("ndcg_at_10"), "+.3f")
    for measure, _ in HEADS[1:]:
        figure = row.measures[measure]
        yield "" if figure is None else f"{figure.mean:.3f}"
    yield f"{row.coverage_at_10:.3f}"
    yield "" if row.artist_gini_at_10 is None else f"{row.artist_gini_at_10:.3f}"


def _interval(figure: Figure | None, form: str) -> str:
    if figure is None:
        return ""
    return f"{figure.mean:{form}} \\[{figure.low:{form}}, {figure.high:{form}}]"
