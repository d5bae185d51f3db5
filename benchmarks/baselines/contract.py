"""What every baseline promises, and what it is given."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.sparse import csr_matrix

from hybridrec.config import Config
from hybridrec.histories import interaction_weight
from hybridrec.vocabulary import Vocabulary

Matrix = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """What a baseline may learn from.

    Attributes:
        plays: shape (n_users, n_items), plays of each user and track, above 0 where stored.
        tracks: the canonical table, in the order of the columns of ``plays``.
        threads: how many it may use.
        seed: of all that it draws.
    """

    plays: csr_matrix
    tracks: pl.DataFrame
    threads: int
    seed: int

    @property
    def is_played(self) -> npt.NDArray[np.bool_]:
        """Whether anybody played each track; shape (n_items,)."""
        played: npt.NDArray[np.bool_] = (
            np.bincount(self.plays.indices, minlength=len(self.tracks)) > 0
        )
        return played


class Fitted(Protocol):
    """A baseline that can answer."""

    def scores(self, histories: csr_matrix) -> Matrix:
        """Shape (B, n_items), higher is better, of users known by their plays alone.

        Whether training knew them makes no difference: everyone is folded in.

        Args:
            histories: shape (B, n_items), plays.
        """
        ...


class Baseline(Config, ABC):
    """The options of a baseline, with which it can be fitted.

    Attributes:
        name: how figures call it.
        scores_new_tracks: whether it can tell apart tracks that nobody has played.
    """

    name: ClassVar[str]
    scores_new_tracks: ClassVar[bool] = False

    @abstractmethod
    def fit(self, material: Material) -> Fitted:
        """Learns from the plays, the tracks' content, or both."""


def plays_of(table: pl.DataFrame, users: Vocabulary, tracks: Vocabulary) -> csr_matrix:
    """A canonical table of interactions as plays of each user and track.

    Args:
        table: rows of other users and tracks are left out.
        users: the rows.
        tracks: the columns.
    """
    rows = users.rows(table["user_id"].to_list())
    columns = tracks.rows(table["track_id"].to_list())
    plays = table["plays"].to_numpy().astype(np.float32)
    kept = (rows >= 0) & (columns >= 0) & (plays > 0)
    shape = (len(users), len(tracks))
    return csr_matrix((plays[kept], (rows[kept], columns[kept])), shape)  # adds up what is twice


def weighted(plays: csr_matrix, *, log_plays: bool) -> csr_matrix:
    """Plays as evidence: 1 for each track, or growing with the logarithm of its plays."""
    found = plays.copy()
    found.data = interaction_weight(plays.data) if log_plays else np.ones_like(plays.data)
    return found
