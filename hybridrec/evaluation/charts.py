"""Charts of the model card's page: bars with intervals, learning curves, and scatter plots.

Each is an image with a name that says what it shows; tables beside it tell the same in numbers.
"""

from collections.abc import Sequence
from html import escape

from hybridrec.evaluation.card import Figure
from hybridrec.evaluation.trained import Curve

NAMES, BARS, ROW = 150, 190, 22
"""Pixels for the names of bars, for the longest interval, and of a row's height."""
WIDE, HIGH, ROOM = 200, 90, 16
"""Pixels of a learning curve, and of the room around it."""
SIDE = 130
"""Pixels of a scatter plot's sides."""
_VALUES = 50


def bars(caption: str, rows: Sequence[tuple[str, Figure]], top: float) -> str:
    """A bar from 0 for each figure, with its interval as a line.

    Args:
        caption: what is shown.
        rows: names and figures, from above to below.
        top: value at the right end, the same for charts that are compared; above 0.
    """
    drawn = []
    for place, (name, figure) in enumerate(rows):
        middle = ROW * place + ROW / 2
        low, mean, high = (
            NAMES + BARS * value / top for value in (figure.low, figure.mean, figure.high)
        )
        drawn.append(
            f'<text x="{NAMES - 8}" y="{middle + 4:.0f}" text-anchor="end">{escape(name)}</text>'
            f'<rect class="bar" x="{NAMES}" y="{middle - 6:.0f}" width="{max(mean - NAMES, 0):.1f}"'
            f' height="12"/><path class="interval" d="M{low:.1f},{middle:.0f}H{high:.1f}'
            f'M{low:.1f},{middle - 4:.0f}v8M{high:.1f},{middle - 4:.0f}v8"/>'
            f'<text x="{high + 6:.1f}" y="{middle + 4:.0f}">{figure.mean:.3f}</text>'
        )
    said = ", ".join(f"{name} {figure.mean:.3f}" for name, figure in rows)
    axis = f'<path class="axis" d="M{NAMES},0V{ROW * len(rows)}"/>'
    size = NAMES + BARS + _VALUES, ROW * len(rows)
    return _figure(caption, f"{caption}: {said}", size, "".join(drawn) + axis)


def curve(one: Curve) -> str:
    """The mean loss of each pass, from its lowest to its highest."""
    losses, (low, high) = one.losses, (min(one.losses), max(one.losses))
    step, span = WIDE / max(len(losses) - 1, 1), (high - low) or 1.0
    places = [
        (ROOM + step * place, ROOM + HIGH * (high - loss) / span)
        for place, loss in enumerate(losses)
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    last = f"{losses[0]:.4g} → {losses[-1]:.4g}"
    label = f"Loss of {one.network}: {losses[0]:.4g} after the first of {len(losses)} passes"
    body = (
        f'<path class="axis" d="M{ROOM},{ROOM}v{HIGH}h{WIDE}"/>'
        f'<polyline class="found" points="{line}"/>'
        f'<circle cx="{places[-1][0]:.1f}" cy="{places[-1][1]:.1f}" r="3"/>'
    )
    caption = f"{one.network}: {last} in {len(losses)} passes"
    size = WIDE + 2 * ROOM, HIGH + 2 * ROOM
    return _figure(caption, f"{label}, {losses[-1]:.4g} after the last", size, body)


def scatter(caption: str, measured: Sequence[float], predicted: Sequence[float]) -> str:
    """Predicted against measured values, both on one scale; on the dashed line they agree."""
    values = [*measured, *predicted]
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    dots = "".join(
        f"M{SIDE * (x - low) / span:.0f},{SIDE * (high - y) / span:.0f}h0"
        for x, y in zip(measured, predicted, strict=True)
    )
    body = (
        f'<line class="ideal" x1="0" y1="{SIDE}" x2="{SIDE}" y2="0"/>'
        f'<path class="axis" d="M0,0V{SIDE}H{SIDE}"/><path class="dots" d="{dots}"/>'
        f'<text x="0" y="{SIDE + 14}">{low:.3g}</text>'
        f'<text x="{SIDE}" y="{SIDE + 14}" text-anchor="end">{high:.3g}</text>'
    )
    label = f"{caption}: predicted, upwards, against measured values of {len(measured)} tracks"
    return _figure(caption, label, (SIDE, SIDE + 18), body)


def _figure(caption: str, label: str, size: tuple[int, int], body: str) -> str:
    width, height = size
    return (
        f"<figure><figcaption>{escape(caption)}</figcaption>"
        f'<svg width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img"'
        f' aria-label="{escape(label)}">{body}</svg></figure>'
    )
