"""The bodies of HTTP requests. Unknown fields are refused."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from hybridrec.schema.names import (
    HOURS,
    MAX_PREFERRED_GENRES,
    MAX_PREFERRED_MOODS,
    MAX_TEXT,
    FusionName,
)

MAX_CANDIDATES = 10_000
MAX_K = 200

Text = Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]
Word = Annotated[str, Field(min_length=1, max_length=128)]
Words = Annotated[list[Word], Field(max_length=32)]
Share = Annotated[float, Field(ge=0, le=1)]
Amount = Annotated[float, Field(ge=0, le=1e9)]
"""A count or duration: bounded, since models compute in float32."""
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
    duration_ms: Annotated[float, Field(ge=1, le=86_400_000)] | None = None
    audio: Audio = Audio()
    aoty_score: Annotated[float, Field(ge=0, le=100)] | None = None
    aoty_num_ratings: Amount | None = None
    critic_score: Annotated[float, Field(ge=0, le=100)] | None = None
    user_rating_avg: Annotated[float, Field(ge=0, le=5)] | None = None


def _described_once(candidates: list[str | InlineTrack]) -> list[str | InlineTrack]:
    """Refuses two descriptions of one track, of which no rule could say which counts."""
    described = set()
    for one in candidates:
        if isinstance(one, str):
            continue
        if one.track_id in described:
            raise PydanticCustomError(
                "described_twice",
                "more than one inline track has the track_id {track_id}; keep one of them",
                {"track_id": repr(one.track_id)},
            )
        described.add(one.track_id)
    return candidates


Candidates = Annotated[
    list[Text | InlineTrack],
    Field(min_length=1, max_length=MAX_CANDIDATES),
    AfterValidator(_described_once),
]


class Session(Wire):
    """Session features of the listener, in their own units; what is unknown is left out."""

    total_sessions: Amount | None = None
    avg_session_length: Amount | None = None
    discovery_rate_per_active_week: Share | None = None
    exploration_score: Share | None = None
    novelty_seeking: Share | None = None
    repeat_rate: Share | None = None
    skip_rate: Share | None = None
    genre_diversity: Share | None = None
    temporal_consistency: Share | None = None
    mainstream_score: Share | None = None
    early_adopter_score: Share | None = None
    plays_per_day: Amount | None = None
    active_days: Amount | None = None
    longest_streak_percentile: Share | None = None
    session_density: Amount | None = None
    listening_intensity: Amount | None = None
    user_type: Literal["explorer", "loyalist", "balanced"] | None = None


class Context(Wire):
    """The moment in which the listener asks; what is not told changes no explanation."""

    hour: Annotated[int, Field(ge=0, lt=HOURS)] | None = None
    """Hour of the day in UTC, like the times of the log that the bundle was trained on."""


class Listener(Wire):
    """Whom to recommend to: a known user, or a stranger told by history and preferences."""

    user_id: Text | None = None
    history: Annotated[list[Play], Field(max_length=1_000)] = []
    """Plays, oldest first; for a known user, on top of what is already known."""
    preferred_genres: Annotated[list[Word], Field(max_length=MAX_PREFERRED_GENRES)] = []
    preferred_moods: Annotated[list[Word], Field(max_length=MAX_PREFERRED_MOODS)] = []
    session: Session | None = None


class RecommendRequest(Listener):
    """``POST /v1/recommendations``."""

    k: Annotated[int, Field(ge=1, le=MAX_K)] = 10
    candidates: Candidates | None = None
    """Track ids or inline tracks to choose from; the whole catalogue if left out.

    An id may come any number of times as a text, but only one inline track may have it.
    """
    context: Context | None = None
    """Speaks in explanations alone: it changes no score."""
    include_played: bool = False
    use_audio_prediction: bool = True
    fusion: FusionName | None = None
    """How both sources are merged; the service's own choice if left out."""
    explain: bool = True


class ScoresRequest(Listener):
    """``POST /v1/scores``: no filter, no order, nothing left out."""

    candidates: Candidates
    """As of ``RecommendRequest``."""
    use_audio_prediction: bool = True
    fusion: FusionName | None = None
    """As of ``RecommendRequest``."""
