"""Who may import what: serving knows no torch, the library knows no Ray."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVING = sorted(f"deployments.{path.stem}" for path in (ROOT / "deployments").glob("[a-z]*.py"))
LIBRARY = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for path in (ROOT / "hybridrec").rglob("*.py")
    if "training" not in path.parts
)


def run_blocked(blocked: set[str], modules: list[str]) -> subprocess.CompletedProcess[str]:
    block = f"import sys\nsys.modules.update(dict.fromkeys({sorted(blocked)}))\n"
    code = block + "".join(f"import {module}\n" for module in modules)
    return subprocess.run(  # noqa: S603  our own interpreter
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_every_deployment_imports_without_torch() -> None:
    done = run_blocked({"torch", "sklearn", "onnx", "onnxscript", "scipy"}, SERVING)

    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_the_library_imports_without_ray_and_the_web() -> None:
    done = run_blocked({"ray", "starlette", "torch", "sklearn", "deployments"}, LIBRARY)

    assert done.returncode == 0, done.stderr


def test_the_block_itself_blocks() -> None:
    done = run_blocked({"json"}, ["json"])

    assert "import of json" in done.stderr


@pytest.mark.slow
def test_importing_everything_leaves_no_file_behind(tmp_path: Path) -> None:
    folders = {"HOME": tmp_path / "home", "TMPDIR": tmp_path / "tmp"}
    for folder in folders.values():
        folder.mkdir()
    environment = {name: str(folder) for name, folder in folders.items()}
    code = "import hybridrec.hybrid, deployments.app"

    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True)  # noqa: S603

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
