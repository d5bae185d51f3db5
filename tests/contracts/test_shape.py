"""The shape that users of the repository rely on."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOP = {
    ".ci",
    ".gitignore",
    ".pre-commit-config.yaml",
    "CHANGELOG.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "benchmarks",
    "deployments",
    "docs",
    "examples",
    "hybridrec",
    "k8s",
    "pyproject.toml",
    "serve_config.yaml",
    "tests",
}
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT, TOOLS = PYPROJECT["project"], PYPROJECT["tool"]


def tracked() -> list[str]:
    done = subprocess.run(
        ["git", "ls-files"],  # noqa: S607  git of the path
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def test_the_top_level_holds_what_it_should_and_no_more() -> None:
    assert {name.split("/")[0] for name in tracked()} == TOP


@pytest.mark.parametrize(
    "needed",
    ["ray[serve]", "numpy", "pydantic", "starlette"],
)
def test_the_base_installs_what_serving_needs(needed: str) -> None:
    names = [re.split(r"[<>=; ]", line)[0] for line in PROJECT["dependencies"]]

    assert needed in names


def test_the_marker_chooses_the_onnx_runtime() -> None:
    lines = [line for line in PROJECT["dependencies"] if line.startswith("onnxruntime")]

    markers = {line.split(">=")[0]: line.split(";")[1].strip() for line in lines}
    assert markers == {
        "onnxruntime-gpu": "sys_platform == 'linux' and platform_machine == 'x86_64'",
        "onnxruntime": "sys_platform != 'linux' or platform_machine != 'x86_64'",
    }


def test_torch_is_for_training_alone() -> None:
    base = " ".join(PROJECT["dependencies"])

    assert "torch" not in base
    assert "scikit-learn" not in base
    assert any(line.startswith("torch") for line in PROJECT["optional-dependencies"]["train"])


def test_no_data_and_no_model_is_tracked_but_the_golden_ones() -> None:
    endings = (".parquet", ".csv", ".dat", ".npz", ".onnx", ".pkl", ".pth", ".safetensors")

    found = [name for name in tracked() if name.endswith(endings)]
    assert [name for name in found if not name.startswith("tests/golden/v")] == []


def test_nothing_of_the_tests_is_in_the_package() -> None:
    assert TOOLS["setuptools"]["packages"]["find"]["include"] == ["hybridrec*", "deployments*"]


def test_no_module_is_longer_than_two_hundred_lines() -> None:
    modules = [name for name in tracked() if re.match(r"(hybridrec|deployments)/.*\.py$", name)]

    lengths = {name: len((ROOT / name).read_text().splitlines()) for name in modules}

    assert lengths
    assert {name: n for name, n in lengths.items() if n > 200} == {}
