"""Looks for what import paths name, and for what was meant where there is nothing."""

import importlib.util
import pkgutil
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from sys import stdlib_module_names
from traceback import extract_tb

import hybridrec
from deployments.suggestions import nearest, suggestion

_OWN = (__name__.partition(".")[0], hybridrec.__name__)
"""What `pkgutil` does not list where this project is installed in place."""
_IMPORTERS = frozenset({Path(__file__), Path(importlib.__file__), Path(importlib.util.__file__)})


def import_problem(target: object) -> str | None:
    """Why ``module:name`` or ``module.name`` cannot be imported; None if it can.

    What is no text is left to others to refuse.
    """
    return _problem(target) if isinstance(target, str) and target else None


@cache  # of a module that fails, each import would run it again
def _problem(target: str) -> str | None:
    if (reason := _file_problem(target)) is not None:
        return f"cannot import {target}: {reason}"
    module, _, name = target.replace(":", ".").rpartition(".")
    try:
        if (reason := _missing_module(module.split("."))) is not None:
            return f"cannot import {target}: {reason}"
        names = vars(import_module(module))
    except (Exception, SystemExit) as failure:  # noqa: BLE001  what another's code raises
        return f"cannot import {target}: {_told(failure, module)}"
    if name in names:
        return None
    return f"{module} has no {name}{suggestion(nearest(name, _public(names)))}"


def _file_problem(target: str) -> str | None:
    """What an import path should have been that names a file."""
    file, _, name = target.rpartition(":")
    if not file.endswith(".py"):
        return None
    path = Path(file.removesuffix(".py"))
    meant = None if path.is_absolute() or ".." in path.parts else f"{'.'.join(path.parts)}:{name}"
    return f"names a file, not a module{suggestion(meant)}"


def import_problems(targets: object) -> str | None:
    """The first of a list of import paths that cannot be imported, and why."""
    if not isinstance(targets, list):
        return None
    return next((said for one in targets if (said := import_problem(one)) is not None), None)


def imported(target: object) -> object:
    """What an import path names; None if it names nothing."""
    if not isinstance(target, str) or not target or import_problem(target) is not None:
        return None
    _, names = names_beside(target)
    return names[target.replace(":", ".").rpartition(".")[-1]]


def names_beside(target: str) -> tuple[str, Mapping[str, object]]:
    """The module of an import path that can be imported, and all the names in it."""
    module = target.replace(":", ".").rpartition(".")[0]
    return module, vars(import_module(module))


def _told(failure: BaseException, module: str) -> str:
    """What ended an import, the line of a module on which it did, and how to see it end again."""
    said = str(failure)
    if isinstance(failure, SyntaxError):
        said, file, line = failure.msg, failure.filename, failure.lineno
    else:
        frames = [one for one in extract_tb(failure.__traceback__) if _is_anothers(one.filename)]
        if not frames:  # no module was run: the path itself is none
            return said
        file, line = frames[-1].filename, frames[-1].lineno
    kind = type(failure).__name__
    return (
        f"{file}:{line}: {kind}{f': {said}' if said else ''}; mend that module until"
        f" `python -c 'import {module}'` ends well"
    )


def _is_anothers(file: str) -> bool:
    """Whether a file is neither this one nor a part of what imports modules."""
    return not file.startswith("<frozen ") and Path(file) not in _IMPORTERS


def _public(names: Iterable[str]) -> list[str]:
    return [name for name in names if not name.startswith("_")]


def _missing_module(parts: Sequence[str]) -> str | None:
    """What is missing on the way to a module."""
    for n, part in enumerate(parts, 1):
        if find_spec(".".join(parts[:n])) is None:
            parent = None if n == 1 else import_module(".".join(parts[: n - 1]))
            siblings = [one.name for one in pkgutil.iter_modules(getattr(parent, "__path__", None))]
            if n == 1:
                siblings = [one for one in siblings if one not in stdlib_module_names]
                siblings += _OWN
            known = _public(siblings)
            return f"there is no module {part}{suggestion(nearest(part, known))}"
    return None
