"""Strict checks of ``serve_config.yaml``: what Ray swallows without a word is named here."""

from dataclasses import dataclass

from ray.serve.config import (
    AutoscalingConfig,
    AutoscalingPolicy,
    DeploymentActorConfig,
    RequestRouterConfig,
)
from ray.serve.schema import (
    DeploymentSchema,
    HTTPOptionsSchema,
    LoggingConfig,
    RayActorOptionsSchema,
    ServeApplicationSchema,
    ServeDeploySchema,
    gRPCOptionsSchema,
)

from deployments.app import AppArgs
from deployments.application_rules import (
    check_applications,
    check_replicas,
    without_foreign_arguments,
)
from deployments.builders import builder_problem
from deployments.homes import Field
from deployments.imports import import_problem, import_problems
from deployments.manifests import HELD, held_in
from deployments.marked_yaml import MarkedYaml
from deployments.ray_rules import (
    accelerator_problem,
    gpus_problem,
    replicas_per_node_problem,
    resources_problem,
    route_problem,
    strategy_problem,
)
from deployments.serve_schema import HOMES
from deployments.strict import Check, Findings, Strict
from deployments.value_rules import (
    autoscaled_problem,
    count_problem,
    folder_problem,
    host_problem,
    log_level_problem,
    name_problem,
    optional_folder_problem,
    port_problem,
    providers_problem,
    queue_problem,
    replicas_problem,
    timeout_problem,
    wait_problem,
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a configuration.

    Attributes:
        line: of the file, from 1.
        place: keys down to it, with dots between; empty for the whole.
        reason: what is wrong, and what was meant if that is likely.
    """

    line: int
    place: str
    reason: str

    @property
    def said(self) -> str:
        """Place and reason."""
        return f"{self.place}: {self.reason}" if self.place else self.reason


def problems_of(marked: MarkedYaml) -> list[Problem]:
    """Everything that is wrong with a configuration, by line.

    Looks for what import paths name and so imports it, but starts nothing.
    """
    held = held_in(marked.tree)
    if held is not None:
        return [Problem(marked.line(held), ".".join(map(str, held)), HELD)]
    findings = Findings()
    for place, (first, _) in marked.twice.items():
        findings.add(place, f"stands twice, first in line {first}; Ray takes the last")
    check_applications(marked.tree, findings)
    Strict(HOMES, _CHECKS).check(without_foreign_arguments(marked.tree), findings)
    check_replicas(marked.tree, findings)
    problems: dict[tuple[int, str], Problem] = {}
    for place, reason in findings.said.items():
        line = marked.line(place)
        # what an anchor repeats elsewhere is one mistake
        problems.setdefault(
            (line, reason), Problem(line, ".".join(str(part) for part in place), reason)
        )
    return sorted(problems.values(), key=lambda problem: problem.line)


def contents(marked: MarkedYaml) -> str:
    """What a sound configuration holds, such as ``1 application, 5 deployments``."""
    schema = ServeDeploySchema.model_validate(marked.tree)
    counts = {
        "application": len(schema.applications),
        "deployment": sum(len(one.deployments) for one in schema.applications),
    }
    return ", ".join(f"{n} {name}{'' if n == 1 else 's'}" for name, n in counts.items())


_CHECKS: dict[Field, Check] = {
    (ServeApplicationSchema, "import_path"): builder_problem,
    (AutoscalingPolicy, "policy_function"): import_problem,
    (RequestRouterConfig, "request_router_class"): import_problem,
    (DeploymentActorConfig, "actor_class"): import_problem,
    (gRPCOptionsSchema, "grpc_servicer_functions"): import_problems,
    (ServeApplicationSchema, "route_prefix"): route_problem,
    (RayActorOptionsSchema, "resources"): resources_problem,
    (RayActorOptionsSchema, "num_gpus"): gpus_problem,
    (DeploymentSchema, "max_replicas_per_node"): replicas_per_node_problem,
    (DeploymentSchema, "placement_group_strategy"): strategy_problem,
    (DeploymentSchema, "max_queued_requests"): queue_problem,
    (DeploymentSchema, "num_replicas"): replicas_problem,
    (DeploymentSchema, "max_ongoing_requests"): count_problem,
    (AutoscalingConfig, "min_replicas"): autoscaled_problem,
    (AutoscalingConfig, "initial_replicas"): autoscaled_problem,
    (AutoscalingConfig, "max_replicas"): autoscaled_problem,
    (LoggingConfig, "log_level"): log_level_problem,
    (RayActorOptionsSchema, "accelerator_type"): accelerator_problem,
    (ServeApplicationSchema, "name"): name_problem,
    (DeploymentSchema, "name"): name_problem,
    (HTTPOptionsSchema, "host"): host_problem,
    (AppArgs, "bundle"): folder_problem,
    (AppArgs, "store"): optional_folder_problem,
    (HTTPOptionsSchema, "port"): port_problem,
    (gRPCOptionsSchema, "port"): port_problem,
    (HTTPOptionsSchema, "request_timeout_s"): timeout_problem,
    (HTTPOptionsSchema, "keep_alive_timeout_s"): wait_problem,
    (gRPCOptionsSchema, "request_timeout_s"): timeout_problem,
    (AppArgs, "providers"): providers_problem,
}
