"""What an operator may set of the graph: the ``args`` of ``serve_config.yaml``."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from hybridrec.config import Config
from hybridrec.explanations.config import ExplanationConfig
from hybridrec.ranking.rules import RankingConfig
from hybridrec.schema.names import META_LEARNING, FusionName


class AppArgs(Config):
    """Arguments of ``build_app``."""

    bundle: Path
    """Folder of the bundle to serve; every replica must be able to read it."""

    store: Path | None = None
    """Folder of the profile store; None to know only what bundle and request say."""

    deadline_s: Annotated[float, Field(gt=0, le=60)] = 2.0
    """Seconds that a request may take; what is not there by then is declared absent."""

    providers: Annotated[tuple[str, ...], Field(min_length=1)] = ("CPUExecutionProvider",)
    """Where networks run, in ONNX Runtime's names, best first; those not there are passed over."""

    fusion: FusionName = META_LEARNING
    """How both sources are merged where a request does not say how."""

    ranking: RankingConfig = RankingConfig()
    """Rules of what is shown."""

    explanations: ExplanationConfig = ExplanationConfig()
    """How what is shown is explained."""
