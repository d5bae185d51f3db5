import pytest
from ray.serve._private.common import DeploymentStatus, DeploymentStatusTrigger, ReplicaState
from ray.serve.schema import (
    ApplicationStatus,
    ApplicationStatusOverview,
    DeploymentStatusOverview,
)

from deployments.failures import failure_of, last_line

TRACEBACK = "Failed to start:\n  File x, line 1\nArtifactError: nmf.safetensors is damaged\n\n"


def stage(status: DeploymentStatus, message: str = "") -> DeploymentStatusOverview:
    return DeploymentStatusOverview(
        status, DeploymentStatusTrigger.UNSPECIFIED, {ReplicaState.STARTING: 1}, message
    )


def overview(
    status: ApplicationStatus, message: str = "", **stages: DeploymentStatusOverview
) -> ApplicationStatusOverview:
    return ApplicationStatusOverview(status, message, 0.0, stages)


@pytest.mark.parametrize("status", [ApplicationStatus.DEPLOYING, ApplicationStatus.RUNNING])
def test_a_graph_that_starts_has_not_failed(status: ApplicationStatus) -> None:
    assert failure_of(overview(status, NMFScorer=stage(DeploymentStatus.UPDATING))) is None


def test_the_stage_that_failed_is_named_with_its_reason() -> None:
    status = overview(
        ApplicationStatus.DEPLOY_FAILED,
        "deploying failed",
        Ingress=stage(DeploymentStatus.UPDATING),
        NMFScorer=stage(DeploymentStatus.DEPLOY_FAILED, TRACEBACK),
    )

    failure = failure_of(status)

    assert failure is not None
    assert failure.detail == "NMFScorer: ArtifactError: nmf.safetensors is damaged"


def test_an_application_that_could_not_be_built_tells_its_own_reason() -> None:
    failure = failure_of(overview(ApplicationStatus.DEPLOY_FAILED, TRACEBACK))

    assert failure is not None
    assert failure.detail == "graph: ArtifactError: nmf.safetensors is damaged"


def test_silence_is_said() -> None:
    assert last_line(" \n") == "it did not say why"
