"""Reads ``serve_config.yaml`` and fits it to this machine."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Any, Self

import yaml
from pydantic import BaseModel, ValidationError
from ray.serve.config import AutoscalingConfig
from ray.serve.schema import (
    DeploymentSchema,
    HTTPOptionsSchema,
    RayActorOptionsSchema,
    ServeApplicationSchema,
    ServeDeploySchema,
)

from hybridrec.config import first_problem
from hybridrec.errors import InvalidConfig

CONFIG_NAME = "serve_config.yaml"
PACKAGED = Path(__file__).with_name(CONFIG_NAME)
"""The file of the repository's root, as the wheel carries it; in a checkout a link to it."""


def default_config() -> Path:
    """``serve_config.yaml`` of the current folder, else the one that came with the package."""
    here = Path(CONFIG_NAME)
    return here if here.is_file() else PACKAGED


@dataclass(frozen=True, slots=True)
class ServeConfig:
    """The configuration of one application, in the words of Ray's schema.

    Attributes:
        tree: what the file holds.
    """

    tree: dict[str, Any]

    @classmethod
    def read(cls, path: Path) -> Self:
        """A configuration from a file.

        Raises:
            InvalidConfig: there is no such file, or it is not one of Ray Serve.
        """
        try:
            tree = yaml.safe_load(path.read_text(encoding="utf-8"))
            n_applications = len(ServeDeploySchema.model_validate(tree).applications)
        except OSError as error:
            raise InvalidConfig(str(path), error.strerror) from error
        except yaml.YAMLError as error:
            raise InvalidConfig(str(path), " ".join(str(error).split())) from error
        except ValidationError as error:
            raise InvalidConfig(str(path), first_problem(error)) from error
        if n_applications != 1:
            raise InvalidConfig(str(path), f"one application is served, not {n_applications}")
        _check_keys(path, tree)
        _check_import_path(path, tree["applications"][0]["import_path"])
        return cls(tree)

    def at(self, host: str, port: int) -> Self:
        """The same graph at another address."""
        options = self.tree.get("http_options", {}) | {"host": host, "port": port}
        return replace(self, tree=self.tree | {"http_options": options})

    def with_arguments(self, **arguments: object) -> Self:
        """The same graph with some of its arguments replaced."""
        application = self.tree["applications"][0]
        changed = application | {"args": application.get("args", {}) | arguments}
        return replace(self, tree=self.tree | {"applications": [changed]})

    @property
    def arguments(self) -> dict[str, Any]:
        """What ``build_app`` gets."""
        arguments: dict[str, Any] = self.tree["applications"][0].get("args", {})
        return arguments

    @property
    def schema(self) -> ServeDeploySchema:
        """What Ray deploys."""
        return ServeDeploySchema.model_validate(self.tree)


def _check_keys(path: Path, tree: Mapping[str, Any]) -> None:
    """Refuses options that Ray would pass over without a word."""
    for where, given, schema in _sections(tree):
        for key in given:
            if key not in schema.model_fields:
                near = get_close_matches(key, schema.model_fields, 1)
                cure = f"; did you mean {near[0]}?" if near else ""
                raise InvalidConfig(str(path), f"{where}{key} is no option of Ray Serve{cure}")


def _sections(
    tree: Mapping[str, Any],
) -> Iterator[tuple[str, Mapping[str, Any], type[BaseModel]]]:
    """Each part of a configuration that Ray has a schema for, and where it stands."""
    yield "", tree, ServeDeploySchema
    yield "http_options.", tree.get("http_options", {}), HTTPOptionsSchema
    application = tree["applications"][0]
    yield "applications.0.", application, ServeApplicationSchema
    for place, deployment in enumerate(application.get("deployments", [])):
        where = f"applications.0.deployments.{place}."
        yield where, deployment, DeploymentSchema
        options = deployment.get("ray_actor_options", {})
        yield f"{where}ray_actor_options.", options, RayActorOptionsSchema
        scaling = deployment.get("autoscaling_config")
        if isinstance(scaling, dict):  # Ray also takes "auto"
            yield f"{where}autoscaling_config.", scaling, AutoscalingConfig


def _check_import_path(path: Path, import_path: str) -> None:
    """Refuses a graph that cannot be found, before Ray starts to look for it."""
    module, _, name = import_path.replace(":", ".").rpartition(".")
    try:
        getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise InvalidConfig(str(path), f"import_path {import_path}: {error}") from error
