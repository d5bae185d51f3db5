"""What ``hybridrec promote`` says: what it could not ask about, its figures and its reasons."""

from collections.abc import Mapping

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from deployments.asides import tell
from hybridrec.assessment.comparison import Compared, Plain
from hybridrec.assessment.kinds import LISTENERS, TRACKS
from hybridrec.assessment.pairing import Pairing
from hybridrec.assessment.promotion import Finding, Promotion, Refusal, SliceCompared
from hybridrec.evaluation.card import Figure
from hybridrec.vocabulary import Vocabulary

FINDINGS: Mapping[Finding, str] = {
    "worse": "worse",
    "better": "better",
    "no_difference_shown": "",
    "too_few_users": "few",
}
WORDS = {
    "all": "all listeners",
    **{f"listeners.{kind}": f"listeners: {words}" for kind, words in LISTENERS.items()},
    **{f"tracks.{kind}": f"tracks to be found: {words}" for kind, words in TRACKS.items()},
    "popularity_lift_at_10": "popularity lift",
    "artist_gini_at_10": "artist Gini",
}


def tell_left_out(pairing: Pairing) -> None:
    """Says which plays are nothing to be found, and why."""
    n_left_out = pairing.n_replays + pairing.n_in_neither
    if n_left_out:
        tell(
            f"{n_left_out:,} of {pairing.n_pairs:,} pairs of user and track are left out:"
            f" {pairing.n_replays:,} are known to a bundle as played, {pairing.n_in_neither:,} are"
            " of tracks that neither bundle holds"
        )
    n_strangers = int((np.diff(pairing.asked.history_offsets) == 0).sum())
    if n_strangers:
        tell(
            f"of {n_strangers:,} of {len(pairing.asked.user_ids):,} listeners nothing is known but"
            " the plays to be found: both bundles show them what is popular"
        )


def tell_misses(pairing: Pairing, current: Vocabulary, candidate: Vocabulary) -> None:
    """Says how much is to be found that one bundle alone could show."""
    ids = [pairing.catalog.tracks.ids[row] for row in pairing.asked.relevant_rows.tolist()]
    for name, tracks in (("current bundle", current), ("candidate", candidate)):
        n_misses = int((tracks.rows(ids) < 0).sum())
        if n_misses:
            tell(
                f"{n_misses:,} of {len(ids):,} pairs are of tracks that the {name} does not hold:"
                " it misses them"
            )


def tell_refusals(found: Promotion) -> None:
    """Says what speaks against the candidate, a line each."""
    for refusal in found.refusals:
        tell(f"refused: {_reason(refusal, found)}")


def show(found: Promotion) -> None:
    """Prints the figures: NDCG@10 by slice, then the other measures."""
    console = Console()
    table = Table("NDCG@10", "users", "current", "candidate", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("difference", no_wrap=True)
    table.add_column("")
    _add(table, {"all": found.all}, WORDS)
    table.add_row("by listeners")
    _add(table, found.listeners, LISTENERS)
    table.add_row("by tracks to find")
    _add(table, found.tracks, TRACKS)
    console.print(table)
    others = Table("other measures", "current", "candidate", "difference", box=SIMPLE_HEAD)
    for name, one in found.beside.items():
        if one is not None:
            others.add_row(name, *_means(one), _difference(one))
    plain = {"coverage_at_10": found.coverage_at_10, "artist_gini_at_10": found.artist_gini_at_10}
    for title, both in plain.items():
        if both is not None:
            others.add_row(title, *_means(both), f"{both.difference:+.3f}")
    console.print(others)


def _add(table: Table, found: Mapping[str, SliceCompared], words: Mapping[str, str]) -> None:
    """Adds slices of one kind to a table."""
    for kind, one in found.items():
        row = words[kind], f"{one.n_users:,}", *_means(one), _difference(one)
        table.add_row(*row, FINDINGS[one.finding])
    table.add_section()


def _means(both: Compared | Plain) -> tuple[str, str]:
    return f"{both.current:.3f}", f"{both.candidate:.3f}"


def _reason(refusal: Refusal, found: Promotion) -> str:
    """Where, and by how much."""
    where = WORDS[refusal.where]
    if refusal.where == "artist_gini_at_10" and found.artist_gini_at_10 is not None:
        return f"{where} rises {_by(found.artist_gini_at_10)}, more than {refusal.bound}"
    if (lift := found.beside.get("popularity_lift_at_10")) and refusal.rule == "max_lift_rise":
        return f"{where} rises {_by(lift)}{_interval(lift.difference)}, more than {refusal.bound}"
    one = _slice(refusal.where, found)
    over = f"{_by(one)}{_interval(one.difference)}, over {one.n_users:,} listeners"
    if refusal.rule == "must_prove":
        return f"NDCG@10 of {where} is not shown to be above -{refusal.bound}: it differs {over}"
    beyond = f", more than the margin of {refusal.bound}" if refusal.bound else ""
    return f"NDCG@10 of {where} falls {over}{beyond}"


def _slice(where: str, found: Promotion) -> SliceCompared:
    group, _, kind = where.partition(".")
    if group == "all":
        return found.all
    return (found.listeners if group == "listeners" else found.tracks)[kind]


def _by(both: Compared | Plain) -> str:
    difference = both.difference
    by = difference.mean if isinstance(difference, Figure) else difference
    return f"from {both.current:.4f} to {both.candidate:.4f}, by {by:+.4f}"


def _difference(both: Compared) -> str:
    figure = both.difference
    return f"{figure.mean:+.3f} \\[{figure.low:+.3f}, {figure.high:+.3f}]"


def _interval(figure: Figure) -> str:
    return f" [{figure.low:+.4f}, {figure.high:+.4f}]"
