"""The figures of the model card, on plays that neither the base models nor the fusion learnt from.

Only users that calibrate are looked at: the fusion was not trained on them. What the calibrators
say is judged on one half of these users by calibrators fitted on the other, and the other way
round.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from hybridrec.evaluation.card import (
    Group,
    Listeners,
    LostStage,
    ModelCard,
    RankedBy,
    Reliability,
)
from hybridrec.evaluation.reliability import reliability_bins
from hybridrec.fusion.calibrated import Fusion
from hybridrec.fusion.fusions import Fusions
from hybridrec.fusion.meta import MetaLearning
from hybridrec.fusion.ranked import Fused
from hybridrec.schema.names import (
    CONFIDENCE_WEIGHTED,
    META_FUSION,
    NMF_SCORER,
    TWO_TOWER_SCORER,
    Floats,
    Mask,
    Rows,
)
from hybridrec.schema.records import AudioFeatures
from hybridrec.schema.scores import ScoreBatch
from hybridrec.training.calibration import (
    IDENTITY,
    Values,
    confidence_calibrator,
    fit_score_calibrator,
    orderings,
)
from hybridrec.training.examples import SourceCalibrators, StackBatch, recalibrated
from hybridrec.training.queries import Stack
from hybridrec.training.rankings import Rankings

N_GROUPS = 10
N_SHOWN = 10
OTHER_FUSIONS: tuple[RankedBy, ...] = (
    "weighted_sum",
    "confidence_weighted",
    "learned_weights",
    "adaptive",
)
RANKED_BY: tuple[RankedBy, ...] = ("hybrid", *OTHER_FUSIONS, "cf", "content", "popularity")
STAGES: tuple[LostStage, ...] = ("nmf_scorer", "two_tower_scorer", "meta_fusion")


def judge(
    batches: Sequence[StackBatch],
    stack: Stack,
    calibrators: Sequence[SourceCalibrators],
    fusions: Fusions,
    popularity: Rows,
    rng: np.random.Generator,
) -> ModelCard:
    """The model card.

    Args:
        batches: the stack's questions, scored by base models.
        stack: knows what their askers went on to play.
        calibrators: of cf and content.
        fusions: trained and calibrated on the batches; the meta-learner is what is judged.
        popularity: shape (n_items,), plays that the base models knew of.
        rng: draws users for the intervals.
    """
    rankings, sayings = Rankings(), _Sayings()
    fusion = replace(fusions.meta_learning, confidence_calibrator=IDENTITY[1])
    for batch in batches:
        cf, content = recalibrated(batch, calibrators)
        fused = fusion.score_all(batch.queries, cf, content, _no_audio(batch))
        others = {
            name: fusions[name].score_all(batch.queries, cf, content, _no_audio(batch)).scores
            for name in OTHER_FUSIONS
        }
        ways: dict[str, Floats] = {
            "hybrid": fused.scores,
            "cf": cf.scores,
            "content": content.scores,
            "popularity": popularity[batch.queries.candidate_rows].astype(np.float32),
        }
        labels = [stack.labels(int(user)) for user in batch.users]
        lost = _without(batch, cf, content, fusion) | {META_FUSION: others[CONFIDENCE_WEIGHTED]}
        rankings.add(batch, labels, ways | others | lost)
        sayings.add(batch, fused)
    return ModelCard(
        quality=rankings.quality(RANKED_BY, rng),
        losses=rankings.losses(STAGES, rng),
        scores=sayings.scores(),
        shown_scores=sayings.scores(of_shown=True),
        confidence=sayings.confidence(),
    )


def _without(
    batch: StackBatch, cf: ScoreBatch, content: ScoreBatch, fusion: Fusion[MetaLearning]
) -> dict[str, Floats]:
    """Scores of all candidates with one scorer lost, by the stage's name."""
    queries, no_audio = batch.queries, _no_audio(batch)
    no_cf, no_content = (ScoreBatch.absent(name, queries) for name in ("cf", "content"))
    return {
        NMF_SCORER: fusion.score_all(queries, no_cf, content, no_audio).scores,
        TWO_TOWER_SCORER: fusion.score_all(queries, cf, no_content, no_audio).scores,
    }


