"""Frozen records of arrays to safetensors and back."""

from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load, save

from hybridrec.errors import ArtifactError
from hybridrec.persistence.bundle import Bundle
from hybridrec.persistence.expected import check_arrays
from hybridrec.persistence.layout import ARRAYS

Tensors = dict[str, npt.NDArray[Any]]
Record = TypeVar("Record")


def tensor_bytes(tensors: Tensors) -> bytes:
    """The arrays as a safetensors file: the same arrays, the same bytes."""
    data: bytes = save({name: np.ascontiguousarray(array) for name, array in tensors.items()})
    return data


def read_tensors(
    bundle: Bundle, file: str, sizes: Mapping[str, int] = MappingProxyType({})
) -> Tensors:
    """The arrays of one file, each as ``layout`` says that it must be.

    Args:
        bundle: where the file is.
        file: its name.
        sizes: what is known of other files, by the names of the layout.

    Raises:
        ArtifactError: it is no safetensors file, or an array is missing, unknown or wrong.
    """
    data = bundle.read(file)
    try:
        tensors: Tensors = load(data)
    except (SafetensorError, KeyError) as error:  # KeyError: a type that NumPy does not have
        raise ArtifactError(file, f"is no safetensors file: {error}") from error
    check_arrays(file, tensors, ARRAYS[file], dict(bundle.sizes) | dict(sizes))
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
