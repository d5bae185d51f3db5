"""Asks the validators that Ray 2.60 runs when it deploys, which no schema of its files states."""

from collections.abc import Mapping
from copy import deepcopy

from ray._common.utils import RESOURCE_CONSTRAINT_PREFIX
from ray.runtime_env import RuntimeEnv
from ray.serve._private.config import ReplicaConfig
from ray.serve._private.utils import validate_route_prefix
from ray.util.accelerators import accelerators
from ray.util.placement_group import VALID_PLACEMENT_GROUP_STRATEGIES

from deployments.marked_yaml import Place
from deployments.strict import Findings
from deployments.suggestions import nearest, suggestion
from deployments.tree import mapping, number

_RAISED = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
_BY_SCHEMA = frozenset({"working_dir", "py_modules"})
"""What a schema judges better: without a look at the folders of this machine."""
_ACCELERATORS = frozenset(
    name for key, name in vars(accelerators).items() if key[0] != "_" and isinstance(name, str)
)
_TOGETHER = (
    "ray_actor_options",
    "placement_group_bundles",
    "placement_group_strategy",
    "placement_group_bundle_label_selector",
    "max_replicas_per_node",
)
"""Options of a deployment that Ray judges as one."""


def route_problem(value: object) -> str | None:
    """Why Ray cannot route by a prefix, and one that it can."""
    if not isinstance(value, str):
        return None
    try:
        validate_route_prefix(value)
    except ValueError as error:
        plain = value.replace("{", "").replace("}", "").strip("/")
        return f"{str(error).rstrip('.')}{suggestion(f'/{plain}')}"
    return None


def resources_problem(value: object) -> str | None:
    """Why Ray cannot reserve resources for a replica."""
    if not isinstance(value, Mapping):
        return None
    return _refusal({"ray_actor_options": {"resources": value}})


def check_resources(value: object, place: Place, findings: Findings) -> None:
    """Adds resources of which there is no amount, each at its own key."""
    for name, amount in mapping(value).items():
        if number(amount) is None:
            findings.add((*place, str(name)), "must be a finite number")


def gpus_problem(value: object) -> str | None:
    """Why Ray cannot give a replica so many GPUs: parts of one, or whole ones."""
    if isinstance(value, float) and value > 1 and not value.is_integer():
        return f"must be whole above 1, not {value:g}"
    return None


def accelerator_problem(value: object) -> str | None:
    """Why no node may ever have an accelerator of a name: Ray takes any, and waits for it."""
    if not isinstance(value, str) or value in _ACCELERATORS:
        return None
    if not value.strip():
        return "is empty; leave it out, or name an accelerator"
    return (
        f"Ray lists no accelerator {value}; what a node calls otherwise is asked for by resources:"
        f' {{"{RESOURCE_CONSTRAINT_PREFIX}{value}": 0.001}}'
        f"{suggestion(nearest(value, _ACCELERATORS))}"
    )


def replicas_per_node_problem(value: object) -> str | None:
    """Why Ray refuses a limit of replicas per node."""
    return _refusal({"max_replicas_per_node": value}) if isinstance(value, int) else None


def strategy_problem(value: object) -> str | None:
    """Why Ray knows no such strategy of placement."""
    known = sorted(VALID_PLACEMENT_GROUP_STRATEGIES)
    if not isinstance(value, str) or value in known:
        return None
    return f"must be one of {', '.join(known)}, not {value}{suggestion(nearest(value, known))}"


def check_runtime_env(value: object, place: Place, findings: Findings) -> None:
    """Adds what Ray refuses of an environment, each at its own key."""
    for key, one in value.items() if isinstance(value, Mapping) else ():
        where = (*place, str(key))
        if key not in RuntimeEnv.known_fields:
            near = suggestion(nearest(str(key), RuntimeEnv.known_fields))
            findings.add(where, f"is no option here{near}")
        elif key == "env_vars" and isinstance(one, Mapping):
            for name, text in one.items():
                if not isinstance(text, str):
                    findings.add(
                        (*where, str(name)), f'must be text, not {text}: write "{text}", in quotes'
                    )
        elif key not in _BY_SCHEMA and (reason := _env_refusal({key: one})) is not None:
            findings.add(where, reason)


def check_together(deployment: Mapping[object, object], place: Place, findings: Findings) -> None:
    """Adds what Ray refuses of options that each are sound by themselves."""
    given = [name for name in _TOGETHER if deployment.get(name) is not None]
    if any(findings.has((*place, name)) for name in given):
        return
    reason = _refusal({name: deployment[name] for name in given})
    if reason is not None:
        actor, *rest = _TOGETHER
        first = next((name for name in rest if name in given), actor)
        inner = _named_in(reason, mapping(deployment.get(first)))
        findings.add((*place, first, *inner), reason)


def _named_in(said: str, value: Mapping[object, object]) -> Place:
    """The key that a message about a whole mapping names, if it is one alone."""
    named = [str(key) for key in value if f"'{key}'" in said]
    return tuple(named) if len(named) == 1 else ()


def _refusal(options: dict[str, object]) -> str | None:
    try:
        # it writes its defaults into what it is given
        ReplicaConfig.create("replica", **deepcopy(options))  # type: ignore[arg-type]  # it judges
    except _RAISED as error:
        return str(error)
    return None


def _env_refusal(options: dict[str, object]) -> str | None:
    try:
        RuntimeEnv(**options)  # type: ignore[arg-type]  # it judges
    except _RAISED as error:
        return str(error)
    return None
