from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Tensor, nn
from typing_extensions import override

from hybridrec.features.names import N_NAME_BUCKETS
from hybridrec.features.text import N_BUCKETS
from hybridrec.fusion import meta
from hybridrec.fusion.context import N_ITEM_CONTEXT
from hybridrec.fusion.learned import ADAPTIVE_INPUTS, LEARNED_INPUTS
from hybridrec.fusion.network import OUTPUTS
from hybridrec.fusion.plays_context import PLAYS_CONTEXT
from hybridrec.models import audio, two_tower
from hybridrec.schema import names
from hybridrec.schema.names import Floats
from hybridrec.schema.records import N_AUDIO, N_SESSION
from hybridrec.testing import tiny_items
from hybridrec.training.audio_inputs import Effects, Inputs
from hybridrec.training.audio_intervals import Intervals
from hybridrec.training.audio_network import AudioNetwork, Member
from hybridrec.training.config import TwoTowerConfig
from hybridrec.training.descriptions import DescribedItems, DescribedUsers, Description
from hybridrec.training.export import TOLERANCE, disagreement, export
from hybridrec.training.fusion_inputs import Spread
from hybridrec.training.fusion_networks import AdaptiveNetwork, FusionNetwork, LearnedNetwork
from hybridrec.training.networks import VocabularySizes
from hybridrec.training.towers import ItemTower, UserTower

pytestmark = pytest.mark.slow

Feed = dict[str, npt.NDArray[np.generic]]
N_TERMS, SIZE = 9, 8
SIZES = VocabularySizes(N_TERMS, N_TERMS, N_TERMS, N_TERMS)
N_SAID, N_PLAYS = len(names.SOURCE_FEATURES), len(PLAYS_CONTEXT)
TOWERS = TwoTowerConfig(embedding_size=SIZE, hidden_size=16, text_size=4, artist_size=4)
N_DESCRIBED, SHARE = 6, 0.2


def spread(width: int) -> Floats:
    """Some mean and deviation of each input."""
    return np.stack([np.linspace(-1, 1, width), np.linspace(0.5, 2, width)]).astype(np.float32)


def description() -> Description:
    """What is written of a few tracks, as random vectors."""
    return Description(tiny_items(), SIZES, N_DESCRIBED, np.random.default_rng(9))


def audio_network() -> AudioNetwork:
    """The audio predictor's, of random effects."""
    rng = np.random.default_rng(8)
    n_fields, n_bins = len(names.NAME_WIDTHS), 6
    tables = [rng.random((20, N_AUDIO + 2), np.float32) for _ in range(n_fields)]
    effects = Effects([*tables, rng.random((N_TERMS, N_AUDIO + 2), np.float32)])
    inputs = Inputs()
    sums, numbers = torch.zeros(2, n_fields + 1, N_AUDIO + 2), torch.zeros(2, 2)
    n_inputs = inputs.plain(sums, numbers, numbers).shape[1]
    members = [Member(n_inputs, SIZES, 16, 0.3, n_bins) for _ in range(2)]
    edges = np.tile(np.linspace(0, 1, n_bins + 1, dtype=np.float32), (N_AUDIO, 1))
    scale = np.zeros(N_AUDIO, np.float32), np.ones(N_AUDIO, np.float32)
    return AudioNetwork(effects, inputs, members, scale, Intervals(edges, N_TERMS))


@dataclass(frozen=True)
class Kind:
    """One network, what serving calls it, and random feeds for it."""

    build: Callable[[], nn.Module]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    rows: dict[str, tuple[int, int]]
    """Width and vocabulary of the inputs that are rows; width 0 is no axis at all."""
    floats: dict[str, int]
    """Width of the inputs that are numbers."""

    def feed(self, n: int, rng: np.random.Generator) -> Feed:
        feed: Feed = {}
        for name, (width, n_terms) in self.rows.items():
            feed[name] = rng.integers(0, n_terms, (n, width) if width else n).astype(np.int32)
        for name, width in self.floats.items():
            feed[name] = rng.random((n, width), np.float32)
        return feed


