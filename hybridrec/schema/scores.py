"""What the stages say: frozen records of NumPy arrays, always a batch.

B counts queries, N candidates over all queries, C cold items. ``offsets`` of shape (B + 1,) cut a
flat array into one part per query.
"""

from dataclasses import dataclass

import numpy as np

from hybridrec.schema.evidence import (
    ContentEvidence,
    Evidence,
    Neighbours,
    PreferenceEvidence,
)
from hybridrec.schema.names import SIGNALS, Floats, Rows
from hybridrec.schema.ragged import Places
from hybridrec.schema.records import QueryBatch


@dataclass(frozen=True, slots=True, eq=False)
class ScoreBatch:
    """What one scorer says of the N candidates of a query batch.

    Attributes:
        scorer: ``cf`` or ``content``.
        scores: shape (N,), calibrated probability in (0, 1), NaN if unknown.
        confidence: shape (N,), in [0, 1], 0 exactly where the score is NaN.
        signals: shape (N, S), what else fusion is told, by the names of ``SIGNALS``; 0 where the
            score is NaN.
        user_state: shape (B, d), the user's factors or embedding; zeros or NaN if unknown, without
            a row where no scorer answered.
        evidence: of the collaborative scorer, where a query wanted it.
        neighbours: of the collaborative scorer, where a query wanted evidence.
        content_evidence: of the content scorer, where a query wanted it.
        preferences: of the content scorer, where a query wanted evidence.
    """

    scorer: str
    scores: Floats
    confidence: Floats
    signals: Floats
    user_state: Floats
    evidence: Evidence | None = None
    neighbours: Neighbours | None = None
    content_evidence: ContentEvidence | None = None
    preferences: PreferenceEvidence | None = None

    @classmethod
    def plain(cls, scorer: str, scores: Floats, confidence: Floats) -> "ScoreBatch":
        """Scores and confidence alone: no signal, no user state."""
        signals = np.zeros((len(scores), len(SIGNALS[scorer])), np.float32)
        return cls(scorer, scores, confidence, signals, np.zeros((0, 0), np.float32))

    @classmethod
    def absent(cls, scorer: str, queries: QueryBatch) -> "ScoreBatch":
        """A lost scorer: every score unknown."""
        n_total = int(queries.offsets[-1])
        unknown = np.full(n_total, np.nan, np.float32)
        return cls.plain(scorer, unknown, np.zeros(n_total, np.float32))

    def signal(self, name: str) -> Floats:
        """One of the signals, NaN where nothing is known; shape (N,)."""
        column = self.signals[:, SIGNALS[self.scorer].index(name)]
        return np.where(np.isnan(self.scores), np.float32(np.nan), column)

    def take(self, chosen: Rows, places: Places) -> "ScoreBatch":
        """What was said of some queries, without evidence.

        Args:
            chosen: the queries.
            places: where their candidates stand.
        """
        return ScoreBatch(
            self.scorer,
            self.scores[places],
            self.confidence[places],
            self.signals[places],
            self.user_state[chosen] if len(self.user_state) else self.user_state,
        )

    @property
    def is_absent(self) -> bool:
        """Whether no candidate has a score."""
        return bool(np.isnan(self.scores).all())


@dataclass(frozen=True, slots=True, eq=False)
class Retrieved:
    """The best tracks of one scorer for B queries, best first.

    Attributes:
        rows: shape (N,).
        offsets: shape (B + 1,).
    """

    rows: Rows
    offsets: Rows

    def of(self, query: int) -> Rows:
        """The rows of one query."""
        return self.rows[self.offsets[query] : self.offsets[query + 1]]

    @classmethod
    def nothing(cls, n_queries: int) -> "Retrieved":
        """What a lost scorer retrieves."""
        return cls(np.zeros(0, np.int32), np.zeros(n_queries + 1, np.int32))


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """Additive terms of the score's logit, each of shape (N,); their sum is the logit."""

    bias: Floats
    cf: Floats
    content: Floats
    context: Floats
    calibration: Floats

    def take(self, places: Places) -> "Terms":
        """The terms of some candidates, in their order."""
        return Terms(*(getattr(self, name)[places] for name in self.__slots__))


@dataclass(frozen=True, slots=True, eq=False)
class FusedBatch:
    """The fused scores of B queries: for each its best candidates, best first.

    Attributes:
        offsets: shape (B + 1,), cuts all other arrays.
        places: shape (R,), index of each into the candidates of the query batch.
        rows: shape (R,), as in the query batch.
        scores: shape (R,), calibrated probability in (0, 1), NaN if no source knows.
        low: shape (R,), lower end of the score's interval.
        high: shape (R,), its upper end.
        confidence: shape (R,), in [0, 1].
        cf_weight: shape (R,), share of the collaborative view; content has the rest; NaN if none.
        source_scores: shape (R, 2), what cf and content said.
        source_confidence: shape (R, 2).
        terms: the additive terms of the score's logit.
        fusion: shape (B,), which fusion ran: its place in ``FUSIONS``.
    """

    offsets: Rows
    places: Places
    rows: Rows
    scores: Floats
    low: Floats
    high: Floats
    confidence: Floats
    cf_weight: Floats
    source_scores: Floats
    source_confidence: Floats
    terms: Terms
    fusion: Rows

    def part(self, query: int) -> slice:
        """Where one query's candidates stand."""
        return slice(int(self.offsets[query]), int(self.offsets[query + 1]))


@dataclass(frozen=True, slots=True, eq=False)
class ReasonRecord:
    """One typed fact that speaks for an item, before it becomes text."""

    kind: str
    strength: float
    values: tuple[str, ...] = ()
    evidence_rows: tuple[int, ...] = ()
