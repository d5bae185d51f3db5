"""A hybrid music recommender: pure functions and frozen objects over NumPy arrays."""

import os

from hybridrec.errors import (
    ArtifactError,
    HybridRecError,
    InvalidConfig,
    InvalidData,
    InvalidQuery,
    StageUnavailable,
    VersionMissing,
)

__all__ = [
    "ArtifactError",
    "HybridRecError",
    "InvalidConfig",
    "InvalidData",
    "InvalidQuery",
    "StageUnavailable",
    "VersionMissing",
    "__version__",
]

__version__ = "0.1.0"

# ONNX Runtime reports to its maker and leaves files behind, unless told so before it is imported
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
