"""A made-up listening world: its options, its tables, and its listeners' true preferences."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydantic import AwareDatetime, Field
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from hybridrec.config import Config
from hybridrec.datasets.publish import publish
from hybridrec.datasets.table import Dataset
from hybridrec.errors import InvalidData
from hybridrec.schema.names import Floats, Mask, Rows

Floats64 = npt.NDArray[np.float64]

TRUTH_FILE = "truth.safetensors"


class WorldConfig(Config):
    """Size and character of a made-up listening world."""

    n_users: int = Field(default=2_000, ge=1)
    """Listeners; one that draws no play at all is in the truth and in no table."""
    n_tracks: int = Field(default=3_000, ge=20)
    """Tracks, about ten an artist."""
    n_days: int = Field(default=120, ge=7)
    """Days that the log covers."""
    start: AwareDatetime = datetime(2024, 9, 2, tzinfo=UTC)
    """First moment of the log."""
    median_library: float = Field(default=35.0, gt=0)
    """Median number of distinct tracks that a listener plays in that time."""
    library_spread: float = Field(default=0.7, ge=0, le=2)
    """Standard deviation of the logarithm of that number: a few listeners play very much."""
    popularity_exponent: float = Field(default=0.9, ge=0, le=2)
    """Exponent of Zipf's law of the tracks' popularity; 0 makes all tracks equally popular."""
    cold_share: float = Field(default=0.03, ge=0, lt=1)
    """Share of tracks that nobody has played yet."""
    no_audio_share: float = Field(default=0.3, ge=0, le=1)
    """Share of tracks whose audio was never measured."""
    audio_gap_share: float = Field(default=0.01, ge=0, le=1)
    """Share of single audio values that are missing besides."""
    no_genre_share: float = Field(default=0.1, ge=0, le=1)
    """Share of tracks that nobody gave a genre."""
    no_mood_share: float = Field(default=0.4, ge=0, le=1)
    """Share of tracks that nobody gave a mood."""


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """What the listeners truly like: the answer that no model is shown.

    Attributes:
        user_truth: shape (n_users, d).
        item_truth: shape (n_tracks, d), in the order of the table of tracks.
        user_types: shape (n_users,), place of each listener's type in ``USER_TYPES``.
        is_cold: shape (n_tracks,), tracks that could not be played yet.
    """

    user_truth: Floats
    item_truth: Floats
    user_types: Rows
    is_cold: Mask

    @property
    def user_ids(self) -> tuple[str, ...]:
        """Ids of the rows of ``user_truth`` in the table of interactions."""
        return tuple(f"u{row:06d}" for row in range(len(self.user_truth)))

    def true_affinity(self, user_rows: Rows) -> Floats:
        """Natural logarithm of how often each listener is expected to choose each track.

        Returns:
            shape (B, n_tracks), unbounded; for a cold track, what it would be.
        """
        affinity: Floats = self.user_truth[user_rows] @ self.item_truth.T
        return affinity

    def play_probability(self, user_rows: Rows) -> Floats:
        """The very probability with which each listener's library was drawn.

        Returns:
            shape (B, n_tracks), in [0, 1]: that the listener plays the track in the log's time.
        """
        probability: Floats = -np.expm1(-np.exp(self.true_affinity(user_rows)))
        return np.where(self.is_cold, np.float32(0), probability)

    def write(self, path: Path) -> None:
        """Writes the arrays as safetensors."""
        arrays = {name: np.ascontiguousarray(getattr(self, name)) for name in self.__slots__}
        path.write_bytes(save(arrays))  # what a disk refuses is told as of any file


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """Tables for a recommender to learn from, and the truth to judge it by."""

    dataset: Dataset
    truth: Truth

    @property
    def user_truth(self) -> Floats:
        """Shape (n_users, d)."""
        return self.truth.user_truth

    @property
    def item_truth(self) -> Floats:
        """Shape (n_tracks, d)."""
        return self.truth.item_truth

    def true_affinity(self, user_rows: Rows) -> Floats:
        """Shape (B, n_tracks), as of ``Truth.true_affinity``."""
        return self.truth.true_affinity(user_rows)

    def save(self, folder: Path) -> None:
        """Writes the two tables and ``truth.safetensors`` into a folder.

        Raises:
            InvalidData: the folder cannot be written.
        """
        self.dataset.check()
        publish(folder, {TRUTH_FILE: self.truth.write, **self.dataset.writers()})


def load_truth(folder: Path) -> Truth:
    """Reads ``truth.safetensors`` of a folder that ``World.save`` wrote.

    Raises:
        InvalidData: the file is not there, damaged, or of another world format.
    """
    path = folder / TRUTH_FILE
    cure = "write it again with `hybridrec data synth`"
    try:
        arrays = load_file(path)
        return Truth(**arrays)
    except OSError as failure:
        raise InvalidData(str(path), f"cannot be read ({failure.strerror}); {cure}") from failure
    except (SafetensorError, TypeError) as failure:
        raise InvalidData(str(path), f"is no truth of a world; {cure}") from failure
