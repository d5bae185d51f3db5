"""What is known of a bundle's quality, all of it measured on plays that training held out."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from hybridrec.evaluation.trained import AudioCheck, Curve, Part

Listeners = Literal["all", "known", "new", "few_plays", "new_tracks"]
RankedBy = Literal[
    "hybrid",
    "weighted_sum",
    "confidence_weighted",
    "learned_weights",
    "adaptive",
    "cf",
    "co_listening",
    "factors",
    "content",
    "popularity",
]
"""The meta-learner, other fusions, each source, both parts of the collaborative, popularity."""
LostStage = Literal["nmf_scorer", "two_tower_scorer", "meta_fusion", "audio_predictor"]
"""A stage whose loss is judged; the audio predictor's on tracks that no base model saw."""


class Figure(Part):
    """A mean over queries, or of what two ways of scoring differ by, and its 95 % interval."""

    mean: float
    low: float
    high: float


class Quality(Part):
    """How well one way of scoring ranks for one kind of listener.

    Attributes:
        ranked_by: by what score.
        listeners: all; known and new (to the base models); few_plays, new with at most four plays,
            or none and some preferences; new_tracks, all, where only such tracks are ranked.
        n_queries: that the means are over; a stranger of few plays asks more than once.
        ndcg_at_10: in [0, 1].
        recall_at_20: in [0, 1].
    """

    ranked_by: RankedBy
    listeners: Listeners
    n_queries: int = Field(ge=1)
    ndcg_at_10: Figure
    recall_at_20: Figure


class Loss(Part):
    """What the loss of one stage costs: the hybrid without it less the hybrid, query by query."""

    stage: LostStage
    listeners: Listeners
    n_queries: int = Field(ge=1)
    ndcg_at_10: Figure


class Gain(Part):
    """What the hybrid has over another way of scoring, query by query; below 0 if it has less."""

    over: RankedBy
    listeners: Listeners
    n_queries: int = Field(ge=1)
    ndcg_at_10: Figure


class Lists(Part):
    """What the first ten places of one way of scoring show, beside hits, to all with a history.

    Attributes:
        ranked_by: by what score.
        n_queries: that the means are over.
        novelty: bits; None, as all that follow, where nothing can be said.
        diversity: 1 - cosine of the tracks of a list, in [0, 1].
        long_tail_share: of the least played tracks that have a fifth of all plays, in [0, 1].
        popularity_lift: how much more popular lists are than what was played before, by that.
        coverage: share of the catalogue that any list shows, in [0, 1].
        artist_gini: how unevenly artists are shown, in [0, 1].
    """

    ranked_by: RankedBy
    n_queries: int = Field(ge=1)
    novelty: Figure | None
    diversity: Figure | None
    long_tail_share: Figure | None
    popularity_lift: Figure | None
    coverage: float
    artist_gini: float | None


class Group(Part):
    """What the hybrid said of a group of candidates, and what was found to be so."""

    n: int = Field(ge=1)
    said: float
    found: float


class Reliability(Part):
    """Groups of plays of like confidence, from low to high, for one kind of listener.

    What is found is 2 P(the play is ordered above an unplayed track) - 1.
    """

    listeners: Listeners
    groups: tuple[Group, ...]


class Calibration(Part):
    """Whether the hybrid's scores are probabilities, for a kind of listeners and of tracks.

    Attributes:
        listeners: as of ``Quality``.
        of_shown: of the ten best of these candidates of each query alone, or of all.
        n: candidates.
        error: mean distance of score and share played, over ten groups of about the same size.
        brier_skill: share of the Brier score of the base rate of these candidates that the scores
            save, at most 1; None where all or none was played. The interval is over queries.
        of_new_tracks: of tracks with fewer than three listeners alone, or of all.
    """

    listeners: Listeners
    of_shown: bool
    n: int = Field(ge=1)
    error: float
    brier_skill: Figure | None
    of_new_tracks: bool = False


class Sureness(Part):
    """How sure one way of scoring is of the plays of a kind of listeners and tracks, and how right.

    Attributes:
        ranked_by: hybrid, cf or content.
        listeners: one of ``hybridrec.schema.names.LISTENER_KINDS``.
        tracks: one of ``hybridrec.schema.names.TRACK_KINDS``.
        n: plays that were judged.
        said: mean confidence.
        found: 2 P(the play is ordered above an unplayed track) - 1.
    """

    ranked_by: RankedBy
    listeners: str
    tracks: str
    n: int = Field(ge=1)
    said: float
    found: float


class ModelCard(Part):
    """The figures of one bundle.

    Attributes:
        quality: by ranking and kind of listener.
        losses: by stage and kind of listener.
        scores: groups of candidates of like score, from low to high: the share that was played.
        shown_scores: the same of the ten best candidates of each query.
        calibration: how far both are off, by kind of listener, and of new tracks.
        confidence: by kind of listener, of all with a history and of strangers.
        sureness: stated and measured confidence by way of scoring, listener and track.
        gains: of the hybrid over each other way of scoring, by kind of listener.
        lists: what lists show beside hits, by ranking.
        audio: how well each audio feature is predicted; none without an audio predictor.
        curves: how the networks learnt.
    """

    quality: tuple[Quality, ...]
    losses: tuple[Loss, ...]
    scores: tuple[Group, ...]
    shown_scores: tuple[Group, ...]
    confidence: tuple[Reliability, ...]
    sureness: tuple[Sureness, ...]
    gains: tuple[Gain, ...] = ()
    lists: tuple[Lists, ...] = ()
    audio: tuple[AudioCheck, ...] = ()
    curves: tuple[Curve, ...] = ()
    calibration: tuple[Calibration, ...] = ()

    def summary(self) -> dict[str, float]:
        """The headline figures by name, of all listeners."""
        figures: dict[str, float] = {}
        for row in self.quality:
            if row.listeners == "all":
                figures[f"{row.ranked_by}_ndcg_at_10"] = row.ndcg_at_10.mean
                figures[f"{row.ranked_by}_recall_at_20"] = row.recall_at_20.mean
        if self.scores:
            figures["hybrid_calibration_error"] = distance_of(self.scores)
        return figures


def distance_of(groups: Sequence[Group]) -> float:
    """Mean distance of what was said and found, by the size of the groups, one at least."""
    distance = sum(group.n * abs(group.said - group.found) for group in groups)
    return distance / sum(group.n for group in groups)
