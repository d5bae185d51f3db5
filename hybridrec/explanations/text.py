"""Reasons to one English sentence."""

from collections.abc import Sequence

from hybridrec.explanations import reasons
from hybridrec.schema.scores import ReasonRecord

PREFIXES = (
    (0.8, "Highly recommended because "),
    (0.6, "Recommended because "),
    (0.4, "Suggested because "),
    (0.0, "You might like this because "),
)
"""Confidence above which each prefix is used."""
NO_REASON = "Recommended based on overall music preferences."
CLAUSES = {
    reasons.PLAYED: "you played {}",
    reasons.SIMILAR_LISTENERS: "users with similar taste also liked this track",
    reasons.ARTIST: "you've enjoyed other {} tracks",
    reasons.GENRE: "you like {} music",
    reasons.MOOD: "it matches your preference for {} vibes",
    reasons.CONTENT: "its content features match your preferences",
    reasons.POPULAR: "many listeners play this track",
}
N_NAMED = 2
"""Reasons that a sentence names; the rest are other factors."""


def explanation(found: Sequence[ReasonRecord], confidence: float) -> str:
    """One sentence of the strongest reasons.

    Args:
        found: strongest first.
        confidence: calibrated confidence of the score, 0 to 1.
    """
    if not found:
        return NO_REASON
    prefix = next((text for limit, text in PREFIXES if confidence > limit), PREFIXES[-1][1])
    clauses = [clause(reason) for reason in found[:N_NAMED]]
    rest = ", among other factors" if len(found) > N_NAMED else ""
    return f"{prefix}{' and '.join(clauses)}{rest}."


def clause(reason: ReasonRecord) -> str:
    """The words of one reason, to stand after "because"."""
    return CLAUSES[reason.kind].format(listing(reason.values))


def listing(names: Sequence[str]) -> str:
    """One to three names as an English list."""
    head = list(names[:3])
    return " and ".join(part for part in (", ".join(head[:-1]), *head[-1:]) if part)
