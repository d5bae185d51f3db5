"""What the meta-learner is shown, and what it makes of anything that sources may say."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from hybridrec.fusion.meta import FusionInputs
from hybridrec.hybrid import HybridModel
from hybridrec.models.calibration import for_listeners
from hybridrec.models.groups import confidence_groups
from hybridrec.schema.names import SESSION_FEATURES, SIGNALS, SOURCE_FEATURES, Floats
from hybridrec.schema.records import AudioFeatures, QueryBatch
from hybridrec.schema.scores import ScoreBatch
from hybridrec.testing import one_query, query_batch
from tests.contracts.scoring import queries_of

NO_AUDIO = AudioFeatures.measured(np.zeros((0, 8), np.float32))
N_CANDIDATES = 6
# so far from 0 and 1 that a float32 score still tells its logit to 1e-4
PROBABILITIES = st.floats(2.0**-10, 1 - 2.0**-10, width=32) | st.just(np.nan)
SCORES = arrays.arrays(np.float32, N_CANDIDATES, elements=PROBABILITIES)
CONFIDENCE = arrays.arrays(np.float32, N_CANDIDATES, elements=st.floats(2.0**-10, 1, width=32))


@pytest.fixture
def query(tiny_model: HybridModel) -> QueryBatch:
    (first,) = queries_of(tiny_model, 1)
    return replace(first, session=tiny_model.knowledge.sessions[[0]])


def answers(model: HybridModel, queries: QueryBatch) -> tuple[ScoreBatch, ScoreBatch]:
    return model.cf.score(queries), model.content.score(queries, NO_AUDIO)


def inputs_of(
    model: HybridModel, queries: QueryBatch, cf: ScoreBatch, content: ScoreBatch
) -> FusionInputs:
    return model.fusions.meta_learning.merger.features.inputs(queries, cf, content, NO_AUDIO)


def test_inputs_are_logits_masks_and_confidences_of_both_sources(
    tiny_model: HybridModel, query: QueryBatch
) -> None:
    cf, content = answers(tiny_model, query)
    cf.scores[3], cf.confidence[3] = np.nan, 0

    inputs = inputs_of(tiny_model, query, cf, content)

    known = ~np.isnan(cf.scores)
    scores = cf.scores[known].astype(np.float64)
    # 1e-4: the logit of a float32 score
    np.testing.assert_allclose(inputs.logits[known, 0], np.log(scores / (1 - scores)), rtol=1e-4)
    assert inputs.logits[3, 0] == inputs.known[3, 0] == 0
    assert inputs.known[:, 0].tolist() == known.tolist()
    np.testing.assert_array_equal(inputs.sources[:, 0], cf.confidence)
    np.testing.assert_array_equal(inputs.sources[:, 1], content.confidence)


def test_the_signals_of_both_sources_stand_in_the_inputs_by_their_names(
    tiny_model: HybridModel, query: QueryBatch
) -> None:
    cf, content = answers(tiny_model, query)

    sources = inputs_of(tiny_model, query, cf, content).sources

    assert sources.shape[1] == len(SOURCE_FEATURES)
    for said_by in (cf, content):
        for column, signal in enumerate(SIGNALS[said_by.scorer]):
            place = SOURCE_FEATURES.index((said_by.scorer, signal))
            np.testing.assert_array_equal(sources[:, place], said_by.signals[:, column])
            assert sources[:, place].any()


def test_the_session_is_the_same_for_every_candidate_of_a_query(
    tiny_model: HybridModel, query: QueryBatch
) -> None:
    (other,) = queries_of(tiny_model, 1)
    both = query_batch([query, other])

    inputs = inputs_of(tiny_model, both, *answers(tiny_model, both))

    n_first = len(query.candidate_rows)
    assert inputs.session.shape == (len(both.candidate_rows), len(SESSION_FEATURES))
    assert inputs.session_known[0].any()
    assert (inputs.session[:n_first] == inputs.session[0]).all()
    assert (inputs.session_known[n_first:] == 0).all()  # no session is masked and not guessed
    assert (inputs.session[n_first:] == 0).all()


def test_a_lost_source_leaves_its_inputs_empty(tiny_model: HybridModel, query: QueryBatch) -> None:
    _, content = answers(tiny_model, query)

    inputs = inputs_of(tiny_model, query, ScoreBatch.absent("cf", query), content)

    assert (inputs.known[:, 0] == 0).all()
    of_cf = np.array([source == "cf" for source, _ in SOURCE_FEATURES])
    assert (inputs.sources[:, of_cf] == 0).all()
    assert (inputs.sources[:, ~of_cf] != 0).any(axis=0).all()


def test_the_calibration_term_is_what_calibration_adds_to_the_raw_logit(
    tiny_model: HybridModel, query: QueryBatch
) -> None:
    fusion = tiny_model.fusions.meta_learning

    fused = fusion.score_all(query, *answers(tiny_model, query), NO_AUDIO)

    terms = fused.terms
    raw = terms.bias + terms.cf + terms.content + terms.context
    # 1e-4: the four terms are summed in another order here, in float32
    groups = confidence_groups(query, fusion.interactions)
    calibrated = for_listeners(fusion.calibrator.logits(raw), groups, fusion.by_listener)
    np.testing.assert_allclose(calibrated - raw, terms.calibration, atol=1e-4)


def test_it_says_where_it_runs(tiny_model: HybridModel) -> None:
    assert tiny_model.fusions.providers == ["CPUExecutionProvider"]


@settings(max_examples=40, deadline=None)
@given(cf=SCORES, content=SCORES, sure=CONFIDENCE, as_sure=CONFIDENCE)
def test_whatever_the_sources_say_terms_add_up_and_shares_are_shares(
    tiny_model: HybridModel, cf: Floats, content: Floats, sure: Floats, as_sure: Floats
) -> None:
    queries = one_query(range(N_CANDIDATES), cold_items=tiny_model.knowledge.no_items)

    fused = tiny_model.fusions.meta_learning.fuse(
        queries, said("cf", cf, sure), said("content", content, as_sure), NO_AUDIO
    )

    known = ~np.isnan(fused.source_scores).all(axis=1)
    scores, weight = fused.scores[known], fused.cf_weight[known]
    terms = fused.terms
    total = terms.bias + terms.cf + terms.content + terms.context + terms.calibration
    assert (np.isnan(fused.scores) == ~known).all()
    assert ((fused.confidence == 0) == ~known).all()
    assert ((weight >= 0) & (weight <= 1)).all()
    assert ((fused.low[known] <= scores) & (scores <= fused.high[known])).all()
    of_terms = 1 / (1 + np.exp(-total[known].astype(np.float64)))
    # 1e-4 of the score is 1e-4 in its logit; five float32 terms of up to 12 keep that
    np.testing.assert_allclose(of_terms, scores, rtol=1e-4)


def said(scorer: str, scores: Floats, confidence: Floats) -> ScoreBatch:
    known = np.where(np.isnan(scores), np.float32(0), confidence)
    return ScoreBatch.plain(scorer, scores, known)
