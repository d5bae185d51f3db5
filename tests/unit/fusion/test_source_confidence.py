"""How confident both sources are, as the learned fusions see it and as a merged score has it."""

from dataclasses import replace

import numpy as np
import pytest

from hybridrec.fusion.learned import learned_inputs
from hybridrec.fusion.merged import Sources
from hybridrec.hybrid import HybridModel
from hybridrec.schema.names import FUSIONS, FusionName
from hybridrec.schema.records import AudioFeatures
from tests.contracts.scoring import queries_of

NO_AUDIO = AudioFeatures.measured(np.zeros((0, 8), np.float32))


def test_learned_shares_rest_on_the_mean_confidence_of_both_sources() -> None:
    both = np.ones((2, 2), np.float32)
    sources = Sources(both, both, np.array([[0.2, 0.6], [0.5, 0.0]], np.float32))

    confidence = learned_inputs(sources)["confidence"]

    assert confidence == pytest.approx(np.array([[0.4], [0.25]]))


@pytest.mark.parametrize("name", FUSIONS)
def test_a_merged_score_has_the_confidence_of_its_sources_shared_out(
    tiny_model: HybridModel, name: FusionName
) -> None:
    (query,) = queries_of(tiny_model, 1)
    n = len(query.candidate_rows)
    cf = replace(tiny_model.cf.score(query), confidence=np.linspace(0.5, 0.9, n, dtype="f4"))
    content = replace(
        tiny_model.content.score(query, NO_AUDIO), confidence=np.full(n, 0.1, np.float32)
    )

    merged = tiny_model.fusions[name].merger.merge(query, cf, content, NO_AUDIO)

    known = ~np.isnan(cf.scores) & ~np.isnan(content.scores)
    of_cf, of_content = merged.shares[known].T
    expected = of_cf * cf.confidence[known] + of_content * content.confidence[known]
    assert merged.confidence[known] == pytest.approx(expected)
