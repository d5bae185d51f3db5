"""Checks a tree against Pydantic models as if each of them refused unknown keys."""

import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from types import NoneType, UnionType
from typing import Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from deployments.homes import Field, Homes
from deployments.marked_yaml import Place
from deployments.numbers import no_numbers
from deployments.suggestions import meant_in, suggestion

Check = Callable[[object], str | None]
"""Says what is wrong with a value, None if nothing is."""

_RAISED = (
    ArithmeticError,
    AttributeError,
    ImportError,
    LookupError,
    NotImplementedError,
    TypeError,
)
"""What validators of Ray raise besides what Pydantic collects."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What is wrong, one sentence per place."""

    said: dict[Place, str] = field(default_factory=dict)

    def add(self, place: Place, reason: str) -> None:
        """Notes what is wrong with a place; the first to say so is right."""
        self.said.setdefault(place, " ".join(reason.split()))

    def has(self, place: Place) -> bool:
        """Whether anything is wrong at a place or below it."""
        return any(one[: len(place)] == place for one in self.said)


@dataclass(frozen=True, slots=True)
class Strict:
    """Looks for whatever does not fit a model, all of it and not the first alone.

    Attributes:
        homes: what the whole tree should be, and where its options are at home.
        checks: of values that no annotation can judge.
    """

    homes: Homes
    checks: Mapping[Field, Check] = field(default_factory=dict)

    def check(self, tree: object, findings: Findings) -> None:
        """Adds to the findings; what already is among them is not said again."""
        self._walk(tree, self.homes.root, (), findings)

    def _walk(
        self, value: object, model: type[BaseModel], place: Place, findings: Findings
    ) -> None:
        if not isinstance(value, Mapping):
            findings.add(place, f"must be a mapping of options, not {value!r:.40}")
            return
        meant: set[str | None] = set()
        for key, child in value.items():
            name = str(key)
            where = (*place, name)
            if not self.homes.knows((model, name)):
                better = self.homes.meant(name, model)
                meant.add(better)
                findings.add(where, f"is no option here{suggestion(better)}")
                continue
            annotation = self.homes.annotation((model, name))
            for wrong, reason in no_numbers(child, annotation, where):
                findings.add(wrong, reason)
            self._check_value((model, name), child, where, findings)
            for part, inner, deeper in _parts(child, annotation, where):
                self._walk(part, inner, deeper, findings)
        _validate(value, model, place, meant, findings)

    def _check_value(self, one: Field, value: object, place: Place, findings: Findings) -> None:
        check = self.checks.get(one)
        if check is None or findings.has(place):  # what was said of a part of it says more
            return
        if (reason := check(value)) is not None:
            findings.add(place, reason)


def _parts(
    value: object, annotation: object, place: Place
) -> Iterator[tuple[object, type[BaseModel], Place]]:
    """What in a value should fit a model, by the value's annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield value, annotation, place
    elif get_origin(annotation) is list and isinstance(value, list):
        for number, one in enumerate(value):
            yield from _parts(one, get_args(annotation)[0], (*place, number))
    elif get_origin(annotation) in {Union, UnionType} and not _is_plain(value, annotation):
        for part in get_args(annotation):
            yield from _parts(value, part, place)


def _is_plain(value: object, union: object) -> bool:
    """Whether a union takes a value as it is, as nothing or a name."""
    return (value is None and NoneType in get_args(union)) or (
        isinstance(value, str) and str in get_args(union)
    )


def _validate(
    value: Mapping[object, object],
    model: type[BaseModel],
    place: Place,
    meant: set[str | None],
    findings: Findings,
) -> None:
    """Lets a model judge whatever nothing was said of so far."""
    sound = {
        str(key): one
        for key, one in value.items()
        if str(key) in model.model_fields and not findings.has((*place, str(key)))
    }
    is_whole = len(sound) == len(value)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            model.model_validate(deepcopy(sound))  # some validators write into what they are given
        except ValidationError as error:
            for problem in error.errors():
                where = _located(problem["loc"], sound)
                if _follows(problem, where, {str(key) for key in value}, meant):
                    continue
                if where or is_whole:  # else it may follow from what was left out
                    said = problem["msg"].removeprefix("Value error, ").rstrip(".")
                    findings.add(
                        (*place, *where), said + meant_in(problem["input"], problem["msg"])
                    )
        except _RAISED as error:
            if is_whole:
                findings.add(place, str(error))
    for one in warned:
        _add_warning(one, sound, place, findings)


def _follows(
    problem: ErrorDetails, where: Place, written: set[str], meant: set[str | None]
) -> bool:
    """Whether a problem is gone as soon as the unknown keys are mended, or the wrong ones are."""
    if problem["type"] == "missing" and where:
        return where[-1] in written | meant
    return any(name is not None and name in re.findall(r"\w+", problem["msg"]) for name in meant)


def _add_warning(
    warning: warnings.WarningMessage, value: Mapping[str, object], place: Place, findings: Findings
) -> None:
    """Adds what a model warns of, at the first option that it names: what will be refused later."""
    said = str(warning.message).strip().rstrip(".")
    named = [name for name in re.findall(r"`(\w+)`", said) if name in value]
    cure = "; leave it out" if issubclass(warning.category, DeprecationWarning) else ""
    findings.add((*place, *named[:1]), f"{said}{cure}")


def _located(loc: Place, value: object) -> Place:
    """The place of a problem, without the names of members of unions that Pydantic puts in."""
    found: Place = ()
    for part in loc:
        if isinstance(value, Mapping) and (part in value or part == loc[-1]):
            found, value = (*found, part), value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            found, value = (*found, part), value[part]
    return found
