"""Chooses what is shown; rules that leave too little are given up, and that is said."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hybridrec.ranking.rules import Choice, Rule


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """What is shown of a choice.

    Attributes:
        places: shape (k,) or fewer, into the choice, rising.
        dropped: candidates that each rule leaves out as long as none is given up, among those that
            it is asked about.
        relaxed: rules given up, in that order.
    """

    places: np.ndarray[tuple[int], np.dtype[np.int64]]
    dropped: dict[str, int]
    relaxed: tuple[str, ...]


def select(choice: Choice, rules: Sequence[Rule], k: int) -> Selection:
    """The k best candidates that the rules allow; all k if there are so many.

    A candidate that one rule drops counts for no other. Where too few survive, the first rule is
    given up for the places still free, then the second, and so on: who was chosen under more rules
    keeps the place.
    """
    n = len(choice.scores)
    chosen: list[int] = []
    dropped: dict[str, int] = {}
    relaxed: list[str] = []
    for step in range(len(rules) + 1):
        kept, refused = _walk(choice, rules[step:], chosen)
        if step == 0:
            dropped = {rule.name: refused[rule.name] for rule in reversed(rules)}
        chosen = sorted(chosen + kept[: k - len(chosen)])
        if len(chosen) >= min(k, n):
            break
        relaxed.append(rules[step].name)
    return Selection(np.array(chosen, np.int64), dropped, tuple(relaxed))


def _walk(
    choice: Choice, rules: Sequence[Rule], held: Sequence[int]
) -> tuple[list[int], Counter[str]]:
    """Further places that the rules allow, best first, and how many each refused, firmest first."""
    gates = [(rule.name, rule.gate(choice)) for rule in reversed(rules)]
    for place in held:
        for _, gate in gates:
            gate.take(place)
    kept: list[int] = []
    refused: Counter[str] = Counter()
    for place in sorted(set(range(len(choice.scores))).difference(held)):
        by = next((name for name, gate in gates if not gate.admits(place)), None)
        if by is not None:
            refused[by] += 1
            continue
        kept.append(place)
        for _, gate in gates:
            gate.take(place)
    return kept, refused
