"""Rules on what may be shown, each a gate that a ranking passes from its top.

Scores are calibrated probabilities, so the smallest score allowed is relative to the user's best.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Protocol

import numpy as np
from pydantic import Field

from hybridrec.config import Config
from hybridrec.schema.names import Floats, Mask


class RankingConfig(Config):
    """The rules of a ranking, from the loosest bond to the firmest; each can be switched off."""

    genre_divisor: Annotated[int, Field(ge=1)] | None = 3
    """One genre takes at most k places divided by this, but at least one; None for no limit."""
    max_per_artist: Annotated[int, Field(ge=1)] | None = 3
    """Most places that one artist may take; an unknown artist is not limited."""
    min_score_of_best: Annotated[float, Field(ge=0, le=1)] | None = 0.1
    """Smallest score allowed, as a share of the query's best; None for no limit."""
    min_confidence: Annotated[float, Field(ge=0, le=2)] | None = 0.2
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


class Gate(Protocol):
    """One rule on its way down a choice."""

    def admits(self, place: int) -> bool:
        """Whether a candidate may be shown beside those that were taken."""
        ...

    def take(self, place: int) -> None:
        """Counts a candidate that is shown."""
        ...


class Rule(Protocol):
    """Says of each candidate, best first, whether it may be shown beside those before it."""

    @property
    def name(self) -> str:
        """As answers call it."""
        ...

    def gate(self, choice: Choice) -> Gate:
        """The rule before anything was taken."""
        ...


@dataclass(frozen=True, slots=True)
class MinScoreOfBest:
    """Drops scores far below the query's best, and unknown ones."""

    share: float
    name: str = "min_score"

    def gate(self, choice: Choice) -> Gate:
        known = choice.scores[~np.isnan(choice.scores)]
        best = known.max() if len(known) else np.float32(1)
        return _Floor(np.nan_to_num(choice.scores, nan=-1.0) >= self.share * best)


@dataclass(frozen=True, slots=True)
class MinConfidence:
    """Drops what the sources together hardly know."""

    at_least: float
    name: str = "min_confidence"

    def gate(self, choice: Choice) -> Gate:
        return _Floor(choice.source_confidence.sum(axis=1) >= self.at_least)


@dataclass(frozen=True, slots=True)
class MaxPerArtist:
    """Leaves each artist so many places."""

    places: int
    name: str = "max_per_artist"

    def gate(self, choice: Choice) -> Gate:
        return _Cap([(artist,) if artist else () for artist in choice.artists], self.places)


@dataclass(frozen=True, slots=True)
class MaxPerGenre:
    """Leaves each genre so many places."""

    places: int
    name: str = "max_per_genre"

    def gate(self, choice: Choice) -> Gate:
        return _Cap(choice.genres, self.places)


def rules_of(config: RankingConfig, k: int) -> tuple[Rule, ...]:
    """The rules of a configuration, in the order in which they are given up."""
    rules: list[Rule] = []
    if config.genre_divisor is not None:
        rules.append(MaxPerGenre(max(1, k // config.genre_divisor)))
    if config.max_per_artist is not None:
        rules.append(MaxPerArtist(config.max_per_artist))
    if config.min_score_of_best is not None:
        rules.append(MinScoreOfBest(config.min_score_of_best))
    if config.min_confidence is not None:
        rules.append(MinConfidence(config.min_confidence))
    return tuple(rules)


class _Floor:
    """Each candidate stands for itself."""

    def __init__(self, passes: Mask) -> None:
        self._passes = passes.tolist()

    def admits(self, place: int) -> bool:
        return bool(self._passes[place])

    def take(self, place: int) -> None:
        """Nothing that is shown bears on another."""


class _Cap:
    """Each kind has so many places."""

    def __init__(self, kinds: Sequence[Sequence[str]], places: int) -> None:
        self._kinds, self._places = kinds, places
        self._taken: Counter[str] = Counter()

    def admits(self, place: int) -> bool:
        return all(self._taken[kind] < self._places for kind in self._kinds[place])

    def take(self, place: int) -> None:
        self._taken.update(self._kinds[place])
