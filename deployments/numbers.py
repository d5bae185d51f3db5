"""Finds true and false where a number belongs: Pydantic takes them for 1 and 0 without a word."""

import builtins
from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Annotated, Union, get_args, get_origin

from deployments.marked_yaml import Place


def booleans(value: object, annotation: object, place: Place) -> Iterator[Place]:
    """Places of a value, in lists and mappings too, that hold true or false but should a number.

    Args:
        value: of an option.
        annotation: of that option.
        place: of the option.
    """
    members = list(_members(annotation))
    if isinstance(value, bool):
        if bool not in members and (int in members or float in members):
            yield place
        return
    for member in members:
        match get_origin(member), get_args(member), value:
            case builtins.dict, (_, inner), Mapping():
                for key, one in value.items():
                    yield from booleans(one, inner, (*place, str(key)))
            case builtins.list, (inner,), list():
                for position, one in enumerate(value):
                    yield from booleans(one, inner, (*place, position))


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
