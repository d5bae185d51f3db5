"""Looks for what import paths name, and for what was meant where there is nothing."""

import pkgutil
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from sys import stdlib_module_names

from deployments.suggestions import nearest, suggestion


def import_problem(target: object) -> str | None:
    """Why ``module:name`` or ``module.name`` cannot be imported; None if it can.

    What is no text is left to others to refuse.
    """
    if not isinstance(target, str) or not target:
        return None
    module, _, name = target.replace(":", ".").rpartition(".")
    try:
        if (reason := _missing_module(module.split("."))) is not None:
            return f"cannot import {target}: {reason}"
        names = vars(import_module(module))
    except (ImportError, ValueError) as error:
        return f"cannot import {target}: {error}"
    if name in names:
        return None
    return f"{module} has no {name}{suggestion(nearest(name, _public(names)))}"


def import_problems(targets: object) -> str | None:
    """The first of a list of import paths that cannot be imported, and why."""
    if not isinstance(targets, list):
        return None
    return next((said for one in targets if (said := import_problem(one)) is not None), None)


def imported(target: object) -> object:
    """What an import path names; None if it names nothing."""
    if not isinstance(target, str) or import_problem(target) is not None:
        return None
    _, names = names_beside(target)
    return names[target.replace(":", ".").rpartition(".")[-1]]


def names_beside(target: str) -> tuple[str, Mapping[str, object]]:
    """The module of an import path that can be imported, and all the names in it."""
    module = target.replace(":", ".").rpartition(".")[0]
    return module, vars(import_module(module))


def _public(names: Iterable[str]) -> list[str]:
    return [name for name in names if not name.startswith("_")]


def _missing_module(parts: Sequence[str]) -> str | None:
    """What is missing on the way to a module."""
    for n, part in enumerate(parts, 1):
        if find_spec(".".join(parts[:n])) is None:
            parent = None if n == 1 else import_module(".".join(parts[: n - 1]))
            siblings = [one.name for one in pkgutil.iter_modules(getattr(parent, "__path__", None))]
            known = [one for one in _public(siblings) if n > 1 or one not in stdlib_module_names]
            return f"there is no module {part}{suggestion(nearest(part, known))}"
    return None
