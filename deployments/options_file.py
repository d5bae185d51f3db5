"""Reads options from a TOML file."""

import tomllib
from pathlib import Path
from typing import TypeVar

from deployments.homes import Homes
from deployments.strict import Findings, Strict
from hybridrec.config import Config
from hybridrec.errors import InvalidConfig

C = TypeVar("C", bound=Config)


def read_options(path: Path, kind: type[C]) -> C:
    """The options that a file tells.

    Raises:
        InvalidConfig: the file cannot be read, or an option of it is refused.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidConfig(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InvalidConfig(f"{path}: is not in UTF-8; save it in that encoding") from error
    except tomllib.TOMLDecodeError as error:
        raise InvalidConfig(f"{path}: is no TOML: {error}") from error
    findings = Findings()
    Strict(Homes(kind, "file")).check(told, findings)
    if findings.said:
        told_of = (f"{'.'.join(map(str, place))} {why}" for place, why in findings.said.items())
        raise InvalidConfig(str(path), "; ".join(told_of))
    return kind.model_validate(told)
