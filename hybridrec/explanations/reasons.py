"""Facts that speak for a track, each with its share of what speaks for it.

A source's part is its positive additive term in the score's logit. The collaborative part is taken
apart exactly, play by play; the content part is shared out among what the track has in common with
the listener.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hybridrec.schema.scores import ReasonRecord

PLAYED, SIMILAR_LISTENERS = "because_you_played", "similar_listeners"
ARTIST, GENRE, MOOD, CONTENT = "artist_familiarity", "genre_match", "mood_match", "content_match"
POPULAR = "popular"
MIN_STRENGTH = 0.05
"""Weaker facts are not worth a word."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one shown track and its listener.

    Attributes:
        cf: additive term of the collaborative source, 0 if it is lost.
        content: additive term of the content source, 0 if it is lost.
        evidence: rows of the history that speak for the track, and their shares of its affinity.
        evidence_titles: their titles.
        artist: of the track.
        artist_plays: rows of the history by that artist.
        genre_shares: genres of the track that the listener likes, each with its share, 0 to 1.
        mood_shares: moods likewise.
        is_popular: whether the track is there for its popularity alone.
    """

    cf: float
    content: float
    evidence: tuple[tuple[int, float], ...]
    evidence_titles: tuple[str, ...]
    artist: str
    artist_plays: tuple[int, ...]
    genre_shares: tuple[tuple[str, float], ...]
    mood_shares: tuple[tuple[str, float], ...]
    is_popular: bool


def reasons_for(facts: Facts) -> tuple[ReasonRecord, ...]:
    """The reasons of one track, strongest first, ties by kind."""
    if facts.is_popular:
        return (ReasonRecord(POPULAR, 1.0),)
    speaks = max(facts.cf, 0.0) + max(facts.content, 0.0)
    if speaks <= 0:
        return ()
    found = [
        *_collaborative(facts, max(facts.cf, 0.0) / speaks),
        *_content(facts, max(facts.content, 0.0) / speaks),
    ]
    strong = [reason for reason in found if reason.strength >= MIN_STRENGTH]
    return tuple(sorted(strong, key=lambda reason: (-reason.strength, reason.kind)))


def _collaborative(facts: Facts, part: float) -> list[ReasonRecord]:
    named = sum(share for _, share in facts.evidence)
    rows = tuple(row for row, _ in facts.evidence)
    played = ReasonRecord(PLAYED, part * named, facts.evidence_titles, rows)
    return [played, ReasonRecord(SIMILAR_LISTENERS, part * (1.0 - min(named, 1.0)))]


def _content(facts: Facts, part: float) -> list[ReasonRecord]:
    common = {
        ARTIST: 1.0 if facts.artist_plays else 0.0,
        GENRE: sum(share for _, share in facts.genre_shares),
        MOOD: sum(share for _, share in facts.mood_shares),
    }
    total = sum(common.values())
    if total == 0:
        return [ReasonRecord(CONTENT, part)]
    values = {
        ARTIST: (facts.artist,),
        GENRE: _names(facts.genre_shares),
        MOOD: _names(facts.mood_shares),
    }
    return [
        ReasonRecord(
            kind,
            part * weight / total,
            values[kind],
            facts.artist_plays if kind == ARTIST else (),
        )
        for kind, weight in common.items()
        if weight > 0
    ]


def _names(shares: Sequence[tuple[str, float]]) -> tuple[str, ...]:
    return tuple(name for name, _ in sorted(shares, key=lambda pair: (-pair[1], pair[0])))
