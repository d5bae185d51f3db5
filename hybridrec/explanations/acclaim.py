"""What critics' praise of a track may be called."""

from hybridrec.explanations.config import ExplanationConfig
from hybridrec.explanations.kinds import ACCLAIMED, ACCLAIMED_BY_CONSENSUS, ACCLAIMED_WIDELY
from hybridrec.features.acclaim import ACCLAIM_ABOVE

CONSENSUS = 2
"""By how many times the least number of ratings must be reached for a consensus."""


def acclaim_kind(score: float, n_ratings: float, config: ExplanationConfig) -> str | None:
    """The kind of reason that the critics may give; None if too few of them praise the track.

    Args:
        score: of the critics, 0 to 100, NaN if unknown.
        n_ratings: that it rests on, NaN if unknown.
        config: from how many ratings on.
    """
    if not (score > ACCLAIM_ABOVE and n_ratings >= config.min_ratings_for_acclaim):
        return None
    if n_ratings >= config.high_acclaim_threshold:
        return ACCLAIMED_WIDELY
    if n_ratings >= CONSENSUS * config.min_ratings_for_acclaim:
        return ACCLAIMED_BY_CONSENSUS
    return ACCLAIMED
