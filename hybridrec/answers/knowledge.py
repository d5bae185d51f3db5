"""What whoever answers requests must know of a bundle, besides the models."""

from dataclasses import dataclass, field

import numpy as np

from hybridrec.catalog import Catalog
from hybridrec.features.item import ItemEncoder
from hybridrec.histories import Histories
from hybridrec.schema.names import Floats, Mask, Rows
from hybridrec.schema.profile import Interaction, Profile
from hybridrec.schema.records import AudioFeatures, ItemFeatures
from hybridrec.vocabulary import Vocabulary

NO_ROWS: Rows = np.zeros(0, np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class Knowledge:
    """The bundle's tracks and users.

    Attributes:
        version: of the bundle.
        catalog: metadata of its tracks.
        users: ids of its users.
        histories: what each user played in training.
        idle_days: shape (n_users,), days from each user's newest play to the data's cut-off, NaN if
            nothing is dated.
        sessions: shape (n_users, 18), session features at the data's cut-off, NaN if unknown.
        listening_hours: shape (n_users, 24), whether an hour of the day, in UTC, is one of
            those in which the user mostly listens; none is where few plays are dated.
        encoder: turns tracks into rows of the bundle's vocabularies.
        items: features of the bundle's tracks.
        audio: their audio, predicted in the gaps.
        popular: all rows, most popular first.
        no_items: features of no track at all.
    """

    version: str
    catalog: Catalog
    users: Vocabulary
    histories: Histories
    idle_days: Floats
    sessions: Floats
    listening_hours: Mask
    encoder: ItemEncoder
    items: ItemFeatures
    audio: AudioFeatures
    popular: Rows = field(init=False)
    no_items: ItemFeatures = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "popular", self.catalog.popular())
        object.__setattr__(self, "no_items", self.items.take(NO_ROWS))


@dataclass(frozen=True, slots=True)
class Known:
    """What the profile store says of one listener.

    Attributes:
        profile: what the user stated, if anything.
        interactions: since training, oldest first.
        is_erased: whether the bundle's knowledge of the user must not be used.
    """

    profile: Profile | None = None
    interactions: tuple[Interaction, ...] = ()
    is_erased: bool = False

    @classmethod
    def nothing(cls) -> "Known":
        """Of a listener whom the store does not know, or with no store at all."""
        return cls()
