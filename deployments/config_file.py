"""Reads ``serve_config.yaml`` and fits it to this machine."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import yaml
from ray.serve.schema import ServeDeploySchema

from deployments.config_check import problems_of
from deployments.marked_yaml import MarkedYaml
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
    def read(cls, path: Path, **arguments: object) -> Self:
        """A configuration from a file, after every check that needs no Ray.

        Args:
            path: of the file.
            arguments: replace those of the file.

        Raises:
            InvalidConfig: there is no such file, or something is wrong with it; says the first.
        """
        marked = _with_arguments(parse(path), arguments)
        problems = problems_of(marked)
        if problems:
            more = f"; {len(problems) - 1} more: hybridrec check {path}" if problems[1:] else ""
            raise InvalidConfig(f"{path}:{problems[0].line}", f"{problems[0].said}{more}")
        match marked.tree:
            case {"applications": [_] as applications, **rest}:
                options = {str(key): value for key, value in rest.items()}
                return cls(options | {"applications": applications})
        raise InvalidConfig(str(path), "names more than one application; one is served")

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


def parse(path: Path) -> MarkedYaml:
    """A file of YAML, with its lines.

    Raises:
        InvalidConfig: it cannot be read, or is no YAML.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InvalidConfig(str(path), str(error.strerror)) from error
    except UnicodeDecodeError as error:
        raise InvalidConfig(str(path), "is not in UTF-8; save it in that encoding") from error
    try:
        return MarkedYaml.parse(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = ", ".join(part for part in (error.context, error.problem) if part)
        raise InvalidConfig(f"{path}:{mark.line + 1 if mark else 1}", said) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        said = f"holds the character U+{error.character:04X}, which YAML does not allow"
        raise InvalidConfig(f"{path}:{line}", said) from error
    except yaml.YAMLError as error:
        raise InvalidConfig(str(path), str(error)) from error


def _with_arguments(marked: MarkedYaml, arguments: dict[str, object]) -> MarkedYaml:
    """The file with some arguments of its one application replaced."""
    match marked.tree:
        case {"applications": [{**application}], **rest} if arguments:
            given = application.get("args") or {}
            if isinstance(given, dict):
                changed = {**application, "args": given | arguments}
                return replace(marked, tree={**rest, "applications": [changed]})
    return marked
