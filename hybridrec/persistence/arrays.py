"""Frozen records of arrays to safetensors and back."""

from dataclasses import fields
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load, save

from hybridrec.errors import ArtifactError
from hybridrec.persistence.bundle import Bundle

Tensors = dict[str, npt.NDArray[Any]]
Record = TypeVar("Record")


def tensor_bytes(tensors: Tensors) -> bytes:
    """The arrays as a safetensors file: the same arrays, the same bytes."""
    data: bytes = save({name: np.ascontiguousarray(array) for name, array in tensors.items()})
    return data


def read_tensors(bundle: Bundle, file: str, *, may_be_nan: tuple[str, ...] = ()) -> Tensors:
    """The arrays of one file.

    Args:
        bundle: where the file is.
        file: its name.
        may_be_nan: prefixes of arrays in which NaN means unknown; elsewhere it is damage.

    Raises:
        ArtifactError: it is no safetensors file, or an array holds NaN or infinity.
    """
    try:
        tensors: Tensors = load(bundle.read(file))
    except SafetensorError as error:
        raise ArtifactError(file, f"is no safetensors file: {error}") from error
    for name, array in tensors.items():
        if name.startswith(may_be_nan) if may_be_nan else False:
            continue
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise ArtifactError(file, f"its array {name!r} holds NaN or infinity")
    return tensors


def prefixed(prefix: str, record: object) -> Tensors:
    """The arrays of a record, named ``prefix.field``."""
    names = getattr(record, "__slots__")  # noqa: B009  # a dataclass says it, its type does not
    return {f"{prefix}.{name}": getattr(record, name) for name in names}


def record_of(cls: type[Record], prefix: str, tensors: Tensors, file: str) -> Record:
    """The record whose arrays were saved under a prefix.

    Raises:
        ArtifactError: one of its arrays is missing.
    """
    arrays = [tensor(tensors, f"{prefix}.{one.name}", file) for one in fields(cls)]  # type: ignore[arg-type]  # the records are dataclasses
    return cls(*arrays)


def tensor(tensors: Tensors, name: str, file: str) -> npt.NDArray[Any]:
    """One array.

    Raises:
        ArtifactError: it is missing.
    """
    if name not in tensors:
        raise ArtifactError(file, f"lacks the array {name!r}")
    return tensors[name]
