"""Facts that speak for a track, each with its share of what speaks for it.

A source's part is its positive additive term in the score's logit. Of the collaborative part each
named play has its share of what those plays add that speak for the track, and of the content part
the shares of predicted audio and of the critics are measured by leaving them out. What remains of
a part is shared out among what the track and the listener have in common: an artist and a stated
preference count whole, a genre or mood by its share of the history, users with similar taste by
their similarity. If there is nothing in common, the source speaks for itself. A reason whose
strength is too small is not given, nor is one from a source that speaks against the track.
"""

import math
from collections.abc import Iterable

from hybridrec.explanations.facts import Facts, Shares
from hybridrec.explanations.kinds import (
    ARTIST,
    ARTIST_BEFORE,
    COLLABORATIVE,
    COLLABORATIVE_GENRES,
    CONTENT,
    GENRE,
    HISTORY_GENRE,
    LISTENING_HOUR,
    MOOD,
    PLAYED,
    POPULAR,
    PREDICTED_AUDIO,
    SIMILAR_LISTENERS,
)
from hybridrec.schema.scores import ReasonRecord

MIN_NEAR_LISTENERS = 2
"""Nearest users who played a track, of whom "users with similar taste" may be said."""
MIN_STRENGTH = 0.05
"""Weaker facts are not worth a word."""
NEAR = 0.5
"""Mean cosine of the nearest users' factors from which on their taste is similar: within 60
degrees. Factors are not negative, and those of users drawn at random stand almost at right angles.
"""


def reasons_for(facts: Facts) -> tuple[ReasonRecord, ...]:
    """The reasons of one track, strongest first, ties by kind."""
    if facts.is_popular:
        return (ReasonRecord(POPULAR, 1.0),)
    speaks = facts.speaks
    if speaks <= 0:
        return ()
    strengths: dict[str, float] = {}
    for kind, strength in (
        *_collaborative(facts, max(facts.cf, 0.0) / speaks),
        *_content(facts, max(facts.content, 0.0) / speaks),
        *_listening(facts, max(facts.context, 0.0) / speaks),
    ):
        strengths[kind] = strengths.get(kind, 0.0) + strength
    strong = [(kind, strength) for kind, strength in strengths.items() if strength >= MIN_STRENGTH]
    if [kind for kind, _ in strong] == [LISTENING_HOUR]:
        return ()  # no model sees the hour: it goes along with what speaks for a track
    return tuple(
        _record(kind, strength, facts)
        for kind, strength in sorted(strong, key=lambda pair: (-pair[1], pair[0]))
    )


def _collaborative(facts: Facts, part: float) -> Iterable[tuple[str, float]]:
    named = _sum(facts.evidence)
    common = {
        SIMILAR_LISTENERS: facts.neighbours if _is_liked_nearby(facts) else 0.0,
        HISTORY_GENRE: _sum(facts.history_genres),
        ARTIST: 1.0 if facts.artist_plays and facts.is_top_artist else 0.0,
    }
    # of a track that hardly anybody played the factors are those of its genres
    otherwise = COLLABORATIVE_GENRES if facts.is_new and facts.has_genres else COLLABORATIVE
    # what listeners of the stated genres play: for a track of those genres, or for one beside them
    by_genres = min(facts.by_genres, 1.0 - named)
    yield PLAYED, part * named
    beside = SIMILAR_LISTENERS if _is_liked_nearby(facts) else otherwise
    yield GENRE if facts.stated_genres else beside, part * by_genres
    yield from _shared_out(part * (1.0 - named - by_genres), common, otherwise)


def _is_liked_nearby(facts: Facts) -> bool:
    """Whether users of similar taste played a track whose factors are made of plays."""
    is_near = facts.neighbours >= NEAR and facts.n_near_listeners >= MIN_NEAR_LISTENERS
    return is_near and not facts.is_new


def _content(facts: Facts, part: float) -> Iterable[tuple[str, float]]:
    acclaim = facts.acclaim if facts.acclaim_kind else 0.0
    artist = ARTIST if facts.is_top_artist and facts.cf > 0 else ARTIST_BEFORE
    stated = set(facts.stated_genres)
    others = tuple(pair for pair in facts.history_genres if pair[0] not in stated)
    common = {
        artist: 1.0 if facts.artist_plays else 0.0,
        GENRE: 1.0 if facts.liked_genres else 0.0,
        HISTORY_GENRE: _sum(others),
        MOOD: _sum(facts.moods),
    }
    yield PREDICTED_AUDIO, part * facts.predicted_audio
    if facts.acclaim_kind:
        yield facts.acclaim_kind, part * acclaim
    rest = max(1.0 - facts.predicted_audio - acclaim, 0.0)
    yield from _shared_out(part * rest, common, CONTENT)


def _listening(facts: Facts, part: float) -> Iterable[tuple[str, float]]:
    """The hour is no input of the fusion; the rhythm of the sessions that it belongs to is."""
    if facts.fits_hour:
        yield LISTENING_HOUR, part


def _shared_out(
    part: float, common: dict[str, float], otherwise: str
) -> Iterable[tuple[str, float]]:
    """A part shared out by weight; all of it to another kind where nothing weighs."""
    total = sum(common.values())
    if total == 0:
        return [(otherwise, part)]
    return [(kind, part * weight / total) for kind, weight in common.items()]


def _record(kind: str, strength: float, facts: Facts) -> ReasonRecord:
    strength = min(strength, 1.0)  # a sum of shares may round to a little more
    if kind == PLAYED:
        plays = sorted(
            zip(facts.evidence, facts.evidence_titles, strict=True),
            key=lambda play: (-play[0][1], play[0][0]),
        )
        titles, rows = (tuple(title for _, title in plays), tuple(row for (row, _), _ in plays))
        return ReasonRecord(kind, strength, titles, rows)
    if kind in (ARTIST, ARTIST_BEFORE):
        return ReasonRecord(kind, strength, (facts.artist,), facts.artist_plays)
    values = {
        HISTORY_GENRE: _names(facts.history_genres),
        # beside a track, the factors of a new listener's genres may speak for it alone
        GENRE: tuple(sorted(facts.liked_genres or facts.stated_genres)),
        MOOD: _names(facts.moods),
    }
    return ReasonRecord(kind, strength, values.get(kind, ()))


def _sum(shares: Iterable[tuple[object, float]]) -> float:
    """Of shares of one history: where they overlap, they are no more than all of it together."""
    return min(math.fsum(share for _, share in shares), 1.0)  # the same in any order


def _names(shares: Shares) -> tuple[str, ...]:
    return tuple(name for name, _ in sorted(shares, key=lambda pair: (-pair[1], pair[0])))
