"""Finds what was most likely meant by what is misspelt."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

_NEAR = 0.6
_LONGEST = 64
"""Characters of a name that may have been meant as another; likening takes time for each."""


def nearest(name: str, names: Iterable[str], likeness: float = _NEAR) -> str | None:
    """The name that was most likely meant; case, hyphens and underscores count for nothing.

    Args:
        name: as it was written.
        names: that there are.
        likeness: from 0 to 1, which the name must reach.
    """
    if len(name) > _LONGEST:
        return None
    plain = {_plain(one): one for one in names}
    near = get_close_matches(_plain(name), plain, 1, likeness)
    return plain[near[0]] if near else None


def suggestion(meant: str | None) -> str:
    """The end of a sentence that says what was meant, if anything."""
    return "" if meant is None else f"; did you mean {meant}?"


def meant_in(value: object, said: str) -> str:
    """Which of the values that a message names in quotes was meant, if any."""
    if not isinstance(value, str):
        return ""
    named = [one for one in re.findall(r"'([^']+)'", said) if one != value]
    return suggestion(nearest(value, named))


def _plain(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")
