"""How tracks that no base model saw are ranked, among themselves: by every way, and in losses.

The candidates of serving hold few of them, so that the other figures say next to nothing of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from hybridrec.answers.plan import plan
from hybridrec.evaluation.card import ModelCard
from hybridrec.fusion.fusions import Fusions
from hybridrec.models.groups import confidence_groups
from hybridrec.models.nmf import NMFScorer
from hybridrec.models.retrieval import retrieved
from hybridrec.models.two_tower import TwoTowerScorer
from hybridrec.schema.names import Rows
from hybridrec.schema.ragged import offsets_of
from hybridrec.schema.records import AudioFeatures, QueryBatch
from hybridrec.training.examples import SourceCalibrators, StackBatch
from hybridrec.training.judge import RANKED_BY, STAGES, asked_of
from hybridrec.training.pools import is_in
from hybridrec.training.queries import QUERIES_PER_BATCH, Stack
from hybridrec.training.rankings import Rankings
from hybridrec.training.scorers import FittedBase

N_TRACKS, N_ASKERS = 250, 1000
"""New tracks that are ranked, and listeners who are asked about them, at most."""


@dataclass(frozen=True, slots=True, eq=False)
class NewTracks:
    """Questions about new tracks, of users that calibrate and play any.

    Attributes:
        rows: shape (n,), of the catalogue, rising: the tracks.
        users: who is asked.
        wanted: of each, shape (m,): which of the tracks they play, as rows of the catalogue.
    """

    rows: Rows
    users: Sequence[int]
    wanted: Sequence[Rows]

    @classmethod
    def of(cls, stack: Stack, rng: np.random.Generator) -> "NewTracks":
        """Those of a stack; of many, some that are drawn."""
        rows = np.sort(rng.permutation(stack.new_tracks)[:N_TRACKS]).astype(np.int32)
        played = {user: rows[np.isin(rows, stack.kept_back(user))] for user in stack.judging}
        willing = [user for user, tracks in played.items() if len(tracks)]
        users: list[int] = rng.permutation(np.array(willing, np.int64))[:N_ASKERS].tolist()
        return cls(rows, users, [played[user] for user in users])

    def queries(self, stack: Stack, candidates: Rows) -> Iterator[QueryBatch]:
        """The questions, in batches, everyone's about the same candidates."""
        for start in range(0, len(self.users), QUERIES_PER_BATCH):
            asks = [stack.ask(user) for user in self.users[start : start + QUERIES_PER_BATCH]]
            each = [candidates] * len(asks)
            yield replace(
                plan(asks, stack.knowledge, np.inf).queries,
                candidate_rows=np.concatenate(each),
                offsets=offsets_of(each),
            )

    def batches(self, stack: Stack, cf: NMFScorer, content: TwoTowerScorer) -> Iterator[StackBatch]:
        """What base models that are not calibrated say of them."""
        for number, queries in enumerate(self.queries(stack, self.rows)):
            part = slice(number * QUERIES_PER_BATCH, (number + 1) * QUERIES_PER_BATCH)
            n, n_queries = len(queries.candidate_rows), len(queries)
            no_audio = AudioFeatures.measured(queries.cold_items.audio)
            yield StackBatch(
                queries=queries,
                cf=cf.score(queries),
                content=content.score(queries, no_audio),
                played=is_in(queries, retrieved(self.wanted[part])),
                random=np.zeros(n, bool),
                pooled=np.ones(n, bool),
                surplus=np.zeros(n, bool),
                groups=confidence_groups(queries, cf.interactions),
                users=np.array(self.users[part], np.int32),
                is_new=queries.user_rows < 0,
                asks_again=np.zeros(n_queries, bool),
                calibrates=np.ones(n_queries, bool),
            )


def judge_new_tracks(
    card: ModelCard,
    stack: Stack,
    base: FittedBase,
    calibrators: Sequence[SourceCalibrators],
    fusions: Fusions,
    rng: np.random.Generator,
) -> ModelCard:
    """The card with the slice ``new_tracks``; as it was where nobody was asked.

    Popularity is no way to rank what nobody has played.

    Args:
        card: of all other slices.
        stack: knows who asks, and which tracks are new.
        base: the base models that did not see them, not calibrated.
        calibrators: of cf and content.
        fusions: calibrated.
        rng: draws tracks, listeners and the intervals.
    """
    new, rankings = NewTracks.of(stack, rng), Rankings(of_all="new_tracks")
    wanted = iter(new.wanted)
    for batch in new.batches(stack, base.cf, base.content):
        labels = list(islice(wanted, len(batch.users)))
        rankings.add(batch, labels, asked_of(batch, calibrators, fusions).ways)
    if not new.users:
        return card
    names = [name for name in RANKED_BY if name != "popularity"]
    return card.model_copy(
        update={
            "quality": (*card.quality, *rankings.quality(names, rng)),
            "losses": (*card.losses, *rankings.losses(STAGES, rng)),
            "gains": (*card.gains, *rankings.gains(names[1:], rng)),
        }
    )
