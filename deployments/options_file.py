"""Reads options from a TOML file."""

import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from hybridrec.config import Config, first_problem
from hybridrec.errors import InvalidConfig

C = TypeVar("C", bound=Config)


def read_options(path: Path, kind: type[C]) -> C:
    """The options that a file tells.

    Raises:
        InvalidConfig: the file cannot be read, or an option of it is refused.
    """
    try:
        return kind.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise InvalidConfig(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InvalidConfig(f"{path}: is not in UTF-8; save it in that encoding") from error
    except tomllib.TOMLDecodeError as error:
        raise InvalidConfig(f"{path}: is no TOML: {error}") from error
    except ValidationError as error:
        raise InvalidConfig(str(path), first_problem(error)) from error
