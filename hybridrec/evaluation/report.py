"""The model card as one HTML page that needs nothing besides itself."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from hybridrec.evaluation.card import Figure, Group, Listeners, ModelCard, RankedBy
from hybridrec.schema.names import LISTENER_KINDS

LISTENERS: dict[Listeners, str] = {
    "all": "all with a history",
    "known": "known to the models",
    "new": "new, with a history",
    "few_plays": "new, with at most four plays or preferences alone",
}
RANKED_BY: dict[RankedBy, str] = {
    "hybrid": "hybrid",
    "weighted_sum": "weighted sum",
    "confidence_weighted": "weighted by confidence",
    "learned_weights": "learned weights",
    "adaptive": "adaptive",
    "cf": "collaborative alone",
    "content": "content alone",
    "popularity": "popularity",
}
_KINDS = tuple(LISTENER_KINDS)
SIDE, MARGIN = 240, 40
"""Pixels of a plot's sides and of the room around it."""

_INTRODUCTION = """
A hybrid music recommender: which tracks a listener plays next, how likely, and why. All figures are
of plays that training held out, of listeners on whom the fusion was not trained. Brackets hold 95 %
bootstrap intervals over queries."""
_RELIABILITY = """
Each dot is a group of about the same size; on the dashed line, what was said is what was found.
The last calibrators are fitted on one half of the listeners and judged on the other; those of each
source were fitted on all."""
_LIMITS = """
Recommendations change what is played, and these plays were chosen without them: only an experiment
with listeners tells what they gain. Tracks that only a request knows, and so the loss of the audio
predictor, have no plays to be judged by."""
_STYLE = """
:root { color-scheme: light dark; --line: #8886; --mark: #2a6fdb; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; width: 100%; }
caption { text-align: left; padding: .3rem 0; }
th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); text-align: left; }
th[scope=row] { font-weight: normal; }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
figure { display: inline-block; margin: 0 2rem 1rem 0; }
svg { overflow: visible; }
svg text { font-size: 12px; fill: currentColor; }
svg .axis { stroke: currentColor; fill: none; }
svg .ideal { stroke: var(--line); stroke-dasharray: 4; }
svg .found { stroke: var(--mark); fill: none; }
svg circle { fill: var(--mark); }
"""


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
        f"<style>{_STYLE}</style></head><body>",
        "<h1>Model card</h1>",
        f"<p>{_INTRODUCTION}</p>",
        "<h2>How well it ranks</h2>",
        _quality(card),
        "<h2>What a lost stage costs</h2>",
        _losses(card),
        "<h2>Whether its numbers mean what they say</h2>",
        f"<p>{_RELIABILITY}</p>",
        _plot("Score", "share that was played", card.scores),
        _plot("Score of the ten best", "share that was played", card.shown_scores),
        *(
            _plot(
                f"Confidence, {LISTENERS[one.listeners]}",
                "2 P(ordered above an unplayed track) &minus; 1",
                one.groups,
            )
            for one in card.confidence
        ),
        _sureness(card),
        "<h2>What is not measured here</h2>",
        f"<p>{_LIMITS}</p>",
        "<h2>Where it comes from</h2>",
        _table("", ("", ""), ([escape(name), escape(fact)] for name, fact in facts.items())),
        "</body></html>",
    ]
    return "\n".join(parts)


def _quality(card: ModelCard) -> str:
    rows = (
        [
            LISTENERS[row.listeners],
            RANKED_BY[row.ranked_by],
            f"{row.n_queries:,}",
            _number(row.ndcg_at_10),
            _number(row.recall_at_20),
        ]
        for row in card.quality
    )
    head = ("listeners", "ranked by", "queries", "NDCG@10", "Recall@20")
    return _table("What is not among the candidates of serving counts as missed.", head, rows)


def _losses(card: ModelCard) -> str:
    rows = (
        [
            LISTENERS[row.listeners],
            row.stage,
            f"{row.n_queries:,}",
            _number(row.ndcg_at_10, signed=True),
        ]
        for row in card.losses
    )
    head = ("listeners", "lost", "queries", "NDCG@10, change")
    return _table("The hybrid without a stage less the hybrid, on the same candidates.", head, rows)


def _sureness(card: ModelCard) -> str:
    rows = (
        [
            LISTENER_KINDS[row.listeners],
            row.tracks,
            RANKED_BY[row.ranked_by],
            f"{row.n:,}",
            f"{row.said:.2f}",
            f"{row.found:.2f}",
        ]
        for row in sorted(card.sureness, key=lambda row: (_KINDS.index(row.listeners), row.tracks))
    )
    head = ("listeners", "tracks", "by", "plays", "confidence", "found")
    caption = (
        "Confidence by what is known of listener and track, and what was found to be so. That of"
        " the collaborative source has ceilings: .3 for listeners known by their genres, .2 for new"
        " tracks."
    )
    return _table(caption, head, rows)


def _number(figure: Figure, *, signed: bool = False) -> str:
    form = "+.3f" if signed else ".3f"
    return f"{figure.mean:{form}} [{figure.low:{form}}, {figure.high:{form}}]"


def _table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; cells are HTML already, and those that start like a number stand to the right.

    What stands first in several rows, one after the other, is said once.
    """
    lines = ["<table>"]
    if caption:
        lines.append(f"<caption>{caption}</caption>")
    if any(head):
        lines.append(f"<tr>{''.join(f'<th scope=col>{name}</th>' for name in head)}</tr>")
    said = None
    for first, *others in rows:
        cells = "".join(
            f'<td class="number">{cell}</td>' if cell[:1] in "+-0123456789" else f"<td>{cell}</td>"
            for cell in others
        )
        lines.append(f"<tr><th scope=row>{'' if first == said else first}</th>{cells}</tr>")
        said = first
    return "\n".join([*lines, "</table>"])


def _plot(said: str, found: str, groups: Sequence[Group]) -> str:
    """What was said against what was found, both from 0 to the highest of them."""
    top = max([1e-9, *(max(group.said, group.found) for group in groups)])
    points = [
        (MARGIN + SIDE * group.said / top, SIDE * (1 - group.found / top)) for group in groups
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4"><title>{group.n:,}: said {group.said:.3f}, '
        f"found {group.found:.3f}</title></circle>"
        for (x, y), group in zip(points, groups, strict=True)
    )
    return (
        f"<figure><figcaption>{said}: said, and found: {found}</figcaption>"
        f'<svg width="{SIDE + 2 * MARGIN}" height="{SIDE + MARGIN}" role="img" '
        f'aria-label="{said}: said against found">'
        f'<line class="ideal" x1="{MARGIN}" y1="{SIDE}" x2="{MARGIN + SIDE}" y2="0"/>'
        f'<path class="axis" d="M{MARGIN},0V{SIDE}H{MARGIN + SIDE}"/>'
        f'<polyline class="found" points="{line}"/>{dots}'
        f'<text x="{MARGIN - 6}" y="12" text-anchor="end">{top:.2f}</text>'
        f'<text x="{MARGIN - 6}" y="{SIDE}" text-anchor="end">0</text>'
        f'<text x="{MARGIN + SIDE}" y="{SIDE + 18}" text-anchor="end">said {top:.2f}</text>'
        "</svg></figure>"
    )
