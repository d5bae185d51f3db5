"""Why a graph did not start, in one line."""

from ray.serve.schema import ApplicationStatusOverview

from hybridrec.errors import StageUnavailable

_FAILED = ("DEPLOY_FAILED", "UNHEALTHY")  # of applications and of deployments


def failure_of(status: ApplicationStatusOverview) -> StageUnavailable | None:
    """The first stage that failed, with the last line of what it said; None if none did."""
    if status.status.value not in _FAILED:
        return None
    for name, deployment in status.deployments.items():
        if deployment.status.value in _FAILED:
            return StageUnavailable(name, last_line(deployment.message))
    return StageUnavailable("graph", last_line(status.message))


def last_line(message: str) -> str:
    """The line of a traceback that says what happened."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    return lines[-1] if lines else "it did not say why"
