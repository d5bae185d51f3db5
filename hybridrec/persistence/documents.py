"""JSON files of a bundle to their models."""

import json
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from hybridrec.config import first_problem
from hybridrec.errors import ArtifactError

Document = TypeVar("Document", bound=BaseModel)


def parse_document(cls: type[Document], text: bytes, file: str) -> Document:
    """What a file says.

    Raises:
        ArtifactError: it is no JSON, does not fit the model, or says one thing twice.
    """
    try:
        document = cls.model_validate_json(text, strict=True)
    except ValidationError as error:
        raise ArtifactError(file, f"is damaged: {first_problem(error)}") from error
    try:
        json.loads(text, object_pairs_hook=_unique)
    except _TwiceError as error:
        raise ArtifactError(file, f"is damaged: its key {error} stands twice") from error
    return document


class _TwiceError(ValueError):
    """A key of an object stands twice: readers differ in which one they take."""


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise _TwiceError(next(repr(name) for name in names if names.count(name) > 1))
    return found
