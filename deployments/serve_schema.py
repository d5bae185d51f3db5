"""Where the options of ``serve_config.yaml`` are at home, by Ray's schema and this graph's."""

from ray.serve.config import AutoscalingConfig, AutoscalingPolicy
from ray.serve.schema import DeploymentSchema, ServeApplicationSchema, ServeDeploySchema

from deployments.args import AppArgs
from deployments.homes import Homes

HOMES = Homes(
    ServeDeploySchema,
    "file",
    models={
        (ServeApplicationSchema, "args"): AppArgs,
        (ServeApplicationSchema, "autoscaling_policy"): AutoscalingPolicy,
    },
    # names of earlier versions of Ray
    renamed={
        (DeploymentSchema, "max_concurrent_queries"): "max_ongoing_requests",
        (AutoscalingConfig, "target_num_ongoing_requests_per_replica"): "target_ongoing_requests",
        (AutoscalingPolicy, "name"): "policy_function",
        (ServeApplicationSchema, "host"): "http_options.host of the whole file",
        (ServeApplicationSchema, "port"): "http_options.port of the whole file",
    },
)
