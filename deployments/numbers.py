"""Finds what is no number where one belongs, though Pydantic takes it for one without a word."""

import builtins
import math
from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Annotated, Union, get_args, get_origin

from deployments.marked_yaml import Place


def no_numbers(value: object, annotation: object, place: Place) -> Iterator[tuple[Place, str]]:
    """Places of a value, in lists and mappings too, that hold no number but should, and why.

    That is true and false, which count as 1 and 0, and what is infinite or NaN.

    Args:
        value: of an option.
        annotation: of that option.
        place: of the option.
    """
    members = list(_members(annotation))
    if isinstance(value, bool | float):
        reason = _why(value, members)
        if reason is not None:
            yield place, reason
        return
    for member in members:
        match get_origin(member), get_args(member), value:
            case builtins.dict, (_, inner), Mapping():
                for key, one in value.items():
                    yield from no_numbers(one, inner, (*place, str(key)))
            case builtins.list, (inner,), list():
                for position, one in enumerate(value):
                    yield from no_numbers(one, inner, (*place, position))


def _why(value: bool | float, members: list[object]) -> str | None:  # noqa: FBT001  what is judged
    if int not in members and float not in members:
        return None
    if isinstance(value, bool):
        return None if bool in members else "must be a number, not true or false"
    return None if math.isfinite(value) else f"must be a finite number, not {value}"


def _members(annotation: object) -> Iterator[object]:
    """The types of a union, in unions of it too, without what is annotated to them."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _members(get_args(annotation)[0])
    elif origin in {Union, UnionType}:
        for part in get_args(annotation):
            yield from _members(part)
    else:
        yield annotation
