"""The figures of the model card, on plays that neither the base models nor the fusion learnt from.

Only users that calibrate are looked at: the fusion was not trained on them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from hybridrec.evaluation.card import LostStage, ModelCard, RankedBy
from hybridrec.evaluation.judgement import Judge
from hybridrec.fusion.calibrated import Fusion
from hybridrec.fusion.fusions import Fusions
from hybridrec.fusion.meta import MetaLearning
from hybridrec.fusion.ranked import Fused
from hybridrec.models.groups import cf_ceilings
from hybridrec.schema.names import (
    CONFIDENCE_WEIGHTED,
    META_FUSION,
    NMF_SCORER,
    TWO_TOWER_SCORER,
    Floats,
)
from hybridrec.schema.records import AudioFeatures
from hybridrec.schema.scores import ScoreBatch
from hybridrec.training.calibration import IDENTITY
from hybridrec.training.confidence import NO_CEILINGS
from hybridrec.training.examples import SourceCalibrators, StackBatch, recalibrated
from hybridrec.training.queries import Stack
from hybridrec.training.rankings import Rankings
from hybridrec.training.sayings import SureSayings
from hybridrec.training.score_sayings import ScoreSayings
from hybridrec.training.shown import lists_shown

SURE: tuple[RankedBy, ...] = ("hybrid", "cf", "content")
"""Of whom the card says how sure they are."""
OTHER_FUSIONS: tuple[RankedBy, ...] = (
    "weighted_sum",
    "confidence_weighted",
    "learned_weights",
    "adaptive",
)
CF_PARTS: tuple[RankedBy, ...] = ("co_listening", "factors")
"""Signals of the collaborative scorer that it is the sum of."""
RANKED_BY: tuple[RankedBy, ...] = (
    "hybrid",
    *OTHER_FUSIONS,
    "cf",
    *CF_PARTS,
    "content",
    "popularity",
)
STAGES: tuple[LostStage, ...] = ("nmf_scorer", "two_tower_scorer", "meta_fusion")


def judge(
    batches: Sequence[StackBatch],
    stack: Stack,
    calibrators: Sequence[SourceCalibrators],
    fusions: Fusions,
    tracks: Judge,
    rng: np.random.Generator,
) -> ModelCard:
    """The model card.

    Args:
        batches: the stack's questions, scored by base models.
        stack: knows what their askers went on to play.
        calibrators: of cf and content.
        fusions: trained and calibrated on the batches; the meta-learner is what is judged.
        tracks: what is known of them, with the plays that the base models knew of.
        rng: draws users for the intervals.
    """
    rankings, scores = Rankings(), ScoreSayings()
    popularity = tracks.catalog.interactions
    (beside,) = rng.spawn(1)  # its own, so that what is told beside changes nothing of the rest
    sure = {name: SureSayings() for name in SURE}
    for batch in batches:
        asked = asked_of(batch, calibrators, fusions)
        by_popularity = popularity[batch.queries.candidate_rows].astype(np.float32)
        labels = [stack.labels(int(user)) for user in batch.users]
        rankings.add(batch, labels, asked.ways | {"popularity": by_popularity})
        scores.add(batch, asked.fused)
        sure["hybrid"].add(batch, asked.fused.raw_logits, asked.fused.confidence)
        sure["cf"].add(batch, batch.cf.scores, batch.cf.confidence)
        sure["content"].add(batch, batch.content.scores, batch.content.confidence)
    ceilings: dict[RankedBy, Floats] = {"cf": cf_ceilings()}
    return ModelCard(
        quality=rankings.quality(RANKED_BY, rng),
        losses=rankings.losses(STAGES, rng),
        scores=scores.groups(),
        shown_scores=scores.groups(of_shown=True),
        confidence=sure["hybrid"].reliability(),
        sureness=tuple(
            row
            for name, one in sure.items()
            for row in one.table(name, ceilings.get(name, NO_CEILINGS))
        ),
        gains=rankings.gains([name for name in RANKED_BY if name != "hybrid"], beside),
        lists=lists_shown(rankings, RANKED_BY, tracks, beside),
        calibration=scores.calibration(beside),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What was said of a batch.

    Attributes:
        ways: scores of all candidates, shape (N,), by way of scoring and by lost stage.
        fused: by the meta-learner, with a confidence that is not calibrated.
    """

    ways: dict[str, Floats]
    fused: Fused


def asked_of(
    batch: StackBatch, calibrators: Sequence[SourceCalibrators], fusions: Fusions
) -> Asked:
    """All ways of scoring but popularity, asked of one batch."""
    cf, content = recalibrated(batch, calibrators)
    fusion = replace(fusions.meta_learning, confidence_calibrator=IDENTITY[1])
    fused = fusion.score_all(batch.queries, cf, content, _no_audio(batch))
    others = {
        name: fusions[name].score_all(batch.queries, cf, content, _no_audio(batch)).scores
        for name in OTHER_FUSIONS
    }
    alone = {"hybrid": fused.scores, "cf": cf.scores, "content": content.scores}
    parts = {name: cf.signal(name) for name in CF_PARTS}
    lost = _without(batch, cf, content, fusion) | {META_FUSION: others[CONFIDENCE_WEIGHTED]}
    return Asked(alone | others | parts | lost, fused)


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
