"""The roles that parts of the system play for each other; implementations know nothing of them."""

from collections.abc import Sequence
from typing import Protocol

from hybridrec.schema.names import MAX_HISTORY
from hybridrec.schema.profile import Interaction, Profile


class ProfileStore(Protocol):
    """Keeps what users state and do while the service runs.

    Methods block and may be called from several threads at once; a writing method returns after
    its change is durable and seen by every process that shares the store.

    Every method raises ``StageUnavailable`` if the store is closed, locked for too long or out of
    reach, and ``ArtifactError`` if its data is damaged. ``tests/contracts/profile_store.py`` says
    in code what each implementation promises.
    """

    def profile(self, user_id: str) -> Profile | None:
        """The profile last put, None if there is none."""
        ...

    def put_profile(self, profile: Profile) -> None:
        """Replaces the user's profile."""
        ...

    def interactions(self, user_id: str, limit: int = MAX_HISTORY) -> tuple[Interaction, ...]:
        """The user's newest interactions, oldest of them first.

        In the order of their timestamps, then of their arrival; one without a timestamp counts as
        older than any with one.

        Args:
            user_id: an id that need not be known.
            limit: at least 1.

        Raises:
            ValueError: the limit is below 1.
        """
        ...

    def add_interactions(self, interactions: Sequence[Interaction]) -> None:
        """Adds interactions of any users, all or none of them."""
        ...

    def is_erased(self, user_id: str) -> bool:
        """Whether the user was ever erased: what a bundle knows of this id is not to be used."""
        ...

    def erase(self, user_id: str) -> None:
        """Removes the user's rows and every trace of them, and leaves a tombstone.

        The tombstone stays for ever and does not hold the plain id. A user who comes back starts
        afresh: new rows are kept and ``is_erased`` remains true. Erasing again is harmless; after
        an error it completes what was begun.
        """
        ...

    def close(self) -> None:
        """Lets go of all resources; closing again is harmless."""
        ...
