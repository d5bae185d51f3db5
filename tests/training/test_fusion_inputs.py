from dataclasses import fields
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
import torch

from hybridrec.fusion.meta import FusionInputs
from hybridrec.fusion.plays_context import OF_TRACK, PLAYS_CONTEXT
from hybridrec.schema.names import SOURCE_FEATURES, Floats
from hybridrec.training.examples import Examples
from hybridrec.training.fusion_inputs import FARTHEST, SOURCE_OF_FEATURE, Scaled, Spread

N = 400
OF_CF = np.array(SOURCE_OF_FEATURE) == 0


@pytest.fixture
def inputs(rng: np.random.Generator) -> FusionInputs:
    """Half of the tracks are unknown to cf and were played by nobody."""
    known = np.ones((N, 2), np.float32)
    known[: N // 2, 0] = 0
    sources = rng.normal(3, 5, (N, len(SOURCE_FEATURES))).astype(np.float32)
    plays = rng.normal(2, 4, (N, len(PLAYS_CONTEXT))).astype(np.float32)
    plays[:, 0] = known[:, 0]
    nothing = {one.name: np.zeros((N, 1), np.float32) for one in fields(FusionInputs)}
    return FusionInputs(**nothing | {"known": known, "sources": sources, "plays": plays})


@pytest.fixture
def spread(inputs: FusionInputs) -> Spread:
    return Spread.of(cast("Examples", SimpleNamespace(inputs=inputs, trains=np.arange(N))))


def scaled(spread: Spread, *arrays: Floats) -> tuple[Floats, Floats]:
    said, told = Scaled(spread)(*(torch.from_numpy(array) for array in arrays))
    return said.numpy(), told.numpy()


def test_known_values_are_standardised_and_unknown_ones_are_0(
    inputs: FusionInputs, spread: Spread
) -> None:
    said, told = scaled(spread, inputs.known, inputs.sources, inputs.plays)

    of_known = inputs.known[:, 0] > 0
    for column in said[:, ~OF_CF].T, said[of_known][:, OF_CF].T, told[:, OF_TRACK:].T:
        assert column.mean(axis=1) == pytest.approx(0, abs=1e-5)
        assert column.std(axis=1) == pytest.approx(1, abs=1e-5)
    assert told[of_known, 1:OF_TRACK].std(axis=0) == pytest.approx(1, abs=1e-5)
    assert not said[~of_known][:, OF_CF].any()
    assert not told[~of_known, :OF_TRACK].any()
    assert told[:, 0].tolist() == of_known.tolist()


def test_values_far_from_all_that_was_seen_are_kept_near(
    inputs: FusionInputs, spread: Spread
) -> None:
    said, told = scaled(spread, inputs.known, inputs.sources * 1e6, inputs.plays * 1e6)

    assert np.abs(said).max() == FARTHEST
    assert np.abs(told[:, OF_TRACK:]).max() == FARTHEST


def test_a_value_that_is_always_the_same_is_left_as_it_is(inputs: FusionInputs) -> None:
    inputs.sources[:, 0] = 0.25

    spread = Spread.of(cast("Examples", SimpleNamespace(inputs=inputs, trains=np.arange(N))))

    assert spread.sources[:, 0].tolist() == [0, 1]
