"""Parts of the model card's page: its style, a table, a number, a plot of said against found."""

import re
from collections.abc import Iterable, Sequence

from hybridrec.evaluation.card import Figure, Group

SIDE, MARGIN = 240, 40
"""Pixels of a plot's sides and of the room around it."""
STYLE = """
:root { color-scheme: light dark; --line: #8886; --mark: #2a6fdb; --bar: #2a6fdb66; }
@media (prefers-color-scheme: dark) { :root { --mark: #7fb0ff; --bar: #7fb0ff66; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 56rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; width: 100%; }
caption { text-align: left; padding: .3rem 0; }
th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); text-align: left; }
th[scope=row] { font-weight: normal; }
th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; }
figure { display: inline-block; margin: 0 2rem 1rem 0; }
svg { overflow: visible; }
svg text { font-size: 12px; fill: currentColor; }
svg .axis { stroke: currentColor; fill: none; }
svg .ideal { stroke: var(--line); stroke-dasharray: 4; }
svg .found { stroke: var(--mark); fill: none; }
svg circle { fill: var(--mark); }
svg .bar { fill: var(--bar); }
svg .interval { stroke: var(--mark); fill: none; }
svg .dots { stroke: var(--mark); stroke-width: 3; stroke-linecap: round; opacity: .5; }
"""
NUMBER = re.compile(r"[+-]?[\d.,]+( \[.*)?")
"""A cell with a number, or with one and its interval."""


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; cells are HTML already, and numbers stand to the right.

    What stands first in several rows, one after the other, is said once.
    """
    lines = ["<table>"]
    if caption:
        lines.append(f"<caption>{caption}</caption>")
    told = list(rows)
    if any(head):
        columns = list(zip(*told, strict=True)) or [()] * len(head)
        cells = [
            f"<th scope=col{_side(column)}>{name}</th>"
            for name, column in zip(head, columns, strict=True)
        ]
        lines.append(f"<tr>{''.join(cells)}</tr>")
    said = None
    for first, *others in told:
        row = "".join(f"<td{_side([cell])}>{cell}</td>" for cell in others)
        lines.append(f"<tr><th scope=row>{'' if first == said else first}</th>{row}</tr>")
        said = first
    return "\n".join([*lines, "</table>"])


def _side(cells: Sequence[str]) -> str:
    return ' class="number"' if any(map(NUMBER.fullmatch, cells)) else ""


def number(figure: Figure, *, signed: bool = False) -> str:
    """A mean and its interval, for a cell; they may stand below each other."""
    form = "+.3f" if signed else ".3f"
    return f"{figure.mean:{form}} [{figure.low:{form}},&nbsp;{figure.high:{form}}]"


def plot(said: str, found: str, groups: Sequence[Group]) -> str:
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
