import subprocess
import sys

import hybridrec


def test_the_public_names_are_exactly_these() -> None:
    assert hybridrec.__all__ == [
        "ArtifactError",
        "HybridRecError",
        "InvalidConfig",
        "InvalidData",
        "InvalidQuery",
        "StageUnavailable",
        "VersionMissing",
        "__version__",
    ]
    assert all(hasattr(hybridrec, name) for name in hybridrec.__all__)


def test_the_import_is_light() -> None:
    code = "import sys, hybridrec; print(*sys.modules)"

    done = subprocess.run(  # noqa: S603  our own interpreter
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    heavy = {"ray", "torch", "polars", "numpy", "pydantic", "onnxruntime", "starlette"}
    assert heavy.isdisjoint(done.stdout.split())
