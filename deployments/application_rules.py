"""Rules between the options of an application: no schema of Ray states them, or not in full."""

from collections.abc import Mapping

from ray.serve._private.constants import DEFAULT_MAX_ONGOING_REQUESTS
from ray.serve.schema import DeploymentSchema, ServeApplicationSchema

from deployments.app import DEPLOYMENTS, build_app
from deployments.builders import PACKAGE, is_application
from deployments.deadline_rules import check_deadline
from deployments.http_rules import check_http, check_reachable
from deployments.imports import imported
from deployments.marked_yaml import Place
from deployments.ray_rules import check_resources, check_runtime_env, check_together
from deployments.serve_schema import HOMES
from deployments.strict import Findings
from deployments.suggestions import nearest, suggestion
from deployments.tree import Options, mapping, mappings, number

CLASSES = {deployment.name: deployment.func_or_class for deployment in DEPLOYMENTS}
"""The replicas of the graph, by the name of their deployment."""


def is_foreign(application: Options) -> bool:
    """Whether an application is another graph than this one, of which nothing is known here.

    One whose import path names no application is this graph if anything else speaks for it.
    """
    target = application.get("import_path")
    if is_application(target):
        return imported(target) is not build_app
    if not isinstance(target, str) or nearest(target.split(".")[0], [PACKAGE]) is not None:
        return False
    named = (one.get("name") for _, one in mappings(application, "deployments", ()))
    return not any(name in CLASSES for name in named)


def without_foreign_arguments(tree: object) -> object:
    """A configuration without the arguments that only another graph can judge."""
    applications = mapping(tree).get("applications")
    if not isinstance(applications, list):
        return tree
    own = [
        {key: value for key, value in one.items() if key != "args"}
        if isinstance(one, Mapping) and is_foreign(one)
        else one
        for one in applications
    ]
    return {**mapping(tree), "applications": own}


def check_applications(tree: object, findings: Findings) -> None:
    """Adds what is wrong with applications as a whole and with their deployments."""
    options = mapping(tree)
    if options.get("applications") == []:
        findings.add(("applications",), "is empty: nothing would be served")
    check_http(options, findings)
    timeout_s = number(mapping(options.get("http_options")).get("request_timeout_s"))
    routes: dict[object, int] = {}
    names: dict[object, int] = {}
    for place, application in mappings(options, "applications", ()):
        _check_alone(
            application.get("route_prefix", "/"), (*place, "route_prefix"), routes, findings
        )
        _check_alone(application.get("name", "default"), (*place, "name"), names, findings)
        check_runtime_env(application.get("runtime_env"), (*place, "runtime_env"), findings)
        is_ours = not is_foreign(application)
        if is_ours:
            check_reachable(options, application, place, findings)
            if "args" not in application and not HOMES.is_meant(
                "args", ServeApplicationSchema, application
            ):
                findings.add((*place, "args"), "is missing; it must name at least the bundle")
            check_deadline(application, timeout_s, place, CLASSES, findings)
        named: dict[object, int] = {}
        for where, deployment in mappings(application, "deployments", place):
            _check_alone(deployment.get("name"), (*where, "name"), named, findings)
            _check_scaling(deployment, where, findings)
            actor = mapping(deployment.get("ray_actor_options"))
            inner = (*where, "ray_actor_options", "runtime_env")
            check_runtime_env(actor.get("runtime_env"), inner, findings)
            resources = (*where, "ray_actor_options", "resources")
            check_resources(actor.get("resources"), resources, findings)
            if is_ours:
                _check_replica(deployment, where, findings)


def check_replicas(tree: object, findings: Findings) -> None:
    """Adds what Ray refuses of this graph's replicas, where all that it looks at is sound."""
    for place, application in mappings(mapping(tree), "applications", ()):
        if is_foreign(application):  # its own code may set what is not said here
            continue
        for where, deployment in mappings(application, "deployments", place):
            check_together(deployment, where, findings)


def _check_alone(value: object, place: Place, seen: dict[object, int], findings: Findings) -> None:
    """Refuses what another application or deployment before this one says too."""
    if not isinstance(value, str) or not value:
        return
    *_, position, key = place
    if value in seen:
        findings.add(place, f"{value} is the {key} of number {seen[value]} already")
    seen.setdefault(value, int(position))


def _check_replica(deployment: Options, place: Place, findings: Findings) -> None:
    """Refuses deployments that the graph does not have, and what their replicas cannot take."""
    name = deployment.get("name")
    if isinstance(name, str) and name.strip() and name not in CLASSES:
        findings.add(
            (*place, "name"), f"the graph has no {name}{suggestion(nearest(name, CLASSES))}"
        )
    elif "user_config" in deployment and not hasattr(CLASSES.get(str(name)), "reconfigure"):
        findings.add((*place, "user_config"), f"{name} takes none: it has no method reconfigure")


def _check_scaling(deployment: Options, place: Place, findings: Findings) -> None:
    scaling = mapping(deployment.get("autoscaling_config"))
    if scaling and isinstance(deployment.get("num_replicas"), int):
        findings.add((*place, "num_replicas"), "cannot stand beside autoscaling_config")
    limits = {
        "min_replicas": ("max_replicas", scaling.get("max_replicas")),
        "target_ongoing_requests": (
            "max_ongoing_requests",
            deployment.get("max_ongoing_requests", _default_ongoing(deployment)),
        ),
    }
    for key, (other, most) in limits.items():
        given, limit = number(scaling.get(key)), number(most)
        if given is not None and limit is not None and 0 < limit < given:
            findings.add(
                (*place, "autoscaling_config", key), f"{given:g} is above {other}, {limit:g}"
            )


def _default_ongoing(deployment: Options) -> int | None:
    """Ray's own, unless an unknown option may be the misspelt one."""
    is_known = all(key in DeploymentSchema.model_fields for key in deployment)
    return DEFAULT_MAX_ONGOING_REQUESTS if is_known else None
