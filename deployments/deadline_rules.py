"""Rules on the deadline of requests: no limit of Ray's may cut them off before it."""

from collections.abc import Collection

from ray.serve._private.constants import DEFAULT_GRACEFUL_SHUTDOWN_TIMEOUT_S
from ray.serve.schema import DeploymentSchema

from deployments.args import AppArgs
from deployments.marked_yaml import Place
from deployments.strict import Findings
from deployments.tree import Options, mapping, mappings, number

_INGRESS = "Ingress"
_SHUTDOWN = "graceful_shutdown_timeout_s"


def check_deadline(
    application: Options,
    timeout_s: float | None,
    place: Place,
    deployments: Collection[str],
    findings: Findings,
) -> None:
    """Adds a deadline that a net of Ray's does not leave time for.

    Args:
        application: of this graph.
        timeout_s: ``http_options.request_timeout_s`` of the file; None if it states none.
        place: of the application.
        deployments: names of those of the graph.
        findings: what is wrong so far.
    """
    given = mapping(application.get("args")).get(
        "deadline_s", AppArgs.model_fields["deadline_s"].default
    )
    deadline_s = number(given)
    if deadline_s is None:
        return
    where = (*place, "args", "deadline_s")
    if timeout_s is not None and 0 < timeout_s <= deadline_s:
        findings.add(
            where, f"{deadline_s:g} must be below http_options.request_timeout_s, {timeout_s:g}"
        )
        return
    stated = dict(_shutdowns(application, place))
    for inner, waits_s in stated.items():
        if waits_s is not None and waits_s <= deadline_s:
            findings.add(inner, f"{waits_s:g} must be above args.deadline_s, {deadline_s:g}")
    default_s = DEFAULT_GRACEFUL_SHUTDOWN_TIMEOUT_S
    if not stated and deadline_s >= default_s and _is_spelt(application, deployments):
        findings.add(
            where,
            f"{deadline_s:g} must be below {_SHUTDOWN} of {_INGRESS}, {default_s:g} by default;"
            f" set that to more than {deadline_s:g}",
        )


def _shutdowns(application: Options, place: Place) -> list[tuple[Place, float | None]]:
    """What the file says of how long the ingress may work on when it is ended."""
    return [
        ((*where, _SHUTDOWN), number(deployment[_SHUTDOWN]))
        for where, deployment in mappings(application, "deployments", place)
        if deployment.get("name") == _INGRESS and _SHUTDOWN in deployment
    ]


def _is_spelt(application: Options, deployments: Collection[str]) -> bool:
    """Whether nothing may be the misspelt ingress, or its misspelt option."""
    return all(
        one.get("name") in deployments and all(key in DeploymentSchema.model_fields for key in one)
        for _, one in mappings(application, "deployments", ())
    )
