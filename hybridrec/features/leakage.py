"""What the audio predictor may see of a track: what it is, never how it fared.

Popularity, plays and ratings know the future of a new track and are not among its inputs.
"""

import numpy as np

from hybridrec.schema.names import Floats, Rows
from hybridrec.schema.records import ItemFeatures

YEAR_ORIGIN, YEAR_SCALE = 1990.0, 30.0
LOG_DURATION_ORIGIN = float(np.log(220_000.0))


def intrinsic_inputs(items: ItemFeatures) -> dict[str, Rows | Floats]:
    """Inputs of the audio predictor's network, by name, for C tracks."""
    year = (items.year - YEAR_ORIGIN) / YEAR_SCALE
    duration = np.log(items.duration_ms) - LOG_DURATION_ORIGIN
    numbers = np.stack([year, duration], axis=1)  # (C, 2)
    known = ~np.isnan(numbers)
    return {
        "names": items.names,
        "artist_rows": items.artist_rows,
        "genre_rows": items.genre_rows,
        "mood_rows": items.mood_rows,
        "tag_rows": items.tag_rows,
        "numbers": np.where(known, numbers, 0.0).astype(np.float32),
        "numbers_known": known.astype(np.float32),
    }
