"""Reasons and notes to one English sentence."""

import re
from collections.abc import Sequence

from hybridrec.explanations import kinds
from hybridrec.schema.scores import ReasonRecord

SURELY, CLEARLY = "Highly recommended because ", "Recommended because "
POSSIBLY, PERHAPS = "Suggested because ", "You might like this because "
PREFIXES = ((0.8, SURELY), (0.6, CLEARLY), (0.4, POSSIBLY), (0.0, PERHAPS))
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
BY_ARTIST = "you've enjoyed other tracks by {}"
"""Of an artist whose name cannot stand before another word."""
_ARTICLES = ("the", "a", "an")
NAMED = {kinds.PLAYED: 3, kinds.GENRE: 3, kinds.HISTORY_GENRE: 2, kinds.MOOD: 2}
"""Most values that a clause names; of other kinds one."""
TAGS = (kinds.GENRE, kinds.HISTORY_GENRE, kinds.MOOD)
"""Kinds whose values are tags, such as ``hip_hop``."""
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
CONTRASTS = {
    (kinds.EXPLORATORY, kinds.WELL_ESTABLISHED): (
        " in its sources, though a well-established match by its score"
    ),
    (kinds.HIGH_CONFIDENCE, kinds.DISCOVERY): " in its sources, though a discovery by its score",
}
"""Words of a note after another that would seem to say the opposite: each is said of its own."""
PREFIX_CONTRASTS = {
    kinds.EXPLORATORY: ((SURELY, CLEARLY), ", though its sources are still exploratory"),
    kinds.HIGH_CONFIDENCE: ((PERHAPS,), ", though made with high confidence in its sources"),
}
"""Words of a note after prefixes, which are of the fused score, that would seem to deny it."""
_QUOTED = re.compile(r"""[“"„«]([^“”"„«»]+)[”"“»]""")


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
    if not found:
        return f"{NO_REASON if speaks else NOTHING_SPEAKS}{_bracketed(notes)}."
    prefix = next((text for limit, text in PREFIXES if confidence > limit), PERHAPS)
    return f"{prefix}{_because(found)}{_bracketed(notes, prefix)}."


def clause(reason: ReasonRecord) -> str:
    """The words of one reason, to stand after "because"."""
    names = [_as_words(name, reason.kind) for name in reason.values]
    told = list(dict.fromkeys(names))[: NAMED.get(reason.kind, 1)]
    stands_alone = reason.kind == kinds.ARTIST and _stands_alone(told[0])
    words = BY_ARTIST if stands_alone else CLAUSES[reason.kind]
    before, blank, after = words.partition("{}")
    if not blank:
        return before
    listed = listing(told)
    own_word = after.partition(" ")[2].partition(" ")[0]
    if own_word and listed.casefold().split()[-1:] == [own_word]:
        after = after.removeprefix(f" {own_word}")  # world music is no "world music music"
    return f"{before}{listed}{after}"


def listing(names: Sequence[str]) -> str:
    """Names as an English list; one that holds an "and" itself is parted by a comma."""
    has_inner = any(" and " in name and not name.startswith("“") for name in names)
    joint = ", and " if has_inner else " and "
    return joint.join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


def _stands_alone(artist: str) -> bool:
    """Whether a name has an article or a comma: there are no "other The Kinks tracks"."""
    return "," in artist or artist.casefold().partition(" ")[0] in _ARTICLES


def _as_words(name: str, kind: str) -> str:
    """A name as it stands in a sentence; it may hold line breaks, or nothing else."""
    words = " ".join((name.replace("_", " ") if kind in TAGS else name).split())
    if kind != kinds.PLAYED:
        return words or BLANK
    whole = _QUOTED.fullmatch(words)
    bare = whole[1].strip() if whole else _QUOTED.sub("\u2018\\1\u2019", words)
    return f"“{bare or BLANK}”"


def _because(found: Sequence[ReasonRecord]) -> str:
    rest = ", among other factors" if len(found) > N_REASONS else ""
    return f"{_joined([clause(reason) for reason in found[:N_REASONS]])}{rest}"


def _bracketed(notes: Sequence[str], prefix: str = "") -> str:
    """The words of the notes, each as it can stand after the prefix and the note before it."""
    words, before = "", ""
    for note in notes:
        prefixes, contrast = PREFIX_CONTRASTS.get(note, ((), ""))
        if prefix in prefixes:
            words, before = f"{words}{contrast}", ""
        else:
            words, before = f"{words}{CONTRASTS.get((before, note), NOTES[note])}", note
    return f" ({words})" if notes else ""


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
