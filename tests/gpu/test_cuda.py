"""On a GPU the answers are those of a CPU, and the same bits whatever batch they travelled in."""

from collections.abc import Sequence

import numpy as np
import pytest

from hybridrec.hybrid import NO_DEADLINE, HybridModel
from hybridrec.models.onnx import CPU, CUDA, ROWS_TOGETHER
from hybridrec.persistence.manifest import FORMAT_VERSION
from hybridrec.schema.answers import RecommendResponse
from hybridrec.schema.wire import RecommendRequest
from tests.golden.answers import Answers, Question, differences
from tests.golden.bundles import ANSWERS, BUNDLE, folder_of
from tests.golden.questions import questions
from tests.unit.models.network_feeds import NETWORKS, assert_row_invariant, network_and_feed

pytestmark = [pytest.mark.gpu, pytest.mark.needs("gpu")]

FOLDER = folder_of(FORMAT_VERSION)
BEYOND_A_RUN = 1_200
"""More rows than go to a GPU at once."""


@pytest.fixture(scope="module")
def model() -> HybridModel:
    return HybridModel.load(FOLDER / BUNDLE, (CUDA, *CPU))


def answered(model: HybridModel, asked: Sequence[Question]) -> list[RecommendResponse]:
    """What a model makes of some questions that travel in one batch."""
    desk = model._desk()
    requests = [RecommendRequest.model_validate(one.body) for one in asked]
    planned = model.candidates(desk.plan(requests, [one.known for one in asked], NO_DEADLINE))
    return desk.recommendations(planned, model.score(planned), [""] * len(asked))


@pytest.mark.parametrize("name", NETWORKS)
def test_networks_run_on_the_gpu(model: HybridModel, rng: np.random.Generator, name: str) -> None:
    network, _ = network_and_feed(model, name, rng)

    assert network.providers[0] == CUDA


@pytest.mark.parametrize("n_rows", [1, 3, ROWS_TOGETHER, ROWS_TOGETHER + 1])
@pytest.mark.parametrize("name", NETWORKS)
def test_a_row_of_any_network_gets_the_same_bits_in_batches_of_any_size(
    model: HybridModel, rng: np.random.Generator, name: str, n_rows: int
) -> None:
    assert_row_invariant(*network_and_feed(model, name, rng), n_rows)


@pytest.mark.parametrize("name", NETWORKS)
def test_more_rows_than_go_to_the_gpu_at_once_get_the_same_bits(
    model: HybridModel, rng: np.random.Generator, name: str
) -> None:
    network, feed = network_and_feed(model, name, rng)
    n_rows = len(next(iter(feed.values())))

    many = network.run(
        {one: np.resize(array, (BEYOND_A_RUN, *array.shape[1:])) for one, array in feed.items()}
    )

    for answer, once in zip(many, network.run(feed), strict=True):
        np.testing.assert_array_equal(answer, once[np.arange(BEYOND_A_RUN) % n_rows])


def test_answers_are_those_of_a_cpu(model: HybridModel) -> None:
    golden = Answers.model_validate_json((FOLDER / ANSWERS).read_bytes())

    found = [
        difference
        for kept in golden.answers
        for difference in differences(
            kept.question.answered(model).answer, kept.answer, f"“{kept.name}”"
        )
    ]

    assert found == []


def test_a_question_gets_the_same_bits_alone_and_among_others(model: HybridModel) -> None:
    asked = [one for one in questions(model.knowledge) if one.to == "recommendations"]
    assert len(asked) > 16

    together = answered(model, asked)

    for question, among_others in zip(asked, together, strict=True):
        (alone,) = answered(model, [question])
        assert alone.items == among_others.items, question.name
