"""Rules on what may be shown; those that leave too little are given up, and that is said.

Scores are calibrated probabilities, so the smallest score allowed is relative to the user's best.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from hybridrec.config import Config
from hybridrec.schema.names import Floats, Mask


class RankingConfig(Config):
    """The rules of a ranking, from the loosest bond to the firmest; each can be switched off."""

    max_per_genre_share: int | None = 3
    """At most ``max(1, k // this)`` places for one genre; None for no limit."""
    max_per_artist: int | None = 3
    """Most places that one artist may take; an unknown artist is not limited."""
    min_score_of_best: float | None = 0.1
    """Smallest score allowed, as a share of the query's best; None for no limit."""
    min_confidence: float | None = 0.2
    """Smallest sum of the sources' confidences; None for no limit."""


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """The candidates of one query, best first.

    Attributes:
        scores: shape (R,), NaN if unknown.
        source_confidence: shape (R, 2).
        artists: one of each candidate, empty if unknown.
        genres: those of each candidate.
    """

    scores: Floats
    source_confidence: Floats
    artists: Sequence[str]
    genres: Sequence[Sequence[str]]


class Rule(Protocol):
    """Says of each candidate, best first, whether it may be shown beside those before it."""

    @property
    def name(self) -> str:
        """As answers call it."""
        ...

    def keeps(self, choice: Choice, allowed: Mask, held: Mask) -> Mask:
        """A mask within ``allowed``, given those that hold a place; all of shape (R,)."""
        ...


@dataclass(frozen=True, slots=True)
class MinScoreOfBest:
    """Drops scores far below the query's best, and unknown ones."""

    share: float
    name: str = "min_score"

    def keeps(self, choice: Choice, allowed: Mask, held: Mask) -> Mask:
        del held  # each score stands for itself
        known = choice.scores[~np.isnan(choice.scores)]
        best = known.max() if len(known) else np.float32(1)
        kept: Mask = allowed & (np.nan_to_num(choice.scores, nan=-1.0) >= self.share * best)
        return kept


@dataclass(frozen=True, slots=True)
class MinConfidence:
    """Drops what the sources together hardly know."""

    at_least: float
    name: str = "min_confidence"

    def keeps(self, choice: Choice, allowed: Mask, held: Mask) -> Mask:
        del held  # each confidence stands for itself
        kept: Mask = allowed & (choice.source_confidence.sum(axis=1) >= self.at_least)
        return kept


@dataclass(frozen=True, slots=True)
class MaxPerArtist:
    """Leaves each artist so many places."""

    places: int
    name: str = "max_per_artist"

    def keeps(self, choice: Choice, allowed: Mask, held: Mask) -> Mask:
        kinds = [(artist,) if artist else () for artist in choice.artists]
        return _capped(kinds, self.places, allowed, held)


@dataclass(frozen=True, slots=True)
class MaxPerGenre:
    """Leaves each genre so many places."""

    places: int
    name: str = "max_per_genre"

    def keeps(self, choice: Choice, allowed: Mask, held: Mask) -> Mask:
        return _capped(choice.genres, self.places, allowed, held)


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """What is shown of a choice.

    Attributes:
        places: shape (k,) or fewer, into the choice, rising.
        dropped: candidates that each rule left out, among those it was asked about.
        relaxed: rules given up, in that order.
    """

    places: np.ndarray[tuple[int], np.dtype[np.int64]]
    dropped: dict[str, int]
    relaxed: tuple[str, ...]


def rules_of(config: RankingConfig, k: int) -> tuple[Rule, ...]:
    """The rules of a configuration, in the order in which they are given up."""
    rules: list[Rule] = []
    if config.max_per_genre_share is not None:
        rules.append(MaxPerGenre(max(1, k // config.max_per_genre_share)))
    if config.max_per_artist is not None:
        rules.append(MaxPerArtist(config.max_per_artist))
    if config.min_score_of_best is not None:
        rules.append(MinScoreOfBest(config.min_score_of_best))
    if config.min_confidence is not None:
        rules.append(MinConfidence(config.min_confidence))
    return tuple(rules)


def select(choice: Choice, rules: Sequence[Rule], k: int) -> Selection:
    """The k best candidates that the rules allow; all k if there are so many.

    Where too few survive, the first rule is given up for the places still free, then the second,
    and so on: who was chosen under more rules keeps the place.
    """
    chosen = np.zeros(len(choice.scores), bool)
    dropped: dict[str, int] = {}
    relaxed: list[str] = []
    for step in range(len(rules) + 1):
        kept = ~chosen
        for rule in reversed(rules[step:]):
            allowed = rule.keeps(choice, kept, chosen)
            if step == 0:
                dropped[rule.name] = int(kept.sum() - allowed.sum())
            kept = allowed
        free = k - int(chosen.sum())
        chosen[np.flatnonzero(kept)[:free]] = True
        if chosen.sum() >= min(k, len(chosen)):
            break
        relaxed.append(rules[step].name)
    return Selection(np.flatnonzero(chosen), dropped, tuple(relaxed))


def _capped(kinds: Sequence[Sequence[str]], places: int, allowed: Mask, held: Mask) -> Mask:
    """Walks down the ranking, since each place depends on those above it and on those held."""
    taken = Counter(kind for place in np.flatnonzero(held).tolist() for kind in kinds[place])
    kept = np.zeros(len(allowed), bool)
    for place in np.flatnonzero(allowed).tolist():
        if all(taken[kind] < places for kind in kinds[place]):
            taken.update(kinds[place])
            kept[place] = True
    return kept
