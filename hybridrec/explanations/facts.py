"""What is known of one shown track and its listener, for reasons to be found in."""

from dataclasses import dataclass

Shares = tuple[tuple[str, float], ...]
"""Names, each with a share in [0, 1]."""


@dataclass(frozen=True, slots=True)
class Facts:
    """One shown track and its listener.

    Attributes:
        cf: additive term of the collaborative source in the score's logit, 0 if it is lost.
        content: additive term of the content source, 0 if it is lost.
        context: additive term of what else the fusion knows, sessions above all, 0 if unknown.
        evidence: rows of the history that speak for the track, and their shares of what adds to
            its affinity.
        evidence_titles: their titles.
        by_genres: share of that affinity that stated genres explain, of a new listener.
        neighbours: mean similarity of the nearest users, in [0, 1], NaN if unknown.
        n_near_listeners: how many of them played the track in training.
        artist: of the track.
        artist_plays: other rows of the history by that artist.
        is_top_artist: whether the artist is one of those that the listener plays most.
        history_genres: genres of the track among those that the listener plays most, each with
            its share of the history.
        stated_genres: genres of the track that the listener stated.
        liked_genres: those of them without which the content source's affinity would be lower.
        moods: moods of the track that the listener prefers and without which that would be lower,
            each with its share of the history, or with 1 if it was stated.
        predicted_audio: share of the content source's affinity that predicted audio adds.
        acclaim: share of it that the critics add.
        acclaim_kind: what their praise may be called, None if nothing.
        fits_hour: whether the listener asks at an hour in which they mostly listen.
        is_popular: whether the track is there for its popularity alone.
        is_new: whether hardly anybody played the track in training.
        has_genres: whether anything is told of its genres.
    """

    cf: float
    content: float
    context: float
    evidence: tuple[tuple[int, float], ...]
    evidence_titles: tuple[str, ...]
    by_genres: float
    neighbours: float
    n_near_listeners: int
    artist: str
    artist_plays: tuple[int, ...]
    is_top_artist: bool
    history_genres: Shares
    stated_genres: tuple[str, ...]
    liked_genres: tuple[str, ...]
    moods: Shares
    predicted_audio: float
    acclaim: float
    acclaim_kind: str | None
    fits_hour: bool
    is_popular: bool
    is_new: bool
    has_genres: bool

    @property
    def speaks(self) -> float:
        """All that speaks for the track, in logits: the sum of the terms above 0."""
        return max(self.cf, 0.0) + max(self.content, 0.0) + max(self.context, 0.0)
