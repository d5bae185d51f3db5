"""Rules on single values, each a function that says what is wrong with one, None if nothing is.

What is of another type than the rule is about is left to others to refuse, where their words are
clear.
"""

import json
import re
from ipaddress import ip_address
from logging import getLevelNamesMapping

from onnxruntime import get_all_providers

from deployments.suggestions import nearest, suggestion

_MAX_PORT = 65_535
_MAX_COUNT, _MAX_REPLICAS = 2**31 - 1, 2**32 - 1
"""Ray sends counts as int32, and the replicas of its autoscaling as uint32."""
_TEXTS_OF_NOTHING = ("None", "none", "nil")
"""What other languages call nothing; to YAML they are text."""
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_VARIABLE = re.compile(r"\$([A-Za-z_]\w*|\{\w+\}|\(\w+\))")
_HOST_NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?")
_LEVELS = {name: name for name in getLevelNamesMapping()} | {"VERBOSE": "DEBUG", "TRACE": "DEBUG"}
"""What is meant by names of levels, Python's own and those of other tools."""


def port_problem(value: object) -> str | None:
    """Why nothing can listen at a port."""
    if isinstance(value, int) and not 0 < value <= _MAX_PORT:
        return f"must be from 1 to {_MAX_PORT}, not {value}"
    return None


def timeout_problem(value: object) -> str | None:
    """Why a time is none to wait for."""
    if isinstance(value, int | float) and not value > 0:
        return f"must be above 0, or null for no limit, not {value}"
    return None


def wait_problem(value: object) -> str | None:
    """Why a time is none after which to end something."""
    if isinstance(value, int | float) and value < 0:
        return f"must be at least 0, not {value}"
    return None


def folder_problem(value: object) -> str | None:
    """Why a value is not the path of a folder."""
    if not isinstance(value, str):
        return f"must be the path of a folder, not {_written(value)}"
    if value in _TEXTS_OF_NOTHING:
        return f"{value} is the name of a folder in YAML; if it is meant, write ./{value}"
    if not value.strip():
        return "is empty; name a folder"
    return None if value.startswith("./") else _unread(value)


def _unread(path: str) -> str | None:
    """What in a path is taken to the letter, though elsewhere it stands for something."""
    if _URL.match(path):
        return f"{path} is a URL, and none is read; name a folder that every node can read"
    if path.startswith("~"):
        return f"{path} is taken to the letter, ~ stands for nothing; write the whole path"
    if found := _VARIABLE.search(path):
        name = found[0]
        return f"{path} is taken to the letter, {name} stands for nothing; write the whole path"
    return None


def optional_folder_problem(value: object) -> str | None:
    """The same where there may be none."""
    if value in _TEXTS_OF_NOTHING:
        return f"{value} is the name of a folder in YAML; write null for none"
    return None if value is None else folder_problem(value)


def name_problem(value: object) -> str | None:
    """Why a name names nothing."""
    return "is empty; give it a name" if isinstance(value, str) and not value.strip() else None


def host_problem(value: object) -> str | None:
    """Why nothing can listen at an address."""
    if not isinstance(value, str) or _HOST_NAME.fullmatch(value):
        return None
    try:
        ip_address(value)
    except ValueError:
        return f"must be an address such as 127.0.0.1, or the name of a host, not {value!r}"
    return None


def queue_problem(value: object) -> str | None:
    """Why a limit of waiting requests is none."""
    if isinstance(value, int) and value < 1 and value != -1:
        return f"must be -1 (no limit) or a positive integer, not {value}"
    return count_problem(value)


def count_problem(value: object) -> str | None:
    """Why Ray cannot hold a count."""
    return _excess(value, _MAX_COUNT)


def autoscaled_problem(value: object) -> str | None:
    """Why Ray cannot hold a number of replicas to scale to."""
    return _excess(value, _MAX_REPLICAS)


def log_level_problem(value: object) -> str | None:
    """Why Python knows no such level of its logs, and which is meant."""
    if not isinstance(value, str) or value in getLevelNamesMapping():
        return None
    near = nearest(value, _LEVELS)
    return f"there is no level {value}{suggestion(None if near is None else _LEVELS[near])}"


def replicas_problem(value: object) -> str | None:
    """Why a text is no number of replicas."""
    if not isinstance(value, str) or value == "auto":
        return count_problem(value)
    return f"must be a number or auto, not {value}{suggestion(nearest(value, ['auto']))}"


def providers_problem(value: object) -> str | None:
    """Why something is no list of providers, or the first that ONNX Runtime does not know."""
    if not isinstance(value, list):
        written = value if isinstance(value, str) else "CPUExecutionProvider"
        return f"must be a list, such as [{written}]"
    known = get_all_providers()
    for one in value:
        if isinstance(one, str) and one not in known:
            return f"ONNX Runtime knows no {one}{suggestion(nearest(one, known))}"
    return None


def _written(value: object) -> str:
    """A value as YAML has it, cut short."""
    return f"{json.dumps(value, default=str):.40}"


def _excess(value: object, most: int) -> str | None:
    if isinstance(value, int) and value > most:
        return f"must be at most {most}, not {value}"
    return None
