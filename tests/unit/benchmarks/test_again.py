"""The benchmark of quality again: with other seeds, and with inputs taken away."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from benchmarks import ablation, seeds
from benchmarks.ablation import ABLATIONS, Ablation, asked_of
from benchmarks.baselines.ease import EASE
from benchmarks.quality.again import PerSlice, already_tuned
from benchmarks.quality.entrants import Tell, trained
from benchmarks.quality.exam import Exam
from benchmarks.quality.resources import Resources
from benchmarks.seeds import PARTS, one_part, spread
from hybridrec.datasets.synthetic import WorldConfig, make_world
from hybridrec.datasets.table import Dataset
from hybridrec.errors import InvalidConfig, InvalidData
from hybridrec.evaluation.protocol import Protocol, ProtocolConfig, draw_protocol
from hybridrec.hybrid import HybridModel
from hybridrec.training.config import TrainConfig
from tests.unit.benchmarks.test_quality import PLAN
from tests.unit.evaluation.test_splits import generator

REPORT = {"tuning": {"ease": {"chosen": {"regularization": 5.0}}, "tf_idf": {"chosen": {}}}}


@pytest.fixture(scope="module")
def world() -> Dataset:
    return make_world(WorldConfig(n_users=150, n_tracks=200), generator()).dataset


@pytest.fixture(scope="module")
def protocol(world: Dataset) -> Protocol:
    return draw_protocol(world.tracks, world.interactions, ProtocolConfig(), generator())


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("quality") / "quality.json"
    file.write_text(json.dumps(REPORT))
    return file


def test_options_chosen_before_are_taken_from_the_report(report: Path) -> None:
    (tuned,) = already_tuned(report, ("ease",)).values()

    assert tuned.chosen == EASE(regularization=5)
    with pytest.raises(InvalidData, match="has no chosen options of als, nmf"):
        already_tuned(report, ("nmf", "ease", "als"))


def test_the_spread_is_of_the_means_of_each_seed() -> None:
    hybrid, other = [np.array([0.2, 0.4]), np.array([0.5])], [np.array([0.1, 0.2]), np.array([0.5])]
    seeds_of = [
        {"hybrid": a, "cf": b, "content": b / 2} for a, b in zip(hybrid, other, strict=True)
    ]

    found = spread(seeds_of)

    assert found["hybrid"] == {
        "ndcg_at_10": [0.3, 0.5],
        "mean": 0.4,
        "deviation": pytest.approx(0.1 * np.sqrt(2), abs=1e-4),
    }
    of_cf, of_towers = found["cf"], found["content"]
    assert isinstance(of_cf, dict)
    assert isinstance(of_towers, dict)
    assert of_cf["hybrid"]["times"] == [2.0, 1.0]
    assert of_cf["hybrid"]["more"]["mean"] == pytest.approx((0.1 + 0.2 + 0.0) / 3)
    assert of_cf["content"]["times"] == [0.5, 0.5]
    assert of_cf["content"]["more"]["mean"] == pytest.approx(-(0.05 + 0.1 + 0.25) / 3)
    assert of_towers["hybrid"]["times"] == [4.0, 2.0]
    assert "content" not in of_towers


@pytest.mark.parametrize("name", [name for name in ABLATIONS if name != "nothing"])
def test_what_is_taken_away_is_there_before_and_gone_after(protocol: Protocol, name: str) -> None:
    one, config = ABLATIONS[name], TrainConfig()

    seen = one.blank(protocol)

    changed = [
        column
        for before, after in ((protocol.tracks, seen.tracks), (protocol.train, seen.train))
        for column in before.columns
        if not before[column].equals(after[column])
    ]
    assert bool(changed) != (one.reset(config) != config)
    assert seen.tracks["track_id"].equals(protocol.tracks["track_id"])
    blank = {"artist", "album", "title", "genres", "moods", "tags"} & {name}
    assert all(
        not seen.tracks[column].drop_nulls().explode().drop_nulls().len() for column in blank
    )


def test_another_seed_is_held_against_the_whole_hybrid() -> None:
    assert ABLATIONS["nothing"] == Ablation(seed=1)


@dataclass(slots=True)
class Recorded:
    """A training, that it need not be done again."""

    asked: tuple[Protocol, TrainConfig, int] | None = None
    made: tuple[HybridModel, Resources] | None = None

    def train(
        self, protocol: Protocol, config: TrainConfig, seed: int, tell: Tell
    ) -> tuple[HybridModel, Resources]:
        """The one training; any other is refused."""
        if self.made is None:
            self.asked, self.made = (protocol, config, seed), trained(protocol, config, seed, tell)
        assert self.asked is not None
        assert (protocol.train.equals(self.asked[0].train), config, seed) == (True, *self.asked[1:])
        return self.made


@pytest.fixture(scope="module")
def recorded() -> Recorded:
    return Recorded()


@pytest.fixture(scope="module")
def of_one_seed(protocol: Protocol, report: Path, recorded: Recorded) -> PerSlice:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seeds, "trained", recorded.train)
        return one_part(protocol, PLAN, already_tuned(report, ("ease", "tf_idf")))


@pytest.mark.slow
def test_a_seed_asks_the_hybrid_its_sources_and_the_baselines(of_one_seed: PerSlice) -> None:
    assert set(of_one_seed["warm"]) == {"hybrid", *PARTS, "ease", "tf_idf"}
    assert set(of_one_seed["new_track"]) == set(of_one_seed["warm"]) - {"ease"}


@pytest.mark.slow
def test_with_nothing_taken_away_the_same_is_trained_and_found(
    protocol: Protocol,
    of_one_seed: PerSlice,
    recorded: Recorded,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ablation, "trained", recorded.train)

    whole = asked_of(Exam.of(protocol), Ablation(), PLAN)

    assert whole.keys() == of_one_seed.keys()
    for of, ndcg in whole.items():
        np.testing.assert_array_equal(of_one_seed[of]["hybrid"], ndcg)


@pytest.mark.slow
def test_a_training_without_an_input_is_asked_the_same_questions(
    protocol: Protocol, of_one_seed: PerSlice
) -> None:
    exam = Exam.of(protocol)

    lost = asked_of(exam, ABLATIONS["play counts"], PLAN)

    n_asked = {of: len(one.user_ids) for of, one in exam.asked.items()}
    whole = {of: ndcg["hybrid"] for of, ndcg in of_one_seed.items()}
    assert {of: len(ndcg) for of, ndcg in whole.items()} == n_asked
    assert {of: len(ndcg) for of, ndcg in lost.items()} == n_asked
    assert any((lost[of] != ndcg).any() for of, ndcg in whole.items())


def test_an_unknown_input_is_refused_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfig, match=r"--without.*lyrics.*choose among nothing, artist"):
        ablation.main(tmp_path, without="genres,lyrics")
