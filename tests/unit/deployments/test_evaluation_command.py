"""``hybridrec evaluate``: of a bundle by later plays, and of a training by the protocol."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import pytrec_eval
from typer.testing import CliRunner, Result

from benchmarks.quality.again import ways_named
from benchmarks.quality.entrants import ways_of
from benchmarks.quality.exam import Exam
from benchmarks.quality.figures import SliceResult, slice_results
from deployments import evaluation_command
from deployments.cli import app
from deployments.train import trained
from hybridrec.assessment.by_protocol import ByPopularity, protocols_of
from hybridrec.assessment.lists import LIST_LENGTH, ranked_rows
from hybridrec.datasets.synthetic import WorldConfig, make_world
from hybridrec.datasets.table import Dataset
from hybridrec.errors import InvalidConfig, InvalidData
from hybridrec.evaluation.judgement import Questions
from hybridrec.evaluation.protocol import Protocol, ProtocolConfig, SliceName
from hybridrec.hybrid import HybridModel
from hybridrec.persistence.bundle import open_bundle
from hybridrec.schema.tables import INTERACTIONS
from tests.unit.deployments.test_model_commands import QUICK, SEED, lists, write_ids


def run(*arguments: str | int | Path) -> Result:
    runner = CliRunner(env={"COLUMNS": "80"})
    return runner.invoke(app, [str(argument) for argument in arguments])


def judge(bundle: Path, folder: Path, **tables: str) -> Result:
    """The command with a CSV file for each option that names a table; figures in ``f.json``."""
    options: list[str | Path] = []
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text)
        options += [f"--{name}", folder / f"{name}.csv"]
    return run("evaluate", "--bundle", bundle, "--json", folder / "f.json", *options)


@pytest.fixture
def held_out(tiny_model: HybridModel, tmp_path: Path) -> Path:
    """Made-up next plays: of 30 known users, of one without a history, one of an unknown track."""
    rng = np.random.default_rng(11)
    known = tiny_model.knowledge
    pairs = [("z", known.catalog.tracks.ids[0]), (known.users.ids[0], "nowhere")]
    for row in range(30):
        fresh = np.setdiff1d(np.arange(len(known.catalog)), known.histories.of(row)[0])
        chosen = rng.choice(fresh, 5, replace=False)
        pairs += [(known.users.ids[row], known.catalog.tracks.ids[item]) for item in chosen]
    path = tmp_path / "test.parquet"
    pl.DataFrame(pairs, {"user_id": pl.String, "track_id": pl.String}, orient="row").write_parquet(
        path
    )
    return path


def test_figures_are_those_of_an_independent_judge(
    tiny_bundle: Path, held_out: Path, tmp_path: Path
) -> None:
    figures_path, ranked = tmp_path / "figures.json", tmp_path / "ranked.parquet"
    truth = pl.read_parquet(held_out)
    users = write_ids(tmp_path / "u.parquet", "user_id", truth["user_id"].unique().to_list())

    result = run("evaluate", "--bundle", tiny_bundle, "--test", held_out, "--json", figures_path)
    run("recommend", "--bundle", tiny_bundle, "--users", users, "--out", ranked, "--k", LIST_LENGTH)

    shown = {
        user: {track: float(-place) for place, track in enumerate(tracks)}
        for user, tracks in lists(pl.read_parquet(ranked)).items()
    }
    relevant: dict[str, dict[str, int]] = {}
    for user, track in truth.iter_rows():
        relevant.setdefault(user, {})[track] = 1
    measures = {"ndcg_cut_10": "ndcg_at_10", "recall_20": "recall_at_20", "recip_rank": "mrr"}
    judged = pytrec_eval.RelevanceEvaluator(
        relevant, {"ndcg_cut.10", "recall.20", "recip_rank"}
    ).evaluate(shown)
    figures = json.loads(figures_path.read_text())
    assert result.exit_code == 0
    assert len(judged) == figures["n_users"] == 31
    assert figures["bundle_version"] == open_bundle(tiny_bundle).version
    assert figures["mrr"] > 0
    for theirs, ours in measures.items():
        mean = np.mean([of_user[theirs] for of_user in judged.values()])
        # the same sums of doubles, added up in another order
        assert figures[ours] == pytest.approx(mean, abs=1e-9)
        assert ours in result.stdout


def test_a_skip_is_nothing_that_a_user_went_on_to_play(
    tiny_bundle: Path, tiny_model: HybridModel, tmp_path: Path
) -> None:
    user = tiny_model.knowledge.users.ids[0]
    users, ranked = write_ids(tmp_path / "u.parquet", "user_id", [user]), tmp_path / "r.parquet"
    run("recommend", "--bundle", tiny_bundle, "--users", users, "--out", ranked, "--k", 2)
    test, figures_path = tmp_path / "test.parquet", tmp_path / "figures.json"
    pl.read_parquet(ranked).select(
        "user_id", "track_id", event=pl.Series(["skip", "play"])
    ).write_parquet(test)

    run("evaluate", "--bundle", tiny_bundle, "--test", test, "--json", figures_path)

    figures = json.loads(figures_path.read_text())
    assert figures["recall_at_20"] == 1.0
    assert figures["mrr"] == 0.5  # the play alone, in the second place


def test_a_test_without_a_play_is_refused(tiny_bundle: Path, tmp_path: Path) -> None:
    test, figures_path = tmp_path / "test.csv", tmp_path / "figures.json"
    test.write_text("user_id,track_id,event\nz,nowhere,skip\n")

    result = run("evaluate", "--bundle", tiny_bundle, "--test", test, "--json", figures_path)

    assert isinstance(result.exception, InvalidData)
    assert str(test) in result.exception.detail
    assert not figures_path.exists()


def test_history_and_candidates_count_in_the_judgement(
    tiny_bundle: Path, tiny_model: HybridModel, tmp_path: Path
) -> None:
    ids = tiny_model.knowledge.catalog.tracks.ids
    judge(
        tiny_bundle,
        tmp_path,
        test=f"user_id,track_id\nz,{ids[5]}\n",
        history=f"user_id,track_id,plays\nz,{ids[6]},3\n",
        candidates=f"track_id\n{ids[5]}\n{ids[6]}\n",
    )

    figures = json.loads((tmp_path / "f.json").read_text())
    assert figures["mrr"] == 1.0  # of two candidates one was played: one is left
    assert figures["n_users"] == 1


def test_plays_that_no_list_can_hold_are_told(
    tiny_bundle: Path, tiny_model: HybridModel, tmp_path: Path
) -> None:
    known = tiny_model.knowledge
    user, tracks = known.users.ids[0], known.catalog.tracks.ids
    played, _ = known.histories.of(0)
    fresh = int(np.setdiff1d(np.arange(len(tracks)), played)[0])
    test, figures_path = tmp_path / "test.csv", tmp_path / "f.json"
    rows = [*(tracks[row] for row in played[:2].tolist()), tracks[fresh], "nowhere"]
    test.write_text("user_id,track_id\n" + "".join(f"{user},{row}\n" for row in rows))

    result = run("evaluate", "--bundle", tiny_bundle, "--test", test, "--json", figures_path)

    assert "3 of 4 pairs of user and track count as misses: 2 replay" in result.stderr
    assert "1 are of tracks that the bundle does not hold" in result.stderr
    assert "no candidates" not in result.stderr


def test_replays_of_a_told_history_and_what_is_no_candidate_are_told(
    tiny_bundle: Path, tiny_model: HybridModel, tmp_path: Path
) -> None:
    ids = tiny_model.knowledge.catalog.tracks.ids
    result = judge(
        tiny_bundle,
        tmp_path,
        test=f"user_id,track_id\nz,{ids[5]}\nz,{ids[6]}\nz,{ids[7]}\n",
        history=f"user_id,track_id\nz,{ids[6]}\n",
        candidates=f"track_id\n{ids[5]}\n{ids[6]}\n",
    )

    assert "2 of 3 pairs of user and track count as misses: 1 replay" in result.stderr
    assert "1 are of tracks that are no candidates" in result.stderr


def test_users_of_whom_nothing_is_known_are_told_with_a_cure(
    tiny_bundle: Path, tiny_model: HybridModel, tmp_path: Path
) -> None:
    known, ids = tiny_model.knowledge.users.ids[0], tiny_model.knowledge.catalog.tracks.ids
    test, figures_path = tmp_path / "test.csv", tmp_path / "f.json"
    history = tmp_path / "history.csv"
    history.write_text(f"user_id,track_id\ny,{ids[6]}\n")
    arguments = ("evaluate", "--bundle", tiny_bundle, "--test", test, "--json", figures_path)

    test.write_text(f"user_id,track_id\n{known},nowhere\ny,{ids[5]}\nz,{ids[5]}\n")
    some = run(*arguments, "--history", history)
    test.write_text(f"user_id,track_id\ny,{ids[5]}\nz,{ids[5]}\n")
    all_ = run(*arguments)
    test.write_text(f"user_id,track_id\n{known},{ids[5]}\ny,{ids[5]}\n")
    none = run(*arguments, "--history", history)

    assert "1 of 3 users of the test are not in the bundle, and no play of them is" in some.stderr
    assert ": z. They are shown what is popular" in some.stderr
    assert "names users as" not in some.stderr
    assert "2 of 2 users" in all_.stderr
    assert "look whether the test names users as the training does" in all_.stderr
    assert "not in the bundle" not in none.stderr


def test_figures_are_told_by_kind_of_listener_and_of_track(
    tiny_bundle: Path, held_out: Path, tmp_path: Path
) -> None:
    figures_path = tmp_path / "figures.json"

    result = run("evaluate", "--bundle", tiny_bundle, "--test", held_out, "--json", figures_path)

    figures = json.loads(figures_path.read_text())
    everyone, listeners = figures["all"], figures["listeners"]
    assert everyone["n_users"] == figures["n_users"] == 31
    assert {"known", "unknown", "plays_0"} <= set(listeners)
    assert listeners["known"]["n_users"] == 30
    assert listeners["unknown"]["n_users"] == listeners["plays_0"]["n_users"] == 1
    assert "new" not in listeners
    bands = [part["n_users"] for kind, part in listeners.items() if kind.startswith("plays")]
    assert sum(bands) == 31
    for name in ("ndcg_at_10", "recall_at_20", "mrr", "hit_rate_at_10"):
        figure = everyone["measures"][name]
        assert figure["mean"] == pytest.approx(figures[name], abs=1e-12)
        assert figure["low"] <= figure["mean"] <= figure["high"]
    for name in (*everyone["measures"], "of the training", "fewer than 3 listeners"):
        assert name in result.stdout
    pairs = sum(part["n_pairs"] for kind, part in figures["tracks"].items() if kind != "cold")
    assert pairs == everyone["n_pairs"] - 1  # one track is in no bundle


@dataclass(frozen=True)
class Judged:
    """One run by the protocol: what was said, and the models and tables that it was said of."""

    result: Result
    figures: dict[str, Any]
    models: list[HybridModel]
    protocols: tuple[Protocol, ...]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    folder = tmp_path_factory.mktemp("by_protocol")
    dataset = make_world(WorldConfig(n_users=100, n_tracks=150), np.random.default_rng(1)).dataset
    dataset.save(folder / "data")
    (folder / "quick.toml").write_text(QUICK)
    models: list[HybridModel] = []
    told: list[str] = []

    def kept(*arguments: Any) -> HybridModel:
        models.append(trained(*arguments))
        return models[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluation_command, "trained", kept)
        result = run(
            *("evaluate", "--data", folder / "data", "--config", folder / "quick.toml"),
            *("--seed", SEED, "--json", folder / "f.json"),
        )
    figures = json.loads((folder / "f.json").read_text())
    protocols = protocols_of(dataset, ProtocolConfig(), SEED, told.append)
    assert not told
    return Judged(result, figures, models, protocols)


@pytest.mark.slow
def test_a_training_is_judged_by_the_questions_and_figures_of_the_benchmark(judged: Judged) -> None:
    ways = ways_named(("hybrid", "cf", "content"))
    theirs: dict[SliceName, SliceResult] = {}
    for model, protocol in zip(judged.models, judged.protocols, strict=True):
        entrants = ways_of(model, protocol, lambda _what: None, ways)
        theirs |= slice_results(Exam.of(protocol), entrants, np.random.default_rng(0))

    assert judged.result.exit_code == 0, judged.result.stderr
    assert {model.provenance.config["seed"] for model in judged.models} == {SEED}
    assert judged.figures["seed"] == SEED
    assert list(judged.figures["slices"]) == ["warm", "new_user", "new_track", "temporal"]
    for name, ours in judged.figures["slices"].items():
        assert ours["n_candidates"] == theirs[name].n_candidates
        for way, row in theirs[name].rows.items():
            found, wanted = ours["ways"][way], row.measures
            assert found["n_users"] == theirs[name].n_users
            assert found["n_pairs"] == theirs[name].n_pairs
            means = {of: one and one["mean"] for of, one in found["measures"].items()}
            assert means == pytest.approx({of: one and one.mean for of, one in wanted.items()})


@pytest.mark.slow
def test_the_hybrid_is_held_against_its_scorers_and_popularity(judged: Judged) -> None:
    for name, one in judged.figures["slices"].items():
        ndcg = {way: found["measures"]["ndcg_at_10"]["mean"] for way, found in one["ways"].items()}
        others = ["cf", "content"] if name == "new_track" else ["cf", "content", "popularity"]
        assert list(ndcg) == ["hybrid", *others]
        assert one["ways"]["hybrid"]["ndcg_at_10_behind"] is None
        for way in others:
            behind = one["ways"][way]["ndcg_at_10_behind"]
            assert behind["mean"] == pytest.approx(ndcg["hybrid"] - ndcg[way])
        assert name.replace("_", " ") in judged.result.stdout
    for words in ("hybrid", "collaborative", "content", "popularity"):
        assert words in judged.result.stdout


@pytest.mark.slow
def test_popularity_is_that_of_the_training(judged: Judged) -> None:
    model, protocol = judged.models[0], judged.protocols[0]
    catalog, warm = model.knowledge.catalog, protocol["warm"]
    counts = catalog.interactions

    rows = ranked_rows(model, warm, ByPopularity())

    asked = Questions.of(warm, protocol.train, catalog)
    for user, shown in enumerate(rows):
        known = asked.history_rows[asked.history_offsets[user] : asked.history_offsets[user + 1]]
        left = np.setdiff1d(asked.candidate_rows, known)
        ordered = np.sort(counts[left])[::-1]
        listed = shown[shown >= 0]
        assert set(listed.tolist()) <= set(left.tolist())
        np.testing.assert_array_equal(counts[listed], ordered[: len(listed)])
        assert len(listed) == min(len(left), LIST_LENGTH)


def test_where_no_dates_part_plays_it_is_told_that_nothing_is_asked_of_later_ones(
    tiny_data: Path, tiny_model: HybridModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = Dataset.load(tiny_data)
    undated = dataset.interactions.with_columns(timestamp=pl.lit(None, INTERACTIONS["timestamp"]))
    replace(dataset, interactions=undated).save(tmp_path)
    monkeypatch.setattr(evaluation_command, "trained", lambda *_: tiny_model)
    figures_path = tmp_path / "f.json"

    result = run("evaluate", "--data", tmp_path, "--json", figures_path)

    assert "later plays are not asked for: interactions: timestamp: no moment" in result.stderr
    assert list(json.loads(figures_path.read_text())["slices"]) == ["warm", "new_user", "new_track"]


def test_a_judgement_is_of_a_bundle_or_of_a_training(tiny_bundle: Path, tmp_path: Path) -> None:
    figures_path, nothing = tmp_path / "f.json", tmp_path / "none"
    refusals = {
        "needs --bundle and --test, or --data in their place": ("--bundle", tiny_bundle),
        "--test: does not go with --data": ("--data", nothing, "--test", nothing),
        "--config: goes with --data": (
            *("--bundle", tiny_bundle, "--test", nothing, "--config", nothing),
        ),
        "--seed: goes with --data": ("--bundle", tiny_bundle, "--test", nothing, "--seed", 1),
    }
    for said, arguments in refusals.items():
        result = run("evaluate", *arguments, "--json", figures_path)

        assert isinstance(result.exception, InvalidConfig)
        assert said in result.exception.detail
    assert not figures_path.exists()
