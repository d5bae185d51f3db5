"""Two bundles' lists for the same questions, in pairs: measure by measure, slice by slice."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from pydantic import Field

from hybridrec.assessment.kinds import kinds_of_listeners, kinds_of_tracks
from hybridrec.assessment.pairing import Pairing
from hybridrec.evaluation.card import Figure
from hybridrec.evaluation.figures import difference_figure
from hybridrec.evaluation.hits import PerUser
from hybridrec.evaluation.judgement import Judge, Judgement
from hybridrec.evaluation.ranking import evaluate_rankings
from hybridrec.evaluation.trained import Part
from hybridrec.schema.names import Rows
from hybridrec.vocabulary import Vocabulary

LIST_LENGTH = 20
"""Places of each list: all that a measure looks at, from as many candidates as serving retrieves
for short lists."""
Pair = tuple[PerUser, PerUser]
"""Values of the current bundle and of the candidate, of the same users; shape (B,) each, NaN for
users who are left out."""


class Compared(Part):
    """Means of both bundles over the users that both have a value of.

    Attributes:
        n_users: of whom there are values.
        current: mean of the current bundle.
        candidate: mean of the candidate.
        difference: candidate - current, with its 95 % interval.
    """

    n_users: int = Field(ge=1)
    current: float
    candidate: float
    difference: Figure


class Plain(Part):
    """A value of all lists of a bundle together, which has no interval."""

    current: float
    candidate: float

    @property
    def difference(self) -> float:
        """Candidate - current."""
        return self.candidate - self.current


@dataclass(frozen=True, slots=True, eq=False)
class Rivals:
    """What both bundles answered to the same questions.

    Attributes:
        pairing: the questions.
        lists: of the current bundle and of the candidate, shape (B, K) each, rows of the pairing's
            catalogue, best first, -1 where nothing is shown.
        users: of the current bundle.
    """

    pairing: Pairing
    lists: tuple[Rows, Rows]
    users: Vocabulary

    def judged(self) -> tuple[Judgement, Judgement]:
        """All measures of both, by what the current bundle knows of tracks."""
        judge, asked = Judge.of(self.pairing.catalog, len(self.users)), self.pairing.asked
        current, candidate = self.lists
        return judge.judge(current, asked), judge.judge(candidate, asked)

    def of_listeners(self, values: Pair) -> Iterator[tuple[str, Pair]]:
        """Values of each kind of listener, NaN for all others."""
        for kind, chosen in kinds_of_listeners(self.pairing.asked, self.users):
            current, candidate = (np.where(chosen, one, np.nan) for one in values)
            yield kind, (current, candidate)

    def of_tracks(self) -> Iterator[tuple[str, Pair]]:
        """NDCG@10 of each kind of track, as if nothing else were to be found.

        Kinds are those of the current bundle, for both, and so are those of listeners.
        """
        for kind, chosen in kinds_of_tracks(self.pairing.catalog.interactions):
            about = self.pairing.asked.about(chosen)
            relevant = about.relevant_rows, about.relevant_offsets
            current, candidate = (
                evaluate_rankings(rows, *relevant).ndcg_at_10 for rows in self.lists
            )
            yield kind, (current, candidate)


def compared(values: Pair, rng: np.random.Generator) -> Compared | None:
    """Both in pairs; None where there is no user that both have a value of."""
    current, candidate = values
    difference = difference_figure(candidate, current, rng)
    if difference is None:
        return None
    both = ~np.isnan(current) & ~np.isnan(candidate)
    return Compared(
        n_users=int(both.sum()),
        current=float(current[both].mean()),
        candidate=float(candidate[both].mean()),
        difference=difference,
    )
