"""The users of the training whose taste is nearest to a listener's."""

import numpy as np

from hybridrec.schema.evidence import Neighbours
from hybridrec.schema.names import Floats, Rows

N_NEIGHBOURS = 10


def nearest_users(
    user_factors: Floats, user_rows: Rows, reference_users: Floats, reference_rows: Rows
) -> Neighbours:
    """The nearest users to each listener, by the cosine of their factors.

    Args:
        user_factors: shape (B, k), at least 0; a row of zeros is an unknown user.
        user_rows: shape (B,), -1 for strangers to the training.
        reference_users: shape (R, k), unit length.
        reference_rows: shape (R,), who they are: nobody is near to oneself.
    """
    similarity = np.zeros(len(user_factors), np.float32)
    rows = np.full((len(user_factors), N_NEIGHBOURS), -1, np.int32)
    for place, (factors, user) in enumerate(zip(user_factors, user_rows, strict=True)):
        length = float(np.sqrt(factors @ factors))
        others = np.flatnonzero(reference_rows != user)
        if length > 0 and len(others):
            cosines = (reference_users @ factors / length)[others]
            n = min(N_NEIGHBOURS, len(others))
            best = np.flatnonzero(cosines >= np.partition(cosines, -n)[-n])  # ties go by place
            nearest = best[np.argsort(-cosines[best], kind="stable")][:n]
            similarity[place] = np.clip(cosines[nearest].mean(), 0.0, 1.0)
            rows[place, : len(nearest)] = reference_rows[others[nearest]]
    return Neighbours(similarity, rows)
