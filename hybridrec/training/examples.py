"""The stack as examples for the fusions, and the sources' calibrators fitted on it.

Base scores are out of fold: no label of the stack was seen by the model that scores it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from hybridrec.fusion.learned import user_inputs
from hybridrec.fusion.meta import INPUTS, FusionFeatures, FusionInputs
from hybridrec.models.calibration import ConfidenceCalibrator, ScoreCalibrator, logit
from hybridrec.models.genres import NEW_LISTENER_PLAYS
from hybridrec.models.groups import cf_ceilings
from hybridrec.schema.names import Floats, Mask, Rows
from hybridrec.schema.records import AudioFeatures, QueryBatch
from hybridrec.schema.scores import ScoreBatch
from hybridrec.training.calibration import fit_score_calibrator
from hybridrec.training.confidence import NO_CEILINGS, Judged, fit_confidence_calibrator

SourceCalibrators = tuple[ScoreCalibrator, ConfidenceCalibrator]


@dataclass(frozen=True, slots=True, eq=False)
class StackBatch:
    """Some of the stack's queries, and what uncalibrated base models say of their candidates.

    Attributes:
        queries: with candidates.
        cf: raw affinity and confidence of the collaborative scorer.
        content: likewise of the content scorer.
        played: shape (N,), the labels.
        random: shape (N,), candidates that were drawn at random.
        pooled: shape (N,), candidates that serving would have; the others are labels that retrieval
            missed, by which confidence alone is judged, or surplus.
        surplus: shape (N,), plays of ``StackSplit.surplus``: neither labels nor unplayed.
        groups: shape (N,), of ``confidence_groups``.
        users: shape (B,), who asks.
        is_new: shape (B,), askers that the base models never saw.
        asks_again: shape (B,), users who have asked already, with all that is known of them.
        calibrates: shape (B,), queries that calibrate instead of training.
    """

    queries: QueryBatch
    cf: ScoreBatch
    content: ScoreBatch
    played: Mask
    random: Mask
    pooled: Mask
    surplus: Mask
    groups: Rows
    users: Rows
    is_new: Mask
    asks_again: Mask
    calibrates: Mask

    @property
    def is_thin(self) -> Mask:
        """Shape (B,), new askers of whom fewer than 5 plays are known now, or preferences."""
        n_plays: Rows = np.diff(self.queries.history_offsets)
        return self.asks_again & self.is_new & (n_plays < NEW_LISTENER_PLAYS)


@dataclass(frozen=True, slots=True, eq=False)
class StackColumns:
    """One source's column over all batches; shapes (N,)."""

    raw: Floats
    confidence: Floats
    pooled: Mask
    judged: Judged


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """The fusions' inputs over all batches, with labels.

    Attributes:
        inputs: of the meta-learner, which hold those of all others but one.
        users: shape (Q, d), embeddings of the askers, 0 where unknown.
        users_known: shape (Q, 1).
        pooled: shape (N,), as serving would have them.
        surplus: shape (N,), plays of new tracks that only their order is learnt from.
        judged: shapes (N,), with labels; ``queries`` is the row of each candidate's asker.
        listeners: shape (N,), who asks: some ask more than once.
        tracks: shape (N,), rows of the candidates.
        calibrates: shape (N,), not for training.
    """

    inputs: FusionInputs
    users: Floats
    users_known: Floats
    pooled: Mask
    surplus: Mask
    judged: Judged
    listeners: Rows
    tracks: Rows
    calibrates: Mask

    @property
    def trains(self) -> npt.NDArray[np.intp]:
        """Places of the candidates that fusions train on."""
        return np.flatnonzero(~self.calibrates & (self.pooled | self.surplus))


def calibrated_sources(
    stack: Sequence[StackBatch],
) -> tuple[SourceCalibrators, SourceCalibrators]:
    """Calibrators of the collaborative and of the content scorer."""
    fitted = []
    for source, ceilings in (("cf", cf_ceilings()), ("content", NO_CEILINGS)):
        column = _column(stack, source)
        fitted.append(
            (
                fit_score_calibrator(
                    column.raw[column.pooled], column.judged.played[column.pooled]
                ),
                fit_confidence_calibrator(column.confidence, column.raw, column.judged, ceilings),
            )
        )
    return fitted[0], fitted[1]


def examples_of(
    stack: Sequence[StackBatch],
    features: FusionFeatures,
    calibrators: Sequence[SourceCalibrators],
) -> Examples:
    """All batches as examples, with calibrated sources."""
    parts, users = [], []
    for batch in stack:
        cf, content = recalibrated(batch, calibrators)
        cold_audio = AudioFeatures.measured(batch.queries.cold_items.audio)
        parts.append(features.inputs(batch.queries, cf, content, cold_audio))
        users.append(user_inputs(content, len(batch.queries), content.user_state.shape[1]))
    return Examples(
        inputs=FusionInputs(
            **{name: np.concatenate([getattr(part, name) for part in parts]) for name in INPUTS}
        ),
        users=np.concatenate([embeddings for embeddings, _ in users]),
        users_known=np.concatenate([known for _, known in users]),
        pooled=np.concatenate([batch.pooled for batch in stack]),
        surplus=np.concatenate([batch.surplus for batch in stack]),
        judged=_judged(stack),
        listeners=np.concatenate([one.users[one.queries.query_of_candidate] for one in stack]),
        tracks=np.concatenate([batch.queries.candidate_rows for batch in stack]),
        calibrates=np.concatenate(
            [batch.calibrates[batch.queries.query_of_candidate] for batch in stack]
        ),
    )


def recalibrated(
    batch: StackBatch, calibrators: Sequence[SourceCalibrators]
) -> tuple[ScoreBatch, ScoreBatch]:
    """What calibrated scorers would have said of a batch."""
    said = []
    for raw, (scores, confidence) in zip((batch.cf, batch.content), calibrators, strict=True):
        calibrated = scores.scores(logit(raw.scores))
        known = ~np.isnan(calibrated)
        sure = confidence.known(raw.confidence, batch.groups, known)
        said.append(replace(raw, scores=calibrated, confidence=sure))
    return said[0], said[1]


def _column(stack: Sequence[StackBatch], source: str) -> StackColumns:
    said: list[ScoreBatch] = [getattr(batch, source) for batch in stack]
    return StackColumns(
        raw=np.concatenate([logit(one.scores) for one in said]),
        confidence=np.concatenate([one.confidence for one in said]),
        pooled=np.concatenate([batch.pooled for batch in stack]),
        judged=_judged(stack),
    )


def _judged(stack: Sequence[StackBatch]) -> Judged:
    """All batches' candidates, to judge confidence by."""
    return Judged(
        played=np.concatenate([batch.played for batch in stack]),
        random=np.concatenate([batch.random for batch in stack]),
        queries=_query_numbers(stack),
        groups=np.concatenate([batch.groups for batch in stack]),
    )


def _query_numbers(stack: Sequence[StackBatch]) -> Rows:
    """Number of each candidate's query over all batches."""
    starts = np.cumsum([0] + [len(batch.queries) for batch in stack[:-1]])
    numbers = [
        batch.queries.query_of_candidate + start for batch, start in zip(stack, starts, strict=True)
    ]
    return np.concatenate(numbers).astype(np.int32)
