"""What critics say of a track: its critics' score, and how many ratings that rests on."""

from dataclasses import replace

import numpy as np

from hybridrec.schema.names import RATING_FEATURES, Floats, Mask
from hybridrec.schema.records import ItemFeatures

ACCLAIM_ABOVE = 80.0
"""Critics' score, of 100, above which a track may be called acclaimed."""
SCORE, N_RATINGS = (RATING_FEATURES.index(name) for name in ("aoty_score", "aoty_num_ratings"))


def may_be_acclaimed(items: ItemFeatures) -> Mask:
    """Whether each track's critics' score is above the limit; shape (C,)."""
    above: Mask = items.ratings[:, SCORE] > np.float32(ACCLAIM_ABOVE) / 100
    return above


def without_critics(items: ItemFeatures) -> ItemFeatures:
    """The same tracks with critics' score and number of ratings unknown, all else as it is."""
    ratings: Floats = items.ratings.copy()
    ratings[:, [SCORE, N_RATINGS]] = np.nan
    return replace(items, ratings=ratings)
