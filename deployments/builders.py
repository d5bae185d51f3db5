"""Tells what Ray takes as an application from whatever else an import path may name."""

import inspect
from types import FunctionType, ModuleType

from ray.serve import Application

from deployments.app import build_app
from deployments.imports import import_problem, imported, names_beside
from deployments.suggestions import nearest, suggestion

PACKAGE = build_app.__module__.partition(".")[0]
OURS = f"{build_app.__module__}:{build_app.__name__}"
"""The import path of this graph."""


def builder_problem(target: object) -> str | None:
    """Why an import path names nothing that Ray can serve; None if it does.

    What is no text is left to others to refuse.
    """
    reason = import_problem(target)
    if reason is not None or not isinstance(target, str) or not target:
        return reason
    found = imported(target)
    if isinstance(found, Application):
        return None
    if not isinstance(found, FunctionType):
        kind = "class" if isinstance(found, type) else type(found).__name__
        what = f"a {kind}, neither a Serve application nor a function"
    elif len(inspect.signature(found).parameters) != 1:
        what = "a function, but not of one parameter, the arguments"
    elif not _may_build(found):
        what = "a function that returns no Serve application"
    else:
        return None
    return f"{target} is {what}{suggestion(_meant(target, found))}"


def is_application(target: object) -> bool:
    """Whether an import path names something that Ray can serve."""
    return imported(target) is not None and builder_problem(target) is None


def _may_build(function: FunctionType) -> bool:
    """Whether a function says that it returns an application, or not what it returns."""
    returned = inspect.signature(function).return_annotation
    return returned is not None and (
        not isinstance(returned, type)
        or issubclass(returned, Application | inspect.Signature.empty)
    )


def _meant(target: str, found: object) -> str | None:
    """The builder in what was named or beside it; else, in this package, the one it has."""
    module, names = names_beside(target)
    if isinstance(found, ModuleType):
        module, names = found.__name__, vars(found)
    builders = [name for name, one in names.items() if _builds(one)]
    name = builders[0] if len(builders) == 1 else nearest(target.rpartition(".")[-1], builders)
    if name is not None:
        return f"{module}:{name}"
    return OURS if module.partition(".")[0] == PACKAGE else None


def _builds(value: object) -> bool:
    """Whether something is an application, or says that it returns one."""
    return isinstance(value, Application) or (
        isinstance(value, FunctionType)
        and inspect.signature(value).return_annotation is Application
    )