def _no_audio(batch: StackBatch) -> AudioFeatures:
    return AudioFeatures.measured(batch.queries.cold_items.audio)


@dataclass(slots=True)
class _Sayings:
    """What was said of candidates before calibration, and what came of them."""

    raw: list[Floats] = field(default_factory=list)
    played: list[Mask] = field(default_factory=list)
    is_shown: list[Mask] = field(default_factory=list)
    score_halves: list[Rows] = field(default_factory=list)
    sure: list[Values] = field(default_factory=list)
    won: list[Values] = field(default_factory=list)
    is_thin: list[Mask] = field(default_factory=list)
    sure_halves: list[Rows] = field(default_factory=list)

    def add(self, batch: StackBatch, fused: Fused) -> None:
        """The questions of a batch that calibrate; both questions of a user are in one half."""
        query = batch.queries.query_of_candidate
        halves = batch.users % 2
        here = batch.calibrates[query] & ~np.isnan(fused.scores)
        judged = here & batch.pooled
        self.raw.append(fused.raw_logits[judged])
        self.played.append(batch.played[judged])
        self.is_shown.append(_first(N_SHOWN, fused.raw_logits[judged], query[judged]))
        self.score_halves.append(halves[query][judged])
        found = orderings(
            fused.confidence[here],
            fused.raw_logits[here],
            batch.played[here],
            batch.random[here],
            query[here],
        )
        self.sure.append(found.confidence)
        self.won.append(found.won)
        self.is_thin.append(batch.is_thin[found.queries])
        self.sure_halves.append(halves[found.queries])

    def scores(self, *, of_shown: bool = False) -> tuple[Group, ...]:
        """Calibrated scores and the share that was played, of all or of each query's best."""
        raw, played = np.concatenate(self.raw), np.concatenate(self.played)
        halves = np.concatenate(self.score_halves)
        said = np.empty(len(raw), np.float32)
        for half in (0, 1):
            here = halves == half
            said[here] = fit_score_calibrator(raw[~here], played[~here]).scores(raw[here])
        chosen = np.concatenate(self.is_shown) if of_shown else np.ones(len(raw), bool)
        return _groups(said[chosen], played[chosen])

    def confidence(self) -> tuple[Reliability, ...]:
        """Calibrated confidence of plays, and 2 P(ordered above an unplayed track) - 1."""
        sure, won = np.concatenate(self.sure), np.concatenate(self.won)
        halves = np.concatenate(self.sure_halves)
        said = np.empty(len(sure), np.float32)
        for half in (0, 1):
            here = halves == half
            fitted = confidence_calibrator(sure[~here], won[~here])
            said[here] = fitted.known(sure[here], np.ones(int(here.sum()), bool))
        thin = np.concatenate(self.is_thin)
        kinds: dict[Listeners, Mask] = {"all": ~thin, "few_plays": thin}
        return tuple(
            Reliability(listeners=kind, groups=_orderings(said[chosen], won[chosen]))
            for kind, chosen in kinds.items()
            if chosen.any()
        )


def _first(n: int, scores: Floats, queries: Rows) -> Mask:
    """Whether each candidate is among the n of the highest score of its query."""
    order = np.lexsort((-scores, queries))
    ranked = queries[order]
    places = np.arange(len(order)) - np.searchsorted(ranked, ranked)
    first = np.empty(len(order), bool)
    first[order] = places < n
    return first


def _orderings(said: Floats, won: Values) -> tuple[Group, ...]:
    return tuple(
        group.model_copy(update={"found": 2.0 * group.found - 1.0}) for group in _groups(said, won)
    )


def _groups(said: Floats, found: Mask | Values) -> tuple[Group, ...]:
    if not len(said):
        return ()
    bins = reliability_bins(said, found, N_GROUPS).at_least(len(said) // (2 * N_GROUPS))
    columns = bins.counts.tolist(), bins.mean_scores.tolist(), bins.frequencies.tolist()
    return tuple(
        Group(n=n, said=mean, found=share) for n, mean, share in zip(*columns, strict=True)
    )
