"""What the online store keeps of a user: the profile and single interactions."""

import math
from dataclasses import dataclass
from datetime import datetime

from hybridrec.errors import InvalidQuery
from hybridrec.schema.tables import EVENTS


@dataclass(frozen=True, slots=True)
class Interaction:
    """One listen, like or skip of a user, as it is stored: what is unknown is None.

    Attributes:
        plays: at least 0; a skip is no play.
        event: one of ``EVENTS``.
        timestamp: with a time zone, exact to the microsecond; stores give it back in UTC.
        ms_played: milliseconds, at least 0.

    Raises:
        InvalidQuery: a value is out of its range, or the timestamp has no time zone.
    """

    user_id: str
    track_id: str
    plays: float
    event: str | None = None
    timestamp: datetime | None = None
    ms_played: float | None = None

    def __post_init__(self) -> None:
        if not (math.isfinite(self.plays) and self.plays >= 0):
            raise InvalidQuery("plays", f"{self.plays} is not a finite number of at least 0")
        if self.event is not None and self.event not in EVENTS:
            raise InvalidQuery("event", f"{self.event!r} is not one of {', '.join(EVENTS)}")
        if self.timestamp is not None and self.timestamp.utcoffset() is None:
            raise InvalidQuery("timestamp", f"{self.timestamp} has no time zone")
        if self.ms_played is not None and not (
            math.isfinite(self.ms_played) and self.ms_played >= 0
        ):
            raise InvalidQuery("ms_played", f"{self.ms_played} is not a finite number, at least 0")


@dataclass(frozen=True, slots=True)
class Profile:
    """What a user stated of their taste, in the order they stated it."""

    user_id: str
    preferred_genres: tuple[str, ...] = ()
    preferred_moods: tuple[str, ...] = ()
