"""Says what is wrong with the body of a request, by the path of a field."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from deployments.homes import Homes, models_in
from deployments.suggestions import suggestion

_MOST_READ, _MOST_HINTS = 1_000, 16
"""Problems that are read, and unknown fields of which one may be the missing one: a body may hold
100,000 of them, and other requests wait."""
_LONGEST = 128
"""Characters of a field's name that are told."""


@dataclass(frozen=True, slots=True)
class _Problem:
    """A problem at a field.

    Attributes:
        kind: as Pydantic calls it.
        path: names of fields and places in lists down to it.
        owner: the model in whose place the field was written, or is missing.
    """

    kind: str
    message: str
    path: tuple[int | str, ...]
    owner: type[BaseModel]

    @classmethod
    def of(cls, details: ErrorDetails, root: type[BaseModel]) -> "_Problem":
        """A problem without the names of types that Pydantic puts among fields and places."""
        owner, inner = root, [root]
        path: list[int | str] = []
        for number, part in enumerate(details["loc"], 1):
            if isinstance(part, int):
                path.append(part)
                continue
            holder = next((one for one in inner if part in one.model_fields), None)
            if holder is not None:
                owner, inner = holder, list(models_in(holder.model_fields[part].annotation))
                path.append(part)
            elif number == len(details["loc"]) and details["type"] == "extra_forbidden":
                owner = inner[0]
                path.append(part)
        return cls(details["type"], details["msg"], tuple(path), owner)

    @property
    def name(self) -> str:
        """The field's own."""
        return str(self.path[-1])

    def meant(self, homes: Homes) -> str | None:
        """Which field an unknown one should have been."""
        parts = ("[]" if isinstance(part, int) else f".{part}" for part in self.path[:-1])
        return homes.meant(self.name, self.owner, f"{''.join(parts)}.".removeprefix("."))

    def said(self, homes: Homes) -> str:
        """Pydantic's own words, but of an unknown field which one is meant."""
        place = ".".join(f"{part:.{_LONGEST}}" or '""' for part in map(str, self.path)) or "body"
        if self.kind != "extra_forbidden":
            return f"{place}: {self.message}"
        return f"{place}: there is no such field{suggestion(self.meant(homes))}"


def deepest_problem(found: Sequence[ErrorDetails], model: type[BaseModel]) -> str:
    """Which of the problems of a body says most: of several types of a field, the deepest.

    Args:
        found: at least one.
        model: that the body should fit.
    """
    homes = Homes(model, "request")
    problems = [_Problem.of(one, model) for one in found[:_MOST_READ]]
    deepest = max(problems, key=lambda one: len(one.path))
    if deepest.kind == "missing":  # a misspelt field is missing too, and unknown besides
        unknown = (
            one
            for one in problems
            if one.kind == "extra_forbidden" and one.path[:-1] == deepest.path[:-1]
        )
        for one in islice(unknown, _MOST_HINTS):
            if one.meant(homes) == deepest.name:
                return one.said(homes)
    return deepest.said(homes)
