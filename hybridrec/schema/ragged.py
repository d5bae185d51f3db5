"""Parts of different lengths in one flat array, cut by offsets."""

from collections.abc import Sequence, Sized

import numpy as np

from hybridrec.schema.names import Rows

Places = np.ndarray[tuple[int], np.dtype[np.int64]]
"""Where entries stand in a flat array; shape (n,)."""


def offsets_of(parts: Sequence[Sized]) -> Rows:
    """Shape (len(parts) + 1,): where each part begins among all of them, and the end of all."""
    return np.cumsum([0, *map(len, parts)]).astype(np.int32)


def places_of(offsets: Rows, parts: Rows) -> Places:
    """Where all of some parts stand in the array that the offsets cut, part by part."""
    starts, sizes = offsets[:-1][parts].astype(np.int64), np.diff(offsets)[parts]
    before = np.cumsum(sizes) - sizes
    places: Places = np.arange(sizes.sum(), dtype=np.int64) + (starts - before).repeat(sizes)
    return places
