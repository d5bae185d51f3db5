"""What the service tells of itself: JSON, one line per request and per failure of a stage.

No line ever holds a user's id, history or preferences, nor the text of a request.
"""

import json
import logging
import sys

from hybridrec.schema.answers import RecommendResponse, ScoresResponse

LOGGER = logging.getLogger("hybridrec.service")


def write_to_stderr() -> None:
    """Lets the lines go where Ray collects them: into the logs of the replica."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    LOGGER.handlers[:] = [handler]
    LOGGER.setLevel(logging.INFO)
    LOGGER.propagate = False


def answered(answer: RecommendResponse | ScoresResponse, k: int, ms: float) -> None:
    """One request that got its answer.

    Args:
        answer: what it got.
        k: how many items it asked for.
        ms: from the parsed request to the answer.
    """
    _line(
        "answered",
        request_id=answer.request_id,
        k=k,
        n=len(answer.items),
        degraded=answer.degraded,
        ms=round(ms, 3),
        stages={name: report.ms for name, report in answer.stages.items()},
        bundle_version=answer.bundle_version,
    )


def refused(request_id: str, status: int, code: str) -> None:
    """One request that got an error."""
    _line("refused", request_id=request_id, status=status, code=code)


def stage_failed(stage: str, error: Exception) -> None:
    """A stage that raised, with the kind of error; its own log has the rest."""
    _line("stage_failed", stage=stage, error=type(error).__name__)


def _line(event: str, **facts: object) -> None:
    LOGGER.info("%s", json.dumps({"event": event} | facts))
