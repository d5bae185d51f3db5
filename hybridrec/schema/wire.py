"""The bodies of HTTP requests and answers. Unknown fields are refused; unknown numbers are null."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

MAX_CANDIDATES = 10_000
MAX_K = 200

Text = Annotated[str, Field(min_length=1, max_length=512)]
Words = Annotated[list[Annotated[str, Field(min_length=1, max_length=128)]], Field(max_length=32)]
Share = Annotated[float, Field(ge=0, le=1)]
Number = Annotated[float, Field(allow_inf_nan=False)]


class Wire(BaseModel):
    """A body on the wire: frozen, strict about unknown fields."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Play(Wire):
    """One track of a listener's history."""

    track_id: Text
    plays: Annotated[float, Field(gt=0, le=1e6)] = 1.0
    """How often the track was played."""


class Audio(Wire):
    """Measured audio of a track; what was not measured is left out."""

    energy: Share | None = None
    valence: Share | None = None
    danceability: Share | None = None
    acousticness: Share | None = None
    instrumentalness: Share | None = None
    liveness: Share | None = None
    speechiness: Share | None = None
    tempo: Annotated[float, Field(gt=0, le=400)] | None = None
    """Beats a minute."""


class InlineTrack(Wire):
    """A track that the bundle does not hold: scored from what the request says of it."""

    track_id: Text
    title: Text
    artist: Text
    album: Text | None = None
    year: Annotated[int, Field(ge=1000, le=2200)] | None = None
    genres: Words = []
    moods: Words = []
    tags: Words = []
    duration_ms: Annotated[float, Field(gt=0, le=86_400_000)] | None = None
    audio: Audio = Audio()
    aoty_score: Annotated[float, Field(ge=0, le=100)] | None = None
    aoty_num_ratings: Annotated[float, Field(ge=0)] | None = None
    critic_score: Annotated[float, Field(ge=0, le=100)] | None = None
    user_rating_avg: Annotated[float, Field(ge=0, le=5)] | None = None


class Session(Wire):
    """Session features of the listener, in their own units; what is unknown is left out."""

    total_sessions: Annotated[float, Field(ge=0)] | None = None
    avg_session_length: Annotated[float, Field(ge=0)] | None = None
    discovery_rate_per_active_week: Share | None = None
    exploration_score: Share | None = None
    novelty_seeking: Share | None = None
    repeat_rate: Share | None = None
    skip_rate: Share | None = None
    genre_diversity: Share | None = None
    temporal_consistency: Share | None = None
    mainstream_score: Share | None = None
    early_adopter_score: Share | None = None
    plays_per_day: Annotated[float, Field(ge=0)] | None = None
    active_days: Annotated[float, Field(ge=0)] | None = None
    longest_streak_percentile: Share | None = None
    session_density: Annotated[float, Field(ge=0)] | None = None
    listening_intensity: Annotated[float, Field(ge=0)] | None = None
    user_type: Literal["explorer", "loyalist", "balanced"] | None = None


class Listener(Wire):
    """Whom to recommend to: a known user, or a stranger told by history and preferences."""

    user_id: Text | None = None
    history: Annotated[list[Play], Field(max_length=1_000)] = []
    """Plays, oldest first; for a known user, on top of what is already known."""
    preferred_genres: Words = []
    preferred_moods: Words = []
    session: Session | None = None


class RecommendRequest(Listener):
    """``POST /v1/recommendations``."""

    k: Annotated[int, Field(ge=1, le=MAX_K)] = 10
    candidates: (
        Annotated[list[Text | InlineTrack], Field(min_length=1, max_length=MAX_CANDIDATES)] | None
    ) = None
    """Track ids or inline tracks to choose from; the whole catalogue if left out."""
    include_played: bool = False
    use_audio_prediction: bool = True
    explain: bool = True


class ScoresRequest(Listener):
    """``POST /v1/scores``: no filter, no order, nothing left out."""

    candidates: Annotated[list[Text | InlineTrack], Field(min_length=1, max_length=MAX_CANDIDATES)]
    use_audio_prediction: bool = True


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
    strength: float
    """Share of what speaks for the track, 0 to 1."""
    values: list[str] = []
    evidence: list[str] = []
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
    sources: dict[Literal["cf", "content"], SourceScore]
    audio: AudioSummary


class RecommendedItem(ScoredItem):
    """One place of the answer."""

    rank: int
    reasons: list[Reason]
    explanation: str | None


class StageReport(Wire):
    """What became of one stage: ok, absent (the bundle has none), not_needed, late, failed."""

    status: Literal["ok", "absent", "not_needed", "late", "failed"]
    ms: float | None = None


class AnswerMetadata(Wire):
    """How the answer came about."""

    user_id: str | None
    user_known: bool
    session_features: dict[str, float | None]
    generation_method: str
    total_candidates_considered: int
    dropped: dict[str, int]
    """Candidates left out, by rule."""
    relaxed: list[str]
    """Rules given up so that k tracks remain, in that order."""
    unknown_track_ids: list[str]
    """Ids of the request that the bundle does not hold."""


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
