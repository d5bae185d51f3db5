"""Reads trees of options that may be of any shape, as files are before they were judged."""

import math
from collections.abc import Iterator, Mapping

from deployments.marked_yaml import Place

Options = Mapping[object, object]


def mappings(options: Options, key: str, place: Place) -> Iterator[tuple[Place, Options]]:
    """The mappings of a list, each with its place."""
    found = options.get(key)
    for position, one in enumerate(found if isinstance(found, list) else []):
        if isinstance(one, Mapping):
            yield (*place, key, position), one


def mapping(value: object) -> Options:
    """A mapping, empty if the value is none."""
    return value if isinstance(value, Mapping) else {}


def number(value: object) -> float | None:
    """A number, None if the value is none; true, false and what is not finite are none."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        found = float(value)
    except OverflowError:  # a whole number may have any number of digits
        return None
    return found if math.isfinite(found) else None
