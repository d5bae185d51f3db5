"""What an array of a bundle must be: its type, its shape in named sizes, its range."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hybridrec.errors import ArtifactError

AGAIN = "take the bundle again from where it was sound, or train it again"
"""What to do about values that no training makes."""

Size = int | str
"""A number, or the name of one that must be the same wherever it stands."""
Sizes = dict[str, int]


@dataclass(frozen=True, slots=True)
class Expected:
    """One array.

    Attributes:
        dtype: as NumPy writes it.
        shape: sizes, named ones found out at the first array that has them.
        low: smallest value allowed.
        high: largest value allowed.
        below: of rows, the size that all must be below.
        is_positive: whether the smallest value is above ``low``.
        may_be_unknown: whether NaN may stand in it; infinity never may.
        cuts: of offsets, the size of what they cut; they begin with 0, rise and end with it.
        may_be_empty: whether it may have no row.
    """

    dtype: str
    shape: tuple[Size, ...]
    low: float = -np.inf
    high: float = np.inf
    below: Size | None = None
    is_positive: bool = False
    may_be_unknown: bool = False
    cuts: str | None = None
    may_be_empty: bool = True


def floats(
    *shape: Size, low: float = -np.inf, high: float = np.inf, may_be_unknown: bool = False
) -> Expected:
    """Numbers between two others."""
    return Expected("<f4", shape, low, high, may_be_unknown=may_be_unknown)


def positive(*shape: Size, high: float, dtype: str = "<f4") -> Expected:
    """Numbers above 0, up to another."""
    return Expected(dtype, shape, low=0, high=high, is_positive=True)


def rows(*shape: Size, below: Size | None = None) -> Expected:
    """Rows of a table, from 0, or counts where nothing bounds them."""
    return Expected("<i4", shape, low=0, below=below)


def check_arrays(
    file: str,
    arrays: Mapping[str, npt.NDArray[np.generic]],
    expected: Mapping[str, Expected],
    sizes: Sizes,
) -> None:
    """Refuses a file whose arrays are not what is expected of it.

    Args:
        file: its name.
        arrays: what it holds.
        expected: what it should hold, no more and no less.
        sizes: those known so far; those that are found out here are added.

    Raises:
        ArtifactError: saying which array is wrong, and how.
    """
    for name in expected:
        if name not in arrays:
            raise ArtifactError(file, f"lacks the array {name!r}")
    for name, array in arrays.items():
        if name not in expected:
            raise ArtifactError(file, f"holds the array {name!r}, which this release does not know")
        reason = _wrong_form(array, expected[name], sizes)
        if reason is not None:
            raise ArtifactError(file, f"its array {name!r} {reason}")
    for name, array in arrays.items():
        reason = _wrong_values(array, expected[name], sizes)
        if reason is not None:
            raise ArtifactError(file, f"its array {name!r} {reason}; {AGAIN}")


def _wrong_form(array: npt.NDArray[np.generic], expected: Expected, sizes: Sizes) -> str | None:
    if array.dtype != np.dtype(expected.dtype):
        return f"is of type {array.dtype}, wanted is {np.dtype(expected.dtype)}"
    wanted = [sizes.get(size, size) if isinstance(size, str) else size for size in expected.shape]
    if array.ndim != len(wanted) or any(
        isinstance(size, int) and size != found
        for size, found in zip(wanted, array.shape, strict=True)
    ):
        return f"has the shape {array.shape}, wanted is ({', '.join(map(str, wanted))})"
    if not expected.may_be_empty and not len(array):
        return "has no row"
    for size, found in zip(expected.shape, array.shape, strict=True):
        if isinstance(size, str):
            sizes[size] = found
    return None


def _wrong_values(array: npt.NDArray[np.generic], expected: Expected, sizes: Sizes) -> str | None:
    if not array.size:
        return None
    low, high = _range(array, expected)
    if np.isnan(low) and expected.may_be_unknown:
        return None
    if not (np.isfinite(low) and np.isfinite(high)):
        return "holds infinity" if expected.may_be_unknown else "holds NaN or infinity"
    if low < expected.low or high > expected.high:
        return f"is not within {expected.low:g} and {expected.high:g}"
    if expected.is_positive and low <= expected.low:
        return f"is not above {expected.low:g}"
    return _wrong_rows(array, high, expected, sizes)


def _range(array: npt.NDArray[np.generic], expected: Expected) -> tuple[float, float]:
    """Smallest and largest value; NaN if there is none that is known, or one where none may be."""
    if expected.may_be_unknown:
        return float(np.fmin.reduce(array, axis=None)), float(np.fmax.reduce(array, axis=None))
    return float(np.min(array)), float(np.max(array))


def _wrong_rows(
    array: npt.NDArray[np.generic], high: float, expected: Expected, sizes: Sizes
) -> str | None:
    if expected.below is not None and high >= _size(expected.below, sizes):
        return f"holds {high:g}, of {_size(expected.below, sizes)} rows"
    if expected.cuts is not None and not _cuts(array, _size(expected.cuts, sizes)):
        return f"does not cut {_size(expected.cuts, sizes)} entries into parts"
    return None


def _cuts(offsets: npt.NDArray[np.generic], n: int) -> bool:
    whole = np.asarray(offsets, np.int64)
    return bool(whole[0] == 0 and whole[-1] == n and (np.diff(whole) >= 0).all())


def _size(size: Size, sizes: Sizes) -> int:
    return size if isinstance(size, int) else sizes[size]
