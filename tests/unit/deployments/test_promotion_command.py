"""``hybridrec promote`` on bundles of real models."""

import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner, Result

from deployments.cli import app
from hybridrec.datasets.table import Dataset
from hybridrec.errors import ArtifactError, InvalidConfig, InvalidData
from hybridrec.hybrid import HybridModel
from hybridrec.persistence.bundle import open_bundle
from hybridrec.persistence.manifest import MANIFEST
from hybridrec.schema.names import WEIGHTED_SUM


def run(*arguments: str | float | Path) -> Result:
    runner = CliRunner(env={"COLUMNS": "120"})  # tables whose cells do not break
    return runner.invoke(app, [str(argument) for argument in arguments])


def line(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture(scope="module")
def later(tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Plays of listeners who are new to every bundle, and who listen like those of the training."""
    folder = tmp_path_factory.mktemp("later")
    plays = Dataset.load(tiny_data).interactions
    alike = plays.with_columns(user_id=pl.lit("like ") + pl.col("user_id"))
    alike.write_parquet(folder / "interactions.parquet")
    return folder


@pytest.fixture(scope="module")
def worse(tiny_model: HybridModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle whose weighted sum hears hardly anything of the better scorer."""
    folder = tmp_path_factory.mktemp("worse") / "bundle"
    fusions = tiny_model.fusions
    deaf = replace(fusions.weighted_sum.merger, cf_weight=1e-6)
    weighted = replace(fusions.weighted_sum, merger=deaf)
    replace(tiny_model, fusions=replace(fusions, weighted_sum=weighted)).save(folder)
    return folder


def test_a_bundle_takes_its_own_place(tiny_bundle: Path, later: Path, tmp_path: Path) -> None:
    figures_path = tmp_path / "verdict.json"

    result = run(
        *("promote", tiny_bundle, "--over", tiny_bundle, "--data", later),
        *("--json", figures_path),
    )

    version, figures = open_bundle(tiny_bundle).version, json.loads(figures_path.read_text())
    assert result.exit_code == 0, result.stderr
    assert f"promoted: bundle {version} may take the place of {version}" in line(result.stdout)
    assert figures["is_promoted"] is True
    assert figures["refusals"] == []
    assert figures["all"]["difference"] == {"mean": 0, "low": 0, "high": 0}
    assert figures["all"]["current"] == figures["all"]["candidate"] > 0.05
    assert figures["n_users"] == figures["all"]["n_users"] > 100
    assert figures["listeners"]["new"]["finding"] == "no_difference_shown"
    assert figures["bounds"]["min_users"] == 30
    for words in ("all listeners", "new, with a history", "10 to 99", "artist_gini_at_10"):
        assert words in line(result.stdout)


def test_a_worse_bundle_is_refused_where_it_is_worse(
    tiny_bundle: Path, worse: Path, later: Path, tmp_path: Path
) -> None:
    figures_path = tmp_path / "verdict.json"
    options = ("--data", later, "--json", figures_path, "--fusion", WEIGHTED_SUM)

    result = run("promote", worse, "--over", tiny_bundle, *options)

    figures = json.loads(figures_path.read_text())
    assert result.exit_code == 1
    assert "promoted" not in result.stdout
    assert figures["is_promoted"] is False
    assert {"all", "listeners.new"} <= {one["where"] for one in figures["refusals"]}
    difference = figures["all"]["difference"]
    assert difference["high"] < 0
    said = f"refused: NDCG@10 of all listeners falls from {figures['all']['current']:.4f}"
    assert said in line(result.stderr)
    assert f"[{difference['low']:+.4f}, {difference['high']:+.4f}], over " in line(result.stderr)
    assert "refused: NDCG@10 of listeners: new, with a history falls" in line(result.stderr)


def test_a_better_bundle_is_promoted_where_no_slice_loses_more_than_the_margin(
    tiny_bundle: Path, worse: Path, later: Path
) -> None:
    bounds = ("--max-lift-rise", 9, "--max-gini-rise", 1, "--margin", 0.9, "--must-prove")

    result = run(
        *("promote", tiny_bundle, "--over", worse, "--data", later, "--fusion", WEIGHTED_SUM),
        *bounds,
    )

    assert result.exit_code == 0, result.stderr
    assert "better" in result.stdout


def test_a_proof_that_is_asked_for_and_lacking_is_named(tiny_bundle: Path, later: Path) -> None:
    result = run("promote", tiny_bundle, "--over", tiny_bundle, "--data", later, "--must-prove")

    assert result.exit_code == 1
    assert "refused: NDCG@10 of all listeners is not shown to be above -0.0" in result.stderr


def test_rises_beyond_their_bounds_are_named(tiny_bundle: Path, worse: Path, later: Path) -> None:
    bounds = ("--max-lift-rise", 0, "--max-gini-rise", 0, "--margin", 0.99)
    options = ("--data", later, "--fusion", WEIGHTED_SUM, *bounds)

    both = [
        line(run("promote", one, "--over", other, *options).stderr)
        for one, other in ((worse, tiny_bundle), (tiny_bundle, worse))
    ]

    assert sum("refused: popularity lift rises from" in said for said in both) == 1
    assert sum("refused: artist Gini rises from" in said for said in both) == 1


def test_plays_that_a_bundle_knows_are_left_out_and_counted(
    tiny_bundle: Path, tiny_data: Path, later: Path, tmp_path: Path
) -> None:
    known = Dataset.load(tiny_data).interactions.head(50)
    other = known.head(1).with_columns(track_id=pl.lit("nowhere"))
    plays = pl.concat([pl.read_parquet(later / "interactions.parquet"), known, other])
    plays.write_parquet(tmp_path / "interactions.parquet")

    result = run("promote", tiny_bundle, "--over", tiny_bundle, "--data", tmp_path)

    assert result.exit_code == 0
    assert "pairs of user and track are left out:" in result.stderr
    assert "are known to a bundle as played, 1 are of tracks that neither" in result.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [("--margin", "1.5"), ("--margin", "nan"), ("--min-users", "1"), ("--max-gini-rise", "-1")],
)
def test_a_bound_out_of_range_is_named(tmp_path: Path, name: str, value: str) -> None:
    result = run("promote", tmp_path, "--over", tmp_path, "--data", tmp_path, name, value)

    assert isinstance(result.exception, InvalidConfig)
    assert result.exception.detail.startswith(f"{name}: ")


def test_data_that_is_not_there_is_named(tiny_bundle: Path, tmp_path: Path) -> None:
    result = run("promote", tiny_bundle, "--over", tiny_bundle, "--data", tmp_path)

    assert isinstance(result.exception, InvalidData)
    assert str(tmp_path / "interactions.parquet") in result.exception.detail


def test_plays_that_the_training_saw_say_nothing(tiny_bundle: Path, tiny_data: Path) -> None:
    result = run("promote", tiny_bundle, "--over", tiny_bundle, "--data", tiny_data)

    assert isinstance(result.exception, InvalidData)
    assert "nothing is left to be found" in result.exception.detail
    assert "bring plays that are later than both trainings" in result.exception.detail


def test_too_few_listeners_say_nothing(tiny_bundle: Path, later: Path, tmp_path: Path) -> None:
    few = pl.read_parquet(later / "interactions.parquet").sort("user_id").head(40)
    few.write_parquet(tmp_path / "interactions.parquet")

    result = run("promote", tiny_bundle, "--over", tiny_bundle, "--data", tmp_path)

    assert isinstance(result.exception, InvalidData)
    assert "fewer than 30 say nothing; bring more later plays" in result.exception.detail


def test_of_two_bundles_the_damaged_one_is_named(
    tiny_bundle: Path, later: Path, tmp_path: Path
) -> None:
    (tmp_path / MANIFEST).write_bytes((tiny_bundle / MANIFEST).read_bytes())

    result = run("promote", tmp_path, "--over", tiny_bundle, "--data", later)

    assert isinstance(result.exception, ArtifactError)
    assert str(tmp_path) in result.exception.detail
