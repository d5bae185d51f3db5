import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from hybridrec.fusion.confidence import ConfidenceWeighted
from hybridrec.schema.names import Floats
from hybridrec.schema.records import AudioFeatures, QueryBatch
from hybridrec.schema.scores import FusedBatch, ScoreBatch
from hybridrec.testing import one_query, uncalibrated

NO_AUDIO = AudioFeatures.measured(np.zeros((0, 8), np.float32))
QUERY = one_query(range(6))


def said(scorer: str, scores: Floats, confidence: float) -> ScoreBatch:
    known = np.where(np.isnan(scores), 0, confidence).astype(np.float32)
    return ScoreBatch.plain(scorer, scores, known)


def fuse(queries: QueryBatch, cf: ScoreBatch, content: ScoreBatch) -> FusedBatch:
    return uncalibrated(ConfidenceWeighted(prior=0.5)).fuse(queries, cf, content, NO_AUDIO)


def logit_of(fused: FusedBatch) -> Floats:
    terms = fused.terms
    total: Floats = terms.bias + terms.cf + terms.content + terms.context + terms.calibration
    return total


def test_terms_are_unknown_where_the_score_is() -> None:
    fused = fuse(QUERY, ScoreBatch.absent("cf", QUERY), ScoreBatch.absent("content", QUERY))

    assert np.isnan(fused.scores).all()
    assert np.isnan(logit_of(fused)).all()


# so far from 0 and 1 that a float32 score still tells its logit to 1e-4
PROBABILITIES = st.floats(2.0**-10, 1 - 2.0**-10, width=32) | st.just(np.nan)
SCORES = arrays.arrays(np.float32, 6, elements=PROBABILITIES)
CONFIDENCE = st.floats(0.001, 1)


@given(cf=SCORES, content=SCORES, sure=CONFIDENCE, as_sure=CONFIDENCE)
def test_a_fused_score_lies_between_what_the_sources_say_and_its_terms_are_its_logit(
    cf: Floats, content: Floats, sure: float, as_sure: float
) -> None:
    fused = fuse(QUERY, said("cf", cf, sure), said("content", content, as_sure))

    both, known = fused.source_scores, ~np.isnan(fused.scores)
    assert (known == ~np.isnan(both).all(axis=1)).all()
    scores = fused.scores[known].astype(np.float64)
    # 1e-5: logits of float32 scores, mixed and turned back
    assert (scores >= np.nanmin(both[known], axis=1) - 1e-5).all()
    assert (scores <= np.nanmax(both[known], axis=1) + 1e-5).all()
    np.testing.assert_allclose(logit_of(fused)[known], np.log(scores / (1 - scores)), atol=1e-4)


def test_what_a_source_contributes_is_told_from_the_prior() -> None:
    cf = said("cf", np.full(6, 0.3, np.float32), 0.5)
    content = said("content", np.full(6, 0.05, np.float32), 0.5)

    fused = uncalibrated(ConfidenceWeighted(prior=0.1)).fuse(QUERY, cf, content, NO_AUDIO)

    prior = np.log(0.1 / 0.9)
    assert fused.terms.bias == pytest.approx(np.full(6, prior))
    assert fused.terms.cf == pytest.approx(np.full(6, 0.5 * (np.log(0.3 / 0.7) - prior)))
    assert fused.terms.content == pytest.approx(np.full(6, 0.5 * (np.log(0.05 / 0.95) - prior)))
