"""The bodies of HTTP answers. Unknown numbers are null."""

from typing import Literal

from pydantic import Field

from hybridrec.schema.wire import Context, Wire


class SourceScore(Wire):
    """What one source said of a track, and what that did to the fused score."""

    score: float | None
    confidence: float
    weight: float | None
    contribution: float | None
    """Additive part of the fused score's logit, relative to a track of which nothing is known."""


class AudioSummary(Wire):
    """Where a track's audio comes from."""

    predicted: bool
    confidence: float


class Reason(Wire):
    """One fact that speaks for a track."""

    kind: str
    """One of ``hybridrec.explanations.kinds``, as docs/explanations.md tells them."""
    strength: float
    """Share of what speaks for the track, 0 to 1."""
    values: list[str] = Field(default_factory=list)
    evidence: list[str] = Field(default_factory=list)
    """Track ids of the listener's history that the reason rests on."""


class ScoredItem(Wire):
    """A track with its fused score and the parts of it."""

    track_id: str
    title: str | None
    artist: str | None
    genres: list[str]
    method: Literal["hybrid", "collaborative", "content", "popularity", "unknown"]
    score: float | None
    """Calibrated probability that the track is among the listener's next plays."""
    confidence: float
    """2 P(the track is rightly ordered before an unplayed one) - 1; 0 is a coin's toss."""
    interval: tuple[float, float] | None
    """Where that probability lies for tracks and listeners like these, at a level of 90 %."""
    sources: dict[Literal["cf", "content"], SourceScore]
    audio: AudioSummary


class RecommendedItem(ScoredItem):
    """One place of the answer."""

    rank: int
    reasons: list[Reason]
    """Strongest first."""
    notes: list[str]
    """How a score of the meta-learner came about and how sure it is; see docs/explanations.md."""
    explanation: str | None
    """Reasons and notes in one sentence; null if the request wants none."""


class StageReport(Wire):
    """What became of one stage: ok, absent (the bundle has none), not_needed, late, failed."""

    status: Literal["ok", "absent", "not_needed", "late", "failed"]
    ms: float | None = None


class AnswerMetadata(Wire):
    """How the answer came about."""

    user_id: str | None
    user_known: bool
    context: Context
    """The moment that the request tells, as it was understood."""
    session_features: dict[str, float | None]
    generation_method: str
    total_candidates_considered: int
    dropped: dict[str, int]
    """Candidates that each rule leaves out as long as none is given up."""
    relaxed: list[str]
    """Rules given up so that k tracks remain, in that order."""
    unknown_track_ids: list[str]
    """Ids of the request that the bundle does not hold."""
    unknown_preferences: list[str]
    """Stated genres, then moods, that the bundle does not know: they change nothing."""


class RecommendResponse(Wire):
    """Answer to ``POST /v1/recommendations``."""

    request_id: str
    bundle_version: str
    items: list[RecommendedItem]
    degraded: list[str]
    stages: dict[str, StageReport]
    metadata: AnswerMetadata


class ScoresResponse(Wire):
    """Answer to ``POST /v1/scores``: the known candidates in the order of the request."""

    request_id: str
    bundle_version: str
    items: list[ScoredItem]
    degraded: list[str]
    stages: dict[str, StageReport]
    unknown_track_ids: list[str]
    unknown_preferences: list[str]


class BundleResponse(Wire):
    """Answer to ``GET /v1/bundle``."""

    bundle_version: str
    format_version: int
    created: str
    n_users: int
    n_tracks: int
    n_interactions: int
    evaluation: dict[str, float]
    providers: dict[str, list[str]]


class ErrorResponse(Wire):
    """Every answer that is not a success."""

    code: str
    detail: str
    request_id: str
