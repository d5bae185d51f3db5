"""The model card as one HTML page that needs nothing besides itself."""

from collections.abc import Mapping
from html import escape

from hybridrec.evaluation.card import ModelCard
from hybridrec.evaluation.page import STYLE, number, plot, table
from hybridrec.evaluation.sections import audio, calibration, curves, in_short, lists, slice_bars
from hybridrec.evaluation.words import LISTENERS, RANKED_BY
from hybridrec.schema.names import LISTENER_KINDS, TRACK_KINDS

_INTRODUCTION = """
A hybrid music recommender: which tracks a listener plays next, how likely, and why. All figures are
of plays that training held out. Brackets hold 95 % bootstrap intervals over queries."""
_RELIABILITY = """
Each dot is a group of about the same size; on the dashed line, what was said is what was found.
The last calibrators are fitted on one half of the listeners and judged on the other; those of each
source were fitted on all."""
_LIMITS = """
Recommendations change what is played, and these plays were chosen without them: only an experiment
with listeners tells what they gain."""
_LOSSES = """
The hybrid without a stage less the hybrid, on the same candidates. The audio predictor is asked for
tracks alone that a request describes: tracks that the base models never saw are ranked for it among
themselves, as if they were described."""


def html_of(card: ModelCard, facts: Mapping[str, str]) -> str:
    """The page.

    Args:
        card: the figures.
        facts: what else is known of the bundle, by name: data, versions, options.
    """
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8"><title>Model card</title>',
        '<meta name="viewport" content="width=device-width">',
        f"<style>{STYLE}</style></head><body>",
        "<h1>Model card</h1>",
        f"<p>{_INTRODUCTION}</p>",
        "<h2>In short</h2>",
        in_short(card),
        "<h2>How well it ranks</h2>",
        slice_bars(card),
        _quality(card),
        lists(card),
        "<h2>What a lost stage costs</h2>",
        _losses(card),
        "<h2>Whether its numbers mean what they say</h2>",
        f"<p>{_RELIABILITY}</p>",
        plot("Score", "share that was played", card.scores),
        plot("Score of the ten best", "share that was played", card.shown_scores),
        calibration(card),
        *(
            plot(
                f"Confidence, {LISTENERS[one.listeners]}",
                "2 P(ordered above an unplayed track) &minus; 1",
                one.groups,
            )
            for one in card.confidence
        ),
        _sureness(card),
        audio(card),
        curves(card),
        "<h2>What is not measured here</h2>",
        f"<p>{_LIMITS}</p>",
        "<h2>Where it comes from</h2>",
        table("", ("", ""), ([escape(name), escape(fact)] for name, fact in facts.items())),
        "</body></html>",
    ]
    return "\n".join(parts)


def _quality(card: ModelCard) -> str:
    rows = (
        [
            LISTENERS[row.listeners],
            RANKED_BY[row.ranked_by],
            f"{row.n_queries:,}",
            number(row.ndcg_at_10),
            number(row.recall_at_20),
        ]
        for row in card.quality
    )
    head = ("listeners", "ranked by", "queries", "NDCG@10", "Recall@20")
    return table("What is not among the candidates of serving counts as missed.", head, rows)


def _losses(card: ModelCard) -> str:
    rows = (
        [
            LISTENERS[row.listeners],
            row.stage,
            f"{row.n_queries:,}",
            number(row.ndcg_at_10, signed=True),
        ]
        for row in card.losses
    )
    head = ("listeners", "lost", "queries", "NDCG@10, change")
    return table(_LOSSES, head, rows)


def _sureness(card: ModelCard) -> str:
    listeners, tracks = list(LISTENER_KINDS), list(TRACK_KINDS)
    rows = (
        [
            LISTENER_KINDS[row.listeners],
            TRACK_KINDS[row.tracks],
            RANKED_BY[row.ranked_by],
            f"{row.n:,}",
            f"{row.said:.2f}",
            f"{row.found:.2f}",
        ]
        for row in sorted(
            card.sureness,
            key=lambda row: (listeners.index(row.listeners), tracks.index(row.tracks)),
        )
    )
    head = ("listeners", "tracks", "by", "plays", "confidence", "found")
    caption = (
        "Confidence by what is known of listener and track, and what was found to be so. That of"
        " the collaborative source has ceilings: .3 for listeners known by their genres, .2 for new"
        " tracks."
    )
    return table(caption, head, rows)
