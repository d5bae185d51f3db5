"""Reasons and notes to one English sentence."""

from collections.abc import Sequence

from hybridrec.explanations import kinds
from hybridrec.schema.scores import ReasonRecord

PREFIXES = (
    (0.8, "Highly recommended because "),
    (0.6, "Recommended because "),
    (0.4, "Suggested because "),
    (0.0, "You might like this because "),
)
"""Confidence above which each prefix is used."""
NOTHING_SPEAKS = "Recommended based on overall music preferences"
"""Of a track that nothing speaks for."""
NO_REASON = "Recommended based on your music preferences"
"""Of a track that something speaks for, but nothing worth a word."""
CLAUSES = {
    kinds.PLAYED: "you played {}",
    kinds.SIMILAR_LISTENERS: "users with similar taste also liked this track",
    kinds.HISTORY_GENRE: "it matches your {} listening history",
    kinds.ARTIST: "you've enjoyed other {} tracks",
    kinds.COLLABORATIVE: "similar users liked this track",
    kinds.COLLABORATIVE_GENRES: "similar users like music of its genres",
    kinds.LISTENING_HOUR: "it fits your current listening pattern",
    kinds.GENRE: "you like {} music",
    kinds.MOOD: "it matches your preference for {} vibes",
    kinds.ARTIST_BEFORE: "you've enjoyed {} before",
    kinds.PREDICTED_AUDIO: "its predicted audio characteristics match your taste",
    kinds.ACCLAIMED: "it is a critically acclaimed track",
    kinds.ACCLAIMED_BY_CONSENSUS: "it is a critically acclaimed track with strong consensus",
    kinds.ACCLAIMED_WIDELY: "it is a widely acclaimed track with exceptional reviews",
    kinds.CONTENT: "its content features match your preferences",
    kinds.POPULAR: "many listeners play this track",
}
NAMED = {kinds.PLAYED: 3, kinds.GENRE: 3, kinds.HISTORY_GENRE: 2, kinds.MOOD: 2}
"""Most values that a clause names; of other kinds one."""
BLANK = "…"
"""Stands for a name that has no mark to show."""
N_REASONS = 2
"""Reasons that a sentence names; the rest are other factors."""
NOTES = {
    kinds.ADAPTIVE: "adaptive recommendation",
    kinds.MOSTLY_CF: " based primarily on similar user preferences",
    kinds.MOSTLY_CONTENT: " based primarily on track characteristics",
    kinds.BALANCED: ", balanced across multiple factors",
    kinds.HIGH_CONFIDENCE: ", made with high confidence",
    kinds.EXPLORATORY: ", still exploratory",
    kinds.WELL_ESTABLISHED: "; a well-established match",
    kinds.DISCOVERY: "; a discovery",
}
"""Words of notes, to be put one after the other."""


def explanation(
    found: Sequence[ReasonRecord], notes: Sequence[str], confidence: float, *, speaks: bool
) -> str:
    """One sentence of the strongest reasons, and of the notes.

    Args:
        found: strongest first.
        notes: kinds, in the order of ``notes_for``.
        confidence: calibrated confidence of the score, 0 to 1.
        speaks: whether anything at all speaks for the track.
    """
    said = _because(found, confidence) if found else NO_REASON if speaks else NOTHING_SPEAKS
    closing = f" ({''.join(NOTES[kind] for kind in notes)})" if notes else ""
    return f"{said}{closing}."


def clause(reason: ReasonRecord) -> str:
    """The words of one reason, to stand after "because"."""
    # a name may hold line breaks, or nothing else
    told = reason.values[: NAMED.get(reason.kind, 1)]
    names = [" ".join(name.split()) or BLANK for name in told]
    if reason.kind == kinds.PLAYED:
        names = [f"“{name}”" for name in names]
    words = CLAUSES[reason.kind].format(listing(names))
    return words.replace("music music", "music") if reason.kind == kinds.GENRE else words


def listing(names: Sequence[str]) -> str:
    """Names as an English list."""
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


def _because(found: Sequence[ReasonRecord], confidence: float) -> str:
    prefix = next((text for limit, text in PREFIXES if confidence > limit), PREFIXES[-1][1])
    rest = ", among other factors" if len(found) > N_REASONS else ""
    return f"{prefix}{_joined([clause(reason) for reason in found[:N_REASONS]])}{rest}"


def _joined(clauses: Sequence[str]) -> str:
    """One clause, or two with an "and" that cannot be taken for one inside them."""
    if len(clauses) == 1:
        return clauses[0]
    first, second = clauses
    for shared in ("it matches ", "it "):  # what both begin with is said once
        if first.startswith(shared) and second.startswith(shared):
            return f"{first} and {second.removeprefix(shared)}"
    comma = "," if any(" and " in one or "," in one for one in clauses) else ""
    return f"{first}{comma} and {second}"
