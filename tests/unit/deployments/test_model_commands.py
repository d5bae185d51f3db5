import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner, Result

from deployments.lists import RANKED
from deployments.model_commands import app
from hybridrec.datasets.synthetic import WorldConfig, make_world
from hybridrec.datasets.table import Dataset
from hybridrec.errors import ArtifactError, InvalidConfig, InvalidData
from hybridrec.hybrid import HybridModel
from hybridrec.persistence.bundle import open_bundle
from hybridrec.persistence.card import NO_AUDIO
from hybridrec.persistence.manifest import FORMAT_VERSION, MANIFEST
from hybridrec.schema.wire import Play, RecommendRequest
from hybridrec.training.config import TrainConfig

QUICK = """
[nmf]
n_factors = 8
n_sweeps = 2
[two_tower]
embedding_size = 8
hidden_size = 8
n_epochs = 1
[audio]
hidden_size = 8
max_epochs = 1
[fusion]
hidden_size = 4
n_epochs = 1
n_reference_items = 16
"""
SEED = 3
ROOT = Path(__file__).parents[3]


def run(*arguments: str | int | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def write_ids(path: Path, column: str, ids: Sequence[str]) -> Path:
    pl.DataFrame({column: ids}, {column: pl.String}).write_parquet(path)
    return path


def lists(table: pl.DataFrame) -> dict[str, list[str]]:
    """Track ids by user, best first."""
    ordered = table.sort("user_id", "rank")
    return {
        str(user_id): part["track_id"].to_list()
        for (user_id,), part in ordered.group_by("user_id", maintain_order=True)
    }


@pytest.fixture
def users(tiny_model: HybridModel, tmp_path: Path) -> Path:
    """Three known users and one whom training never saw."""
    return write_ids(tmp_path / "u.parquet", "user_id", [*tiny_model.knowledge.users.ids[:3], "z"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small world and options that make its training quick."""
    folder = tmp_path_factory.mktemp("trained")
    options = WorldConfig(n_users=50, n_tracks=80)
    make_world(options, np.random.default_rng(1)).save(folder / "data")
    (folder / "quick.toml").write_text(QUICK)
    return folder


@pytest.fixture(scope="module")
def result(folder: Path) -> Result:
    """One training on the terminal, looked at from all sides."""
    return run(
        *("train", "--data", folder / "data", "--out", folder / "bundle"),
        *("--config", folder / "quick.toml", "--seed", SEED),
    )


@pytest.mark.slow
def test_a_training_says_in_one_line_what_it_wrote(result: Result, folder: Path) -> None:
    version = open_bundle(folder / "bundle").version

    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 1
    assert f"bundle {version} written to {folder / 'bundle'}" in result.stdout


@pytest.mark.slow
def test_progress_goes_to_the_other_stream(result: Result) -> None:
    for stage in ("audio predictor", "co-listening", "factors", "towers", "fusion"):
        assert stage in result.stderr
        assert stage not in result.stdout


@pytest.mark.slow
def test_the_options_of_the_file_are_those_of_the_bundle(result: Result, folder: Path) -> None:
    assert result.exit_code == 0
    config = open_bundle(folder / "bundle").manifest.provenance.config

    assert config["seed"] == SEED
    assert (
        config["nmf"]
        == TrainConfig.model_validate({"nmf": {"n_factors": 8, "n_sweeps": 2}}).nmf.model_dump()
    )


def bytes_but_for_the_hour(path: Path) -> dict[str, bytes]:
    """All files of a bundle; of its manifest all but when it was trained."""
    manifest = open_bundle(path).manifest
    timeless = manifest.provenance.model_copy(update={"created": ""})
    sealed = {"provenance": timeless, "provenance_sha256": timeless.checksum()}
    text = manifest.model_copy(update=sealed).model_dump_json()
    return {one.name: one.read_bytes() for one in path.iterdir()} | {MANIFEST: text.encode()}


@pytest.mark.slow
def test_another_process_makes_the_same_bytes_of_the_same_data_options_and_seed(
    result: Result, folder: Path
) -> None:
    assert result.exit_code == 0
    hash_seed = "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"  # another order of sets
    options = ["--data", "data", "--out", "again", "--config", "quick.toml", "--seed", str(SEED)]

    subprocess.run(  # noqa: S603  our own command
        [sys.executable, "-m", "deployments.cli", "train", *options],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": hash_seed},
        check=True,
        timeout=300,
    )

    ours = bytes_but_for_the_hour(folder / "bundle")
    theirs = bytes_but_for_the_hour(folder / "again")
    assert theirs.keys() == ours.keys()
    assert [name for name in ours if theirs[name] != ours[name]] == []


@pytest.mark.parametrize(
    ("text", "named"),
    [
        pytest.param("[nmf]\nn_factor = 8\n", "did you mean n_factors?", id="misspelt key"),
        pytest.param("n_sweeps = 8\n", "did you mean nmf.n_sweeps?", id="no section"),
        pytest.param("[towers]\n", "towers is no option", id="unknown section"),
        pytest.param("[towers]\n[nmf]\nn = 1\n", "; nmf.n is no option", id="two mistakes"),
        pytest.param("[nmf]\nn_factors = 1\n", "nmf.n_factors", id="out of range"),
        pytest.param("[nmf\n", "is no TOML", id="no TOML"),
        pytest.param(None, "No such file", id="no file"),
    ],
)
def test_a_refused_option_is_named_before_anything_is_read(
    tmp_path: Path, text: str | None, named: str
) -> None:
    config = tmp_path / "options.toml"
    if text is not None:
        config.write_text(text)

    result = run(
        *("train", "--data", tmp_path / "nowhere", "--out", tmp_path / "out", "--config", config)
    )

    assert isinstance(result.exception, InvalidConfig)
    assert str(config) in result.exception.detail
    assert named in result.exception.detail
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_no_bundle_is_refused_before_the_training(
    tiny_data: Path, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("mine")

    result = run("train", "--data", tiny_data, "--out", tmp_path)

    assert isinstance(result.exception, InvalidConfig)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_missing_data_is_named(tmp_path: Path) -> None:
    result = run("train", "--data", tmp_path / "nowhere", "--out", tmp_path / "out")

    assert isinstance(result.exception, InvalidData)
    assert "tracks.parquet" in result.exception.detail


def test_plays_that_have_not_happened_yet_are_not_trained_on(
    tiny_data: Path, tmp_path: Path
) -> None:
    dataset, data = Dataset.load(tiny_data), tmp_path / "data"
    late = dataset.interactions.with_columns(pl.col("timestamp").dt.offset_by("100y"))
    replace(dataset, interactions=late).save(data)

    result = run("train", "--data", data, "--out", tmp_path / "out")

    assert isinstance(result.exception, InvalidData)
    assert f"{data / 'interactions.parquet'}: column 'timestamp': " in result.exception.detail
    assert f"in {len(late)} rows (rows 1, 2, 3, 4, 5, …); " in result.exception.detail
    assert not (tmp_path / "out").exists()


def test_a_sound_bundle_is_told_with_its_figures(tiny_bundle: Path) -> None:
    result = run("inspect", tiny_bundle)

    manifest = open_bundle(tiny_bundle).manifest
    assert result.exit_code == 0
    assert f"bundle {manifest.bundle_version}, format {FORMAT_VERSION}, sound" in result.stdout
    for name in (*manifest.provenance.counts, *manifest.provenance.evaluation):
        assert name in result.stdout
    assert f"all figures: {tiny_bundle / 'model_card.html'}" in result.stdout


def test_a_bundle_says_that_it_has_no_audio_predictor(
    tiny_bundle: Path, tiny_model: HybridModel, tmp_path: Path
) -> None:
    replace(tiny_model, audio=None).save(tmp_path / "bare")

    bare, whole = run("inspect", tmp_path / "bare"), run("inspect", tiny_bundle)

    assert f"audio_predictor absent: {NO_AUDIO}" in bare.stdout
    assert f"absent: {NO_AUDIO}" in (tmp_path / "bare" / "model_card.html").read_text()
    assert "absent" not in whole.stdout + (tiny_bundle / "model_card.html").read_text()


def test_a_damaged_bundle_ends_with_1_and_the_name_of_the_file(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text("{}")

    result = run("inspect", tmp_path)

    assert result.exit_code == 1
    assert MANIFEST in result.stderr
    assert "sound" not in result.stdout


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("nowhere", id="no folder"),
        pytest.param(".", id="a folder of other things"),
        pytest.param("notes.txt", id="a file"),
    ],
)
def test_where_there_is_no_bundle_nothing_is_called_damaged(tmp_path: Path, name: str) -> None:
    (tmp_path / "notes.txt").write_text("mine")

    result = run("inspect", tmp_path / name)

    assert isinstance(result.exception, InvalidConfig)
    assert f"there is no bundle at {tmp_path / name}: " in result.exception.detail
    assert "hybridrec train" in result.exception.detail
    assert "damaged" not in result.stderr


def test_a_bundle_that_lost_a_file_is_damaged(tiny_bundle: Path, tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_bytes((tiny_bundle / MANIFEST).read_bytes())

    result = run("inspect", tmp_path)

    assert result.exit_code == 1
    assert "damaged: adaptive.onnx" in result.stderr


def test_lists_are_a_table_of_new_tracks_best_first(
    tiny_bundle: Path, tiny_model: HybridModel, users: Path, tmp_path: Path
) -> None:
    out = tmp_path / "new" / "ranked.parquet"

    result = run("recommend", "--bundle", tiny_bundle, "--users", users, "--out", out, "--k", 7)

    table = pl.read_parquet(out)
    known = tiny_model.knowledge
    assert result.exit_code == 0
    assert table.schema == RANKED
    assert list(out.parent.iterdir()) == [out]
    assert table["user_id"].unique(maintain_order=True).to_list() == [*known.users.ids[:3], "z"]
    for row, user_id in enumerate(known.users.ids[:3]):
        part = table.filter(pl.col("user_id") == user_id)
        played = known.histories.of(row)[0]
        assert part["rank"].to_list() == [1, 2, 3, 4, 5, 6, 7]
        assert part["score"].is_sorted(descending=True)
        assert part["score"].is_between(0, 1, closed="none").all()
        assert part["confidence"].is_between(0, 1).all()
        assert not np.isin(known.catalog.tracks.rows(part["track_id"].to_list()), played).any()


def test_a_user_of_whom_nothing_is_known_has_null_for_a_score(
    tiny_bundle: Path, users: Path, tmp_path: Path
) -> None:
    out = tmp_path / "ranked.parquet"

    run("recommend", "--bundle", tiny_bundle, "--users", users, "--out", out, "--k", 3)

    stranger = pl.read_parquet(out).filter(pl.col("user_id") == "z")
    assert stranger["rank"].to_list() == [1, 2, 3]
    assert stranger["score"].to_list() == [None] * 3
    assert stranger["confidence"].to_list() == [0.0] * 3


def test_plays_of_unknown_users_are_folded_in_and_left_out(
    tiny_bundle: Path, tiny_model: HybridModel, tmp_path: Path
) -> None:
    row = 0
    rows, _ = tiny_model.knowledge.histories.of(row)
    played = [tiny_model.knowledge.catalog.tracks.ids[item] for item in rows[:8]]
    history = tmp_path / "history.parquet"
    pl.DataFrame({"user_id": ["z"] * 8, "track_id": played}).write_parquet(history)
    users, out = write_ids(tmp_path / "u.parquet", "user_id", ["z"]), tmp_path / "ranked.parquet"

    run(
        *("recommend", "--bundle", tiny_bundle, "--users", users, "--out", out),
        *("--k", 5, "--history", history),
    )

    table = pl.read_parquet(out)
    plays = [Play(track_id=name) for name in played]
    answer = tiny_model.get_recommendations(RecommendRequest(history=plays, k=200))
    best = sorted(answer.items, key=lambda item: -(item.score or 0.0))[:5]
    assert table["track_id"].to_list() == [item.track_id for item in best]
    assert table["score"].to_list() == [item.score for item in best]
    assert set(played).isdisjoint(table["track_id"])


def test_only_candidates_are_chosen_and_unknown_ones_counted(
    tiny_bundle: Path, tiny_model: HybridModel, users: Path, tmp_path: Path
) -> None:
    ids = tiny_model.knowledge.catalog.tracks.ids
    candidates = write_ids(tmp_path / "c.parquet", "track_id", ["nowhere", *ids[10:40], "gone"])
    out = tmp_path / "ranked.parquet"

    result = run(
        *("recommend", "--bundle", tiny_bundle, "--users", users, "--out", out),
        *("--candidates", candidates),
    )

    assert result.exit_code == 0
    assert set(pl.read_parquet(out)["track_id"]) <= set(ids[10:40])
    assert "2 of 32 candidates are not in the bundle: nowhere" in " ".join(result.stderr.split())


def test_candidates_that_are_all_unknown_are_refused(
    tiny_bundle: Path, users: Path, tmp_path: Path
) -> None:
    candidates = write_ids(tmp_path / "c.parquet", "track_id", ["nowhere"])
    out = tmp_path / "ranked.parquet"

    result = run(
        *("recommend", "--bundle", tiny_bundle, "--users", users, "--out", out),
        *("--candidates", candidates),
    )

    assert isinstance(result.exception, InvalidData)
    assert "none of its tracks is in the bundle" in result.exception.detail
    assert not out.exists()


def test_the_file_to_write_must_be_parquet(tiny_bundle: Path, users: Path, tmp_path: Path) -> None:
    out = tmp_path / "ranked.csv"

    result = run("recommend", "--bundle", tiny_bundle, "--users", users, "--out", out)

    assert isinstance(result.exception, InvalidConfig)
    assert not out.exists()


def test_a_bundle_that_is_not_there_is_refused(users: Path, tmp_path: Path) -> None:
    result = run(
        *("recommend", "--bundle", tmp_path / "none", "--users", users),
        *("--out", tmp_path / "ranked.parquet"),
    )

    assert isinstance(result.exception, ArtifactError)
    assert MANIFEST in result.exception.detail