TERMS = {
    "artist_rows": (0, N_TERMS),
    "genre_rows": (names.MAX_GENRES, N_TERMS),
    "mood_rows": (names.MAX_MOODS, N_TERMS),
    "tag_rows": (names.MAX_TAGS, N_TERMS),
}
N_RATINGS = len(names.RATING_FEATURES)
KINDS = {
    "item tower": Kind(
        lambda: DescribedItems(ItemTower(SIZES, TOWERS), description(), SHARE),
        two_tower.ITEM_INPUTS,
        ("embeddings",),
        {"tokens": (names.MAX_TOKENS, N_BUCKETS)} | TERMS,
        {
            "audio": N_AUDIO,
            "audio_confidence": N_AUDIO,
            "ratings": N_RATINGS,
            "ratings_known": N_RATINGS,
        },
    ),
    "user tower": Kind(
        lambda: DescribedUsers(UserTower(20, SIZES, TOWERS), SIZE, SHARE),
        two_tower.USER_INPUTS,
        ("embeddings",),
        {
            "user_rows": (0, 20),
            "genre_rows": (names.MAX_PREFERRED_GENRES, N_TERMS),
            "mood_rows": (names.MAX_PREFERRED_MOODS, N_TERMS),
        },
        {"history_pool": SIZE + N_DESCRIBED, "session": N_SESSION, "session_known": N_SESSION},
    ),
    "audio predictor": Kind(
        audio_network,
        audio.INPUTS,
        audio.OUTPUTS,
        {"names": (names.MAX_NAMES, N_NAME_BUCKETS)} | TERMS,
        {"numbers": 2, "numbers_known": 2},
    ),
    "fusion": Kind(
        lambda: FusionNetwork(8, -1.0, Spread(spread(N_SAID), spread(N_PLAYS))),
        meta.INPUTS,
        OUTPUTS,
        {},
        {
            "logits": 2,
            "known": 2,
            "sources": N_SAID,
            "plays": N_PLAYS,
            "session": N_SESSION,
            "session_known": N_SESSION,
            "items": N_ITEM_CONTEXT,
        },
    ),
    "learned weights": Kind(
        lambda: LearnedNetwork(8, -1.0),
        LEARNED_INPUTS,
        OUTPUTS,
        {},
        {"logits": 2, "known": 2, "confidence": 1},
    ),
    "adaptive": Kind(
        lambda: AdaptiveNetwork(SIZE, 8, -1.0),
        ADAPTIVE_INPUTS,
        OUTPUTS,
        {},
        {"logits": 2, "known": 2, "confidence": 1, "user": SIZE, "user_known": 1},
    ),
}


class Drifting(nn.Module):
    """Answers otherwise at each call, which no export can follow."""

    def __init__(self) -> None:
        super().__init__()
        self._calls = count()

    @override
    def forward(self, values: Tensor) -> Tensor:
        return values + float(next(self._calls))


class OfOneSize(nn.Module):
    """Takes the size of the first batch for that of all."""

    @override
    def forward(self, values: Tensor) -> Tensor:
        return values + torch.zeros(1, 1).expand(len(values), 1)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_torch_and_onnx_agree_on_batches_of_any_size(kind: Kind, rng: np.random.Generator) -> None:
    torch.manual_seed(0)
    network = kind.build()

    exported = export(network, "some.onnx", kind.feed(2, rng), kind.outputs)

    assert sorted(exported.inputs) == sorted(kind.inputs)
    assert not network.training
    for n in (1, 3, 17, 64):
        # what the bundle promises; float32 sums of some 200 terms differ by 1e-6
        assert disagreement(network, exported, kind.feed(n, rng)) < TOLERANCE


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_a_network_tells_nothing_of_the_code_and_the_machine_that_made_it(
    kind: Kind, rng: np.random.Generator
) -> None:
    exported = export(kind.build(), "some.onnx", kind.feed(2, rng), kind.outputs)

    for told in (b".py", b"stack_trace", b"hybridrec", str(Path.cwd()).encode()):
        assert told not in exported.model


def test_a_network_that_onnx_does_not_repeat_is_refused() -> None:
    values = np.ones((2, 3), np.float32)

    with pytest.raises(AssertionError, match=r"drifting\.onnx differs from torch by"):
        export(Drifting(), "drifting.onnx", {"values": values}, ("more",))


def test_a_network_for_batches_of_one_size_is_refused() -> None:
    values = np.ones((2, 3), np.float32)

    with pytest.raises(RuntimeError, match="specialized it to be a constant"):
        export(OfOneSize(), "fixed.onnx", {"values": values}, ("more",))
